import type { GradientFindings } from "./messages.js";

/** Minor ones are left out where there is little room. */
const COLUMNS = [
  { heading: "Block", minor: false },
  { heading: "Relative error", minor: false },
  { heading: "Compared", minor: true },
  { heading: "Passed over", minor: true },
  { heading: "Worst entry", minor: true },
  { heading: "Verdict", minor: false },
] as const;

/** What the gradient check found, as a sentence and a table. */
export function gradientTable(findings: GradientFindings): Node[] {
  const { ok, blocks } = findings;
  const verdict = document.createElement("p");
  verdict.className = ok ? "verdict good" : "verdict bad";
  verdict.textContent = sentence(findings);

  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const { heading, minor } of COLUMNS) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.classList.toggle("minor", minor);
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
    const texts = [
      block.relativeError.toExponential(1),
      String(block.compared),
      String(block.rejected),
      block.worst?.name ?? "–",
      block.verdict,
    ];
    texts.forEach((text, i) => {
      const cell = row.insertCell();
      cell.classList.toggle("minor", COLUMNS[i + 1]?.minor ?? false);
      cell.textContent = text;
    });
  }
  const scroller = document.createElement("div");
  scroller.className = "scroller";
  scroller.tabIndex = 0;
  scroller.role = "region";
  scroller.ariaLabel = "Gradient check, block by block";
  scroller.append(table);
  return [verdict, scroller];
}

function sentence({ ok, blocks, examples, milliseconds }: GradientFindings): string {
  if (!ok) return `Failed: not every derivative agrees with its central difference (${examples} examples).`;
  const sum = (count: "compared" | "unresolved") => blocks.reduce((total, block) => total + block[count], 0);
  const [compared, unresolved] = [sum("compared"), sum("unresolved")];
  const agree = unresolved === 0 ? `all ${compared}` : `${compared - unresolved} of ${compared}`;
  const others = unresolved === 0 ? "" : "; for the others rounding leaves no more to be seen";
  return `Passed: ${agree} derivatives agree with their central differences${others} (${examples} examples, ${milliseconds.toFixed(0)} ms).`;
}
