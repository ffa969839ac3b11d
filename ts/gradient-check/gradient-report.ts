import type { GradientBlock } from "./gradient-block.js";

const HEADER = [
  "block",
  "relative error",
  "compared",
  "rejected",
  "unresolved",
  "worst entry",
  "step",
  "analytic",
  "numeric",
  "",
];

/** A gradient check for people: the verdict, and a line a block. */
export function gradientReport(blocks: readonly GradientBlock[], threshold: number): string {
  const rows = blocks.map(({ name, relativeError, compared, rejected, unresolved, worst, verdict }) => [
    name,
    relativeError.toExponential(2),
    String(compared),
    String(rejected),
    String(unresolved),
    worst?.name ?? "",
    worst?.step.toExponential(2) ?? "",
    worst?.analytic.toExponential(8) ?? "",
    worst?.numeric.toExponential(8) ?? "",
    verdict === "wrong" ? "WRONG" : verdict,
  ]);
  const widths = HEADER.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  return [sentence(blocks, threshold), line(HEADER), ...rows.map(line)].join("\n");
}

function sentence(blocks: readonly GradientBlock[], threshold: number): string {
  const named = (verdict: GradientBlock["verdict"]) =>
    blocks.filter((block) => block.verdict === verdict).map(({ name }) => name);
  const [wrong, limited] = [named("wrong"), named("rounding limit")];
  if (wrong.length > 0) return `Gradient check FAILED in ${wrong} (threshold ${threshold}).`;
  if (limited.length === 0) {
    return `Gradient check passed: every block is within ${threshold} of its central difference.`;
  }
  return (
    `Gradient check passed, as far as rounding lets it tell: ${limited} differ by more than ${threshold}, ` +
    "but by no more than their central differences may be off themselves."
  );
}
