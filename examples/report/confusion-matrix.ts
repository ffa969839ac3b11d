/** counts[true class][predicted class] */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): number[][] {
  if (labels.length !== predictions.length) {
    throw new RangeError(`${labels.length} labels, but ${predictions.length} predictions`);
  }
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) {
    const row = counts[labels[i] ?? -1];
    const predicted = predictions[i] ?? -1;
    const count = row?.[predicted];
    if (row === undefined || count === undefined) {
      throw new RangeError(`example ${i}: class ${labels[i]}, predicted ${predicted}, of ${classes} classes`);
    }
    row[predicted] = count + 1;
  }
  return counts;
}

/** The share of a class's examples that were recognised; undefined for a class without examples. */
export function recall(counts: readonly (readonly number[])[], ofClass: number): number | undefined {
  const row = counts[ofClass] ?? [];
  const examples = sum(row);
  return examples === 0 ? undefined : (row[ofClass] ?? 0) / examples;
}

/** Columns bear the names of their classes if all of them fit into this many characters, else numbers. */
const WIDEST_HEADING = 60;

/** A table for people: a row a true class, a column a predicted class, `·` for none, and the recall. */
export function formatConfusionMatrix(
  counts: readonly (readonly number[])[],
  classes: readonly string[],
): string {
  const cells = counts.map((row) => row.map((count) => (count === 0 ? "·" : `${count}`)));
  const widthFor = (headings: readonly string[]) =>
    Math.max(...[...headings, ...cells.flat()].map((text) => text.length)) + 2;
  const numbers = classes.map((_, i) => `${i}`);
  const isWide = widthFor(classes) > widthFor(numbers) && widthFor(classes) * classes.length > WIDEST_HEADING;
  const headings = isWide ? numbers : classes;
  const names = isWide ? classes.map((name, i) => `${i} ${name}`) : classes;
  const width = widthFor(headings);
  const nameWidth = Math.max("true".length, ...names.map((name) => name.length));
  const line = (name: string, row: readonly string[], end: string) =>
    `${name.padStart(nameWidth)} │${row.map((cell) => cell.padStart(width)).join("")}  │ ${end}`;
  const rule = (joint: string) =>
    `${"─".repeat(nameWidth + 1)}${joint}${"─".repeat(width * names.length + 2)}${joint}${"─".repeat(8)}`;
  const rows = cells.map((row, i) => {
    const share = recall(counts, i);
    return line(names[i] ?? `${i}`, row, share === undefined ? "  none" : percent(share));
  });
  const title = `${" ".repeat(nameWidth)} │  predicted`;
  return [title, line("true", headings, "recall"), rule("┼"), ...rows].join("\n");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`.padStart(7);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
