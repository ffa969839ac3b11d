import type { Activation } from "../catalog/activations.js";
import { architectureOf, type Part } from "./architecture.js";
import type { NetworkConfig } from "./network-config.js";

/** The table of {@link Network.summary}. */
export function summaryOf(config: NetworkConfig): string {
  const { inputs, scaling, parts, drops, parameterCount, statisticsCount, ...output } =
    architectureOf(config);
  let depth = 0;
  const table = parts.map((part, i) => {
    const drop = "drop" in part && part.drop !== undefined ? drops[part.drop] : undefined;
    const words = [
      ...describePart(part),
      ...(i === parts.length - 1 ? describeActivation(output.outputActivation, output.outputName) : []),
      ...(drop?.keepProb === undefined ? [] : [called(`dropout ${drop.keepProb}`, drop.name)]),
    ];
    if (part.kind === "close") depth--;
    const text = "  ".repeat(depth) + words.join(", ");
    if (part.kind === "open") depth++;
    return [text, `${part.outputs}`, counted("parameterCount" in part ? part.parameterCount : 0)];
  });
  const scaled =
    scaling === undefined
      ? []
      : [[called(`scaling, ${scaling.data.method}`, scaling.data.name), `${inputs}`, "0"]];
  const lines = [["layer", "output", "parameters"], ["input", `${inputs}`, "0"], ...scaled, ...table];
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const total = `total: ${counted(parameterCount)} parameters`;
  const others = statisticsCount === 0 ? "" : `, ${counted(statisticsCount)} running statistics`;
  return [...lines.map((line) => row(line, widths)), `${total}${others}, ${config.dtype}`].join("\n");
}

/** 1234567 → 1,234,567 */
function counted(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

function row([text = "", output = "", count = ""]: readonly string[], widths: readonly number[]): string {
  return `${text.padEnd(widths[0] ?? 0)}  ${output.padStart(widths[1] ?? 0)}  ${count.padStart(widths[2] ?? 0)}`;
}

function describePart(part: Part): string[] {
  if (part.kind === "open") return [`${called("residual", part.name)}: input kept`];
  if (part.kind === "close") return [`${called("residual", part.name)}: input added`];
  const g = "activation" in part ? describeActivation(part.activation, part.activationName) : [];
  return part.kind === "elementwise" ? g : [called(part.kind, part.name), ...g];
}

function describeActivation(activation: Activation, name: string | undefined): string[] {
  return activation === "linear" && name === undefined ? [] : [called(activation, name)];
}

/** Such as `dense "encoder"`. */
function called(text: string, name: string | undefined): string {
  return name === undefined ? text : `${text} ${JSON.stringify(name)}`;
}
