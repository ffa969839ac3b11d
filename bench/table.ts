/** Lines of text: a column is as wide as its widest cell; all but the first `left` columns end flush. */
export function table(header: readonly string[], rows: readonly (readonly string[])[], left: number): string {
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => widthOf(row[i] ?? ""))));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => {
        const padding = " ".repeat((widths[i] ?? 0) - widthOf(cell));
        return i < left ? cell + padding : padding + cell;
      })
      .join("  ")
      .trimEnd();
  return all.map(line).join("\n");
}

/** Characters as they are seen. */
function widthOf(text: string): number {
  return [...text].length;
}

/** 1234567 → "1,234,567", 12.3456 → "12.3" */
export function number(value: number | undefined): string {
  if (value === undefined) return "";
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** 0.7345 → "73 %" */
export function percent(value: number | undefined): string {
  if (value === undefined) return "";
  const digits = value < 0.1 ? 1 : 0;
  return `${(100 * value).toFixed(digits)} %`;
}
