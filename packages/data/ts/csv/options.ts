import { ConfigError } from "layerwise";
import { describe } from "../platform/describe.js";
import { type OptionText, optionText } from "../platform/option-text.js";
import { checkBoolean, checkFunctions, checkInteger, checkOptions, oneOf } from "../platform/options.js";
import { ENCODINGS, type Encoding } from "../source/text.js";
import { COLUMN_TYPES, type ColumnType } from "../table/column.js";
import { DATE_ORDERS, type DateOrder } from "../values/dates.js";
import type { Decimal } from "../values/numbers.js";

/** Where a reader is. */
export interface ReadProgress {
  /** Rows read so far. */
  readonly rows: number;
  /** Bytes read so far of all files, as they lie there; and how many they have together, where that is known. */
  readonly bytes: number;
  readonly totalBytes: number | undefined;
}

/** What is known of a column before it is read. */
export interface ColumnSchema {
  readonly type: ColumnType;
  readonly missing?: readonly string[];
}

/** What every reader of texts takes. What isn't given is found out, and stands in the table's notes. */
export interface TextOptions {
  /** Default: UTF-8, or UTF-16 where its mark is there. */
  readonly encoding?: Encoding;
  /** Names of the columns to read: the others are left out, whatever is in them. Default: all. */
  readonly only?: readonly string[];
  /** Types of columns by their names. A cell that isn't of a type that is given is an error. */
  readonly types?: Readonly<Record<string, ColumnType>>;
  /**
   * Types of columns that may be there, and texts that are missing values in them, as a pipeline's `readOptions()` tells them.
   * `types` and `columnMissing` go before it.
   */
  readonly schema?: Readonly<Record<string, ColumnSchema>>;
  /** Texts that stand for a missing value, besides "", blanks, ?, NA, N/A, NaN and null. Numbers too, such as "-200". */
  readonly missing?: readonly string[];
  /** The same of single columns. */
  readonly columnMissing?: Readonly<Record<string, readonly string[]>>;
  /** Order of dates with the year at their end. */
  readonly dateOrder?: DateOrder;
  /** Whether rows that can't be read are left out and counted, instead of an error. Default false. */
  readonly skipBadRows?: boolean;
  /** Rows by which types are found out: later rows must fit. Default 100,000. */
  readonly sampleRows?: number;
  /** Reads no further than this many rows. Default: to the end. */
  readonly maxRows?: number;
  readonly onProgress?: (progress: ReadProgress) => void;
  /**
   * For programs with options of their own: how notes and errors write an option by which something would be read otherwise,
   * such as `types` and `{ zip: "category" }`; without a value its name. Default: as it is written here.
   */
  readonly optionText?: OptionText;
}

/** What {@link readCsv} takes. */
export interface CsvOptions extends TextOptions {
  /** Between cells: a character such as "," or ";", or "blanks" for runs of blanks and tabs. */
  readonly delimiter?: string;
  /** Around cells that hold a delimiter or a line's end. Default '"'; twice within a cell it stands for itself. */
  readonly quote?: string;
  readonly decimal?: Decimal;
  /** Whether the first row has the columns' names, or the names themselves, where no row has. */
  readonly header?: boolean | readonly string[];
  /** What lines that are no rows begin with; false: none. */
  readonly comment?: string | false;
  /** Lines to leave out at the beginning. Default 0. */
  readonly skipLines?: number;
}

const TEXT_NAMES = [
  "encoding",
  "only",
  "types",
  "schema",
  "missing",
  "columnMissing",
  "dateOrder",
  "skipBadRows",
  "sampleRows",
  "maxRows",
  "onProgress",
  "optionText",
] as const satisfies readonly (keyof TextOptions)[];

export const CSV_NAMES = [
  ...TEXT_NAMES,
  "delimiter",
  "quote",
  "decimal",
  "header",
  "comment",
  "skipLines",
] as const satisfies readonly (keyof CsvOptions)[];

/** Options with their defaults filled in; undefined is what is to be found out. */
export interface TextSettings {
  readonly encoding: Encoding | undefined;
  readonly only: ReadonlySet<string> | undefined;
  readonly types: ReadonlyMap<string, ColumnType>;
  /** Names that must be columns, and the option that has them. */
  readonly named: readonly (readonly [option: string, name: string])[];
  readonly missing: ReadonlySet<string>;
  /** Those of them that the caller gave. */
  readonly given: readonly string[];
  readonly columnMissing: ReadonlyMap<string, ReadonlySet<string>>;
  readonly dateOrder: DateOrder | undefined;
  readonly skipBadRows: boolean;
  readonly sampleRows: number;
  readonly maxRows: number;
  readonly onProgress: ((progress: ReadProgress) => void) | undefined;
  readonly optionText: OptionText;
}

export interface CsvSettings extends TextSettings {
  readonly delimiter: string | undefined;
  readonly quote: string | undefined;
  readonly decimal: Decimal | undefined;
  readonly header: boolean | readonly string[] | undefined;
  readonly comment: string | false | undefined;
  readonly skipLines: number;
}

