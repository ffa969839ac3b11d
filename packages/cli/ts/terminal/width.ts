// What a terminal can show.

/** Columns of a terminal; undefined where it is none, or doesn't tell. */
export function columnsOf({ isTTY, columns }: NodeJS.WriteStream): number | undefined {
  return isTTY === true && columns > 0 ? columns : undefined;
}

/** Whether lines may be overwritten: in a terminal that knows how. */
export function canMove({ isTTY }: NodeJS.WriteStream): boolean {
  return isTTY === true && process.env.TERM !== "dumb";
}

/** Broken between words where a line is longer than that; further lines are indented. A longer word stays whole. */
export function wrapped(text: string, columns: number | undefined): string {
  if (columns === undefined) return text;
  return text
    .split("\n")
    .map((line) => wrappedLine(line, columns))
    .join("\n");
}

/** The same for standard output. Sentences are, not tables and commands, which are copied. */
export function wrappedOutput(text: string): string {
  return wrapped(text, columnsOf(process.stdout));
}

const INDENT = "  ";

function wrappedLine(text: string, columns: number): string {
  if (text.length <= columns) return text;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= columns || line.trim() === "") line = longer;
    else {
      lines.push(line);
      line = INDENT + word;
    }
  }
  return [...lines, line].join("\n");
}

/** The parts that have room, with two blanks between them; the first is there always. */
export function fitting(parts: readonly string[], columns: number): string {
  let line = "";
  for (const part of parts.filter((one) => one !== "")) {
    const longer = line === "" ? part : `${line}  ${part}`;
    if (line !== "" && longer.length > columns) break;
    line = longer;
  }
  return line;
}
