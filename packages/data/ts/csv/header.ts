import { ConfigError } from "layerwise";
import { listed } from "../platform/describe.js";
import type { OptionText } from "../platform/option-text.js";
import type { TextRow } from "../table/assembler.js";
import type { Note } from "../table/note.js";
import { type Decimal, readNumber } from "../values/numbers.js";

/** The columns' names, and how many of the first records are no rows. */
export interface Header {
  readonly names: readonly string[];
  readonly records: number;
  /** Places of columns whose names were made up, since the header has none there. */
  readonly unnamed: ReadonlySet<number>;
}

export interface HeaderFacts {
  readonly header: boolean | readonly string[] | undefined;
  readonly decimal: Decimal;
  readonly optionText: OptionText;
  isMissing(cell: string): boolean;
}

/** Raises ConfigError. */
export function findHeader(records: readonly TextRow[], facts: HeaderFacts, notes: Note[]): Header {
  const [first, ...below] = records;
  const width = (below[0] ?? first)?.cells.length ?? 0;
  if (first === undefined) return { names: [], records: 0, unnamed: new Set() };
  if (typeof facts.header === "object") {
    if (facts.header.length !== width) {
      throw new ConfigError("header", `${width} names, as the first row has cells`, `${facts.header.length}`);
    }
    return named(facts.header, 0, notes);
  }
  if (facts.header === undefined && countsRows(first, below, facts)) {
    const message = `the first line (${listed(first.cells, 4)}) counts rows and columns: names by place`;
    notes.push({ kind: "header", message });
    return byPlace(width, 1);
  }
  const isHeader = facts.header ?? looksLikeHeader(first, below, facts);
  if (facts.header === undefined) {
    const message = isHeader
      ? "the first line has the columns' names"
      : "no line has the columns' names: names by place";
    const advice = `${facts.optionText("header", !isHeader)} says otherwise`;
    notes.push({ kind: "header", message, advice });
  }
  return isHeader ? named(withRowNames(first, below, notes), 1, notes) : byPlace(width, 0);
}

/** A last column without a value is dropped there too: rows that end in a delimiter have one. */
function byPlace(width: number, records: number): Header {
  const names = Array.from({ length: width }, (_, i) => `column${i + 1}`);
  return { names, records, unnamed: new Set([width - 1]) };
}

function named(names: readonly string[], records: number, notes: Note[]): Header {
  const unnamed = new Set(names.flatMap((name, i) => (name === "" ? [i] : [])));
  return { names: distinct(names, notes), records, unnamed };
}

/** 150,4,setosa,versicolor,virginica above rows of 4 numbers and a class, as scikit-learn's files have it. */
function countsRows(first: TextRow, below: readonly TextRow[], facts: HeaderFacts): boolean {
  const [rows = "", columns = "", ...classes] = first.cells;
  const width = below[0]?.cells.length ?? 0;
  const isCount = /^[1-9]\d*$/.test(rows) && Number(columns) === width - 1 && /^\d+$/.test(columns);
  const areNames = classes.every((text) => text === "" || readNumber(text, facts.decimal) === undefined);
  return width >= 2 && isCount && areNames && (classes.length > 0 || first.cells.length !== width);
}

/** Texts alone, above at least one column of numbers; where there are none, texts that no row below has again. */
function looksLikeHeader({ cells }: TextRow, below: readonly TextRow[], facts: HeaderFacts): boolean {
  const isNumber = (cell: string) => readNumber(cell, facts.decimal) !== undefined;
  if (namesYears(cells, below)) return true;
  if (cells.some((cell) => cell !== "" && (isNumber(cell) || facts.isMissing(cell)))) return false;
  if (cells.every((cell) => cell === "")) return false;
  if (below.length === 0) return true;
  const numbers = cells.some((_, i) => below.some(({ cells: row }) => isNumber(row[i] ?? "")));
  if (numbers) return true;
  return cells.every((cell, i) => cell === "" || below.every(({ cells: row }) => row[i] !== cell));
}

/** country, 2019, 2020: texts first, then years one after the other, above rows that have others there. */
function namesYears(cells: readonly string[], below: readonly TextRow[]): boolean {
  const isYear = (cell = "") => /^(19|20)\d\d$/.test(cell);
  const start = cells.findIndex(isYear);
  const years = cells.slice(start);
  if (start < 1 || years.length < 2 || !years.every(isYear)) return false;
  const follow = years.every((year, i) => i === 0 || Number(year) - Number(years[i - 1]) === 1);
  const areNames = cells.slice(0, start).every((cell) => readNumber(cell, ".") === undefined);
  return follow && areNames && below.some(({ cells: row }) => !row.slice(start).every(isYear));
}

/** R's write.table gives the names of rows no name of their own. */
function withRowNames({ cells }: TextRow, below: readonly TextRow[], notes: Note[]): readonly string[] {
  const isShort = below.length > 0 && below.every((row) => row.cells.length === cells.length + 1);
  if (!isShort) return cells;
  if (below.every((row) => row.cells.at(-1) === "")) return [...cells, ""];
  notes.push({
    kind: "name",
    column: "row",
    message: "the header has one name less than rows have cells: the first is row",
  });
  return ["row", ...cells];
}

/** Names for columns without one, and for those whose name another has. */
function distinct(names: readonly string[], notes: Note[]): string[] {
  const taken = new Set(names);
  const used = new Set<string>();
  return names.map((name, i) => {
    if (name !== "" && !used.has(name)) {
      used.add(name);
      return name;
    }
    const base = name === "" ? `column${i + 1}` : name;
    let made = name === "" ? base : `${base}_2`;
    for (let n = name === "" ? 2 : 3; taken.has(made) || used.has(made); n++) made = `${base}_${n}`;
    used.add(made);
    const why = name === "" ? "has no name" : `has the name ${JSON.stringify(name)} of another`;
    notes.push({
      kind: "name",
      column: made,
      message: `column ${i + 1} ${why}: it is ${JSON.stringify(made)}`,
    });
    return made;
  });
}
