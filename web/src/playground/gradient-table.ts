import type { GradientFindings } from "./messages.js";

const HEADINGS = ["Block", "Relative error", "Compared", "Passed over", "Worst entry", "Verdict"] as const;

/** What the gradient check found, as a sentence and a table. */
export function gradientTable(findings: GradientFindings): Node[] {
  const { ok, blocks, examples, milliseconds } = findings;
  const verdict = document.createElement("p");
  verdict.className = ok ? "verdict good" : "verdict bad";
  const compared = blocks.reduce((sum, block) => sum + block.compared, 0);
  verdict.textContent = ok
    ? `Passed: all ${compared} derivatives agree with their central differences (${examples} examples, ${milliseconds.toFixed(0)} ms).`
    : `Failed: not every derivative agrees with its central difference (${examples} examples).`;

  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const heading of HEADINGS) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = heading;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const block of blocks) {
    const row = body.insertRow();
    const name = document.createElement("th");
    name.scope = "row";
    name.textContent = block.name;
    row.append(name);
    for (const text of [
      block.relativeError.toExponential(1),
      String(block.compared),
      String(block.rejected),
      block.worst?.name ?? "–",
      block.ok ? "ok" : "wrong",
    ]) {
      row.insertCell().textContent = text;
    }
  }
  const scroller = document.createElement("div");
  scroller.className = "scroller";
  scroller.tabIndex = 0;
  scroller.role = "region";
  scroller.ariaLabel = "Gradient check, block by block";
  scroller.append(table);
  return [verdict, scroller];
}
