import { counted, listed } from "../platform/describe.js";
import type { OptionText } from "../platform/option-text.js";
import type { DateOrder } from "../values/dates.js";
import { dateForm, orderOf, readDate } from "../values/dates.js";
import { readMonthDate } from "../values/month-dates.js";
import type { Decimal } from "../values/numbers.js";
import { readNumber } from "../values/numbers.js";
import type { ColumnType } from "./column.js";
import type { Note } from "./note.js";

/** How the cells of a column are read. */
export interface ColumnPlan {
  readonly name: string;
  readonly type: ColumnType;
  readonly order: DateOrder;
  /** Whether the caller said the type: a cell of another is then an error. */
  readonly isForced: boolean;
  /** Whether the caller said that they are numbers, so that amounts are taken that could be read in two ways: 1,234. */
  readonly hasAmounts?: boolean;
  /** Texts that are taken for missing, since all others are numbers or dates. */
  readonly missingTexts: readonly string[];
}

export interface PlanOptions {
  readonly decimal: Decimal;
  readonly dateOrder: DateOrder | undefined;
  /** The order of dates that both orders fit, where nothing else says it. */
  readonly preferredOrder: DateOrder;
  readonly optionText: OptionText;
}

/** A cell's text, and the line on which its row begins. */
export interface Cell {
  readonly text: string;
  readonly line: number;
}

/** Texts of one column, each with how often it is there and where first: undefined cells are missing. */
interface Tally {
  readonly texts: Map<string, { count: number; readonly line: number }>;
  readonly present: number;
}

/**
 * The type of a column by its cells, `undefined` where one is missing, and what there is to say about it. Numbers, dates,
 * true and false are of their type where all cells are, or all but few, which then count as missing; all else is text,
 * 007 and integers that a float64 doesn't hold too.
 */
export function planColumn(
  name: string,
  cells: Iterable<Cell | undefined>,
  options: PlanOptions,
  notes: Note[],
): ColumnPlan {
  const tally = tallyOf(cells);
  const plan = { name, order: "ymd" as DateOrder, isForced: false, missingTexts: [] as string[] };
  if (tally.present === 0) {
    notes.push({ kind: "missing", column: name, message: "no row has a value" });
    return { ...plan, type: "number" };
  }
  const numbers = split(tally, (text) => typeof readNumber(text, options.decimal) === "number");
  if (fits(numbers, tally)) {
    const missingTexts = misfitNote(name, "number", numbers, tally, options, notes);
    return { ...plan, type: "number", missingTexts };
  }
  const booleans = split(tally, (text) => /^(true|false)$/i.test(text));
  if (booleans.misfits.length === 0) return { ...plan, type: "boolean" };
  return planDates(name, tally, options, notes) ?? { ...plan, type: planTexts(name, tally, options, notes) };
}

function tallyOf(cells: Iterable<Cell | undefined>): Tally {
  const texts: Tally["texts"] = new Map();
  let present = 0;
  for (const cell of cells) {
    if (cell === undefined) continue;
    present += 1;
    const known = texts.get(cell.text);
    if (known === undefined) texts.set(cell.text, { count: 1, line: cell.line });
    else known.count += 1;
  }
  return { texts, present };
}

interface Split {
  readonly misfits: readonly string[];
  readonly misfitCount: number;
}

function split({ texts }: Tally, is: (text: string) => boolean): Split {
  const misfits = [...texts.keys()].filter((text) => !is(text));
  return { misfits, misfitCount: misfits.reduce((sum, text) => sum + (texts.get(text)?.count ?? 0), 0) };
}

/** At most one cell in twenty, or one text in at most a quarter of the cells; and no 007 or endless number. */
function fits({ misfits, misfitCount }: Split, { present }: Tally): boolean {
  if (misfits.length === 0) return true;
  if (misfits.some((text) => /^[+-]?[\d.,]+$/.test(text))) return false;
  return misfitCount * 20 <= present || (misfits.length === 1 && misfitCount * 4 <= present);
}

/** Says which texts count as missing, and returns them. */
function misfitNote(
  column: string,
  type: string,
  { misfits, misfitCount }: Split,
  { texts }: Tally,
  { optionText }: PlanOptions,
  notes: Note[],
): string[] {
  const [first] = misfits;
  if (first === undefined) return [];
  const where = `first on line ${texts.get(first)?.line}`;
  const message = `${counted(misfitCount, "value")} that ${misfitCount === 1 ? "is" : "are"} no ${type} (${listed(misfits)}, ${where}) count as missing`;
  const advice = `${optionText("types", { [column]: "category" })} keeps them`;
  notes.push({ kind: "missing", column, message, advice });
  return [...misfits];
}