/** Raises ConfigError. */
export function resolveTextOptions(given: TextOptions, marks: readonly string[]): TextSettings {
  const {
    encoding,
    only,
    types = {},
    schema = {},
    missing = [],
    columnMissing = {},
    dateOrder,
    onProgress,
  } = given;
  const { skipBadRows = false, sampleRows = 100_000, maxRows = Number.MAX_SAFE_INTEGER } = given;
  checkFunctions({ onProgress, optionText: given.optionText });
  const ownTypes = entriesOf("types", types).map(([name, type]): [string, ColumnType] => [
    name,
    oneOf(`types.${name}`, type, COLUMN_TYPES),
  ]);
  const ownMarks = entriesOf("columnMissing", columnMissing).map(
    ([name, marks]): [string, ReadonlySet<string>] => [name, new Set(texts(`columnMissing.${name}`, marks))],
  );
  const known = entriesOf("schema", schema).map(([name, one]) => [name, checkSchema(name, one)] as const);
  return {
    encoding: encoding === undefined ? undefined : oneOf("encoding", encoding, ENCODINGS),
    only: only === undefined ? undefined : new Set(texts("only", only)),
    types: new Map([...known.map(([name, { type }]): [string, ColumnType] => [name, type]), ...ownTypes]),
    named: [
      ...(only ?? []).map((name) => ["only", name] as const),
      ...ownTypes.map(([name]) => ["types", name] as const),
      ...ownMarks.map(([name]) => ["columnMissing", name] as const),
    ],
    missing: new Set([...marks, ...texts("missing", missing)]),
    given: texts("missing", missing),
    columnMissing: new Map([
      ...known.map(([name, { missing = [] }]): [string, ReadonlySet<string>] => [name, new Set(missing)]),
      ...ownMarks,
    ]),
    dateOrder: dateOrder === undefined ? undefined : oneOf("dateOrder", dateOrder, DATE_ORDERS),
    skipBadRows: checkBoolean("skipBadRows", skipBadRows),
    sampleRows: checkInteger("sampleRows", sampleRows, 1, Number.MAX_SAFE_INTEGER),
    maxRows: checkInteger("maxRows", maxRows, 1, Number.MAX_SAFE_INTEGER),
    onProgress,
    optionText: given.optionText ?? optionText,
  };
}

function entriesOf<Of>(path: string, value: Readonly<Record<string, Of>>): [string, Of][] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.entries(value);
  throw new ConfigError(path, "an object with names of columns as keys", describe(value));
}

function checkSchema(name: string, given: ColumnSchema): ColumnSchema {
  const path = `schema.${name}`;
  const { type, missing = [] } = checkOptions<ColumnSchema>(path, given, ["type", "missing"]);
  return { type: oneOf(`${path}.type`, type, COLUMN_TYPES), missing: texts(`${path}.missing`, missing) };
}

function texts(path: string, value: unknown): string[] {
  if (Array.isArray(value) && value.every((text) => typeof text === "string"))
    return value.map((t) => t.trim());
  throw new ConfigError(path, 'a list of texts, such as ["-200"]', describe(value));
}

/** Raises ConfigError. */
export function resolveCsvOptions(options: CsvOptions | undefined, marks: readonly string[]): CsvSettings {
  const given = checkOptions("readCsv", options, CSV_NAMES);
  const { delimiter, quote, decimal, header, comment, skipLines = 0 } = given;
  const settings = {
    ...resolveTextOptions(given, marks),
    delimiter: delimiter === undefined ? undefined : checkDelimiter(delimiter),
    quote: quote === undefined ? undefined : oneCharacter("quote", quote),
    decimal: decimal === undefined ? undefined : oneOf("decimal", decimal, [".", ","]),
    header: header === undefined ? undefined : checkHeader(header),
    comment: comment === undefined || comment === false ? comment : checkComment(comment),
    skipLines: checkInteger("skipLines", skipLines, 0, Number.MAX_SAFE_INTEGER),
  };
  if (settings.delimiter !== undefined && settings.delimiter === settings.quote) {
    throw new ConfigError("quote", "another character than delimiter", describe(settings.quote));
  }
  return settings;
}

function checkDelimiter(value: unknown): string {
  const isText = typeof value === "string" && value.length >= 1 && !/["\r\n\ufeff]/.test(value);
  if (isText) return value === " " ? "blanks" : value === "\\t" || value === "tab" ? "\t" : value;
  throw new ConfigError("delimiter", 'a character such as ",", or "blanks"', describe(value));
}

function oneCharacter(path: string, value: unknown): string {
  if (typeof value === "string" && value.length === 1 && !/[\r\n]/.test(value)) return value;
  throw new ConfigError(path, "one character", describe(value));
}

function checkHeader(value: unknown): boolean | readonly string[] {
  if (typeof value === "boolean") return value;
  if (Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string"))
    return [...value];
  throw new ConfigError("header", "true, false or the columns' names", describe(value));
}

function checkComment(value: unknown): string {
  if (typeof value === "string" && value.length > 0 && !/[\r\n]/.test(value)) return value;
  throw new ConfigError("comment", 'how such lines begin, such as "#", or false', describe(value));
}