function planDates(name: string, tally: Tally, options: PlanOptions, notes: Note[]): ColumnPlan | undefined {
  const isDate = split(tally, (text) => dateForm(text) !== undefined);
  if (!fits(isDate, tally)) return undefined;
  const texts = [...tally.texts.keys()].filter((text) => !isDate.misfits.includes(text));
  const [form, another] = new Set(texts.map(dateForm));
  if (form === undefined || another !== undefined) return undefined;
  const found = form === "year last" ? dateOrder(texts, options) : { order: "ymd" as const, isCertain: true };
  if (found === undefined) return undefined;
  const { order, isCertain } = found;
  if (texts.some((text) => readDate(text, order) === undefined)) return undefined;
  const missingTexts = misfitNote(name, "date", isDate, tally, options, notes);
  const shown = form === "month by name" ? monthsShown(texts) : ORDERS_SHOWN[order];
  const read = `dates read as ${shown}`;
  if (isCertain) notes.push({ kind: "type", column: name, message: read });
  else {
    const advice = `${options.optionText("dateOrder")} says another`;
    notes.push({ kind: "type", column: name, message: `${read}, though both orders fit`, advice });
  }
  return { name, type: "date", order, isForced: false, missingTexts };
}

const ORDERS_SHOWN = { ymd: "yyyy-mm-dd", dmy: "dd/mm/yyyy", mdy: "mm/dd/yyyy" };

/** With an example, and what years of two digits are taken for: 3-Jan-55 is 2055. */
function monthsShown(texts: readonly string[]): string {
  const short = texts.find((text) => readMonthDate(text)?.isShort === true);
  const [example = ""] = texts;
  const shown = (text: string) => {
    const date = new Date(readMonthDate(text)?.milliseconds ?? Number.NaN);
    return `${JSON.stringify(text)} is ${date.toISOString().slice(0, 10)}`;
  };
  return short === undefined
    ? `days with English names of months: ${shown(example)}`
    : `days with English names of months, years of two digits as 1969 to 2068: ${shown(short)}`;
}

function dateOrder(texts: readonly string[], { dateOrder, preferredOrder }: PlanOptions) {
  if (dateOrder === "dmy" || dateOrder === "mdy") return { order: dateOrder, isCertain: true };
  return orderOf(texts, preferredOrder);
}

/** Fewer kinds than this are categories, however few rows have each. */
const FEW_LEVELS = 20;

/** $5, 12 %, 1,234.50, 1.234,50 €, 1_000, −1, 10:30, 7 kg, 0x1F, １２. */
const AMOUNT =
  /^[$€£¥]?\s?[+\-−]?(?:0x[\da-f]{1,30}|[\d０-９][\d０-９.,:'_\s]{0,30}(?:%|[$€£¥]|[a-z]{1,3})?)$/i;

function planTexts(
  name: string,
  { texts, present }: Tally,
  { decimal, optionText }: PlanOptions,
  notes: Note[],
): "category" | "text" {
  const all = [...texts.keys()];
  const kindOf = (text: string) => readNumber(text, decimal);
  const codes = all.filter((text) => kindOf(text) === "code");
  const isLong = all.some((text) => kindOf(text) === "long");
  const areDigits = all.every((text) => kindOf(text) !== undefined);
  if (areDigits && codes.length > 0) {
    notes.push({
      kind: "type",
      column: name,
      message: `text, since numbers begin with 0 (${listed(codes, 2)})`,
    });
  } else if (areDigits && isLong) {
    const long = all.filter((text) => kindOf(text) === "long");
    notes.push({
      kind: "type",
      column: name,
      message: `text, since a float64 doesn't hold ${listed(long, 2)}`,
    });
  } else {
    const numbers = all.filter((text) => typeof kindOf(text) === "number");
    const others = all.filter((text) => typeof kindOf(text) !== "number");
    if (numbers.length > 0 && others[0] !== undefined) {
      const line = texts.get(others[0])?.line;
      const message = `text, since not all values are numbers: ${listed(others, 3)}, first on line ${line}`;
      notes.push({ kind: "type", column: name, message });
    }
  }
  const amounts = areDigits ? [] : all.filter((text) => AMOUNT.test(text));
  if (amounts.length * 10 >= all.length * 9) {
    const message = `text, though its values look like amounts (${listed(amounts, 3)})`;
    const advice = `${optionText("types", { [name]: "number" })} reads signs and thousands`;
    notes.push({ kind: "type", column: name, message, advice });
  }
  const dates = all.filter((text) => dateForm(text) !== undefined);
  if (dates.length * 2 >= all.length) {
    const message = `text, though values look like dates (${listed(dates, 3)}): they are written in several ways, or some are no days that there are`;
    notes.push({ kind: "type", column: name, message });
  }
  const kinds = all.length;
  if (areDigits && !isLong && (kinds < present || kinds <= FEW_LEVELS)) return "category";
  if (kinds === present) return "text";
  return kinds <= FEW_LEVELS || kinds * 2 <= present ? "category" : "text";
}
