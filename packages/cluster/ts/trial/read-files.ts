import {
  type CsvOptions,
  readCsv,
  readCsvChunks,
  readJsonLines,
  readJsonLinesChunks,
  readParquet,
  readParquetChunks,
  type Source,
  shownPlace,
  type Table,
} from "@layerwise/data";
import { ConfigError } from "layerwise";
import type { ReadingOptions } from "./data-reference.js";

export type Format = NonNullable<ReadingOptions["format"]>;

/** The format that is given, or that of the names' endings. Raises ConfigError, naming `path`, where they are of several. */
export function formatOf(path: string, names: readonly string[], format: Format | undefined): Format {
  if (format !== undefined) return format;
  const shown = names.map(shownPlace);
  const found = new Set(shown.map(formatByName));
  const [first = "csv", second] = found;
  if (second !== undefined) throw new ConfigError(path, "files of one format", shown.join(", "));
  return first;
}

function formatByName(place: string): Format {
  const name = place.toLowerCase().replace(/\.gz$/, "");
  if (name.endsWith(".parquet")) return "parquet";
  return /\.(jsonl|ndjson|json)$/.test(name) ? "jsonl" : "csv";
}

/** Options in a study's words, or a command's, as readCsv takes them. */
export function csvOptionsOf(reading: ReadingOptions): CsvOptions {
  const { delimiter, quote, decimal, header, encoding, comment, skipLines } = reading;
  const { dateOrder, missing, skipBadRows, maxRows } = reading;
  return {
    ...(delimiter !== undefined && { delimiter: delimiter === "tab" ? "\t" : delimiter }),
    ...(quote !== undefined && { quote }),
    ...(decimal !== undefined && { decimal }),
    ...(header !== undefined && { header: header === "yes" }),
    ...(encoding !== undefined && { encoding }),
    ...(comment !== undefined && { comment }),
    ...(skipLines !== undefined && { skipLines }),
    ...(dateOrder !== undefined && { dateOrder }),
    ...(missing !== undefined && { missing: [missing].flat() }),
    ...(skipBadRows !== undefined && { skipBadRows }),
    ...(maxRows !== undefined && { maxRows }),
  } as CsvOptions; // what isn't an encoding the reader refuses
}

/** Files of one format as one table, by those of the options that it has. Raises what the readers raise. */
export function readFiles(sources: readonly Source[], format: Format, options: CsvOptions): Promise<Table> {
  if (format === "csv") return readCsv(sources, options);
  return format === "parquet"
    ? readParquet(sources, rowOptionsOf(options))
    : readJsonLines(sources, jsonOptionsOf(options));
}

/** The same in tables of `chunkRows` rows each. */
export function readFileChunks(
  sources: readonly Source[],
  format: Format,
  options: CsvOptions,
  chunkRows: number,
): AsyncGenerator<Table, void> {
  if (format === "csv") return readCsvChunks(sources, { ...options, chunkRows });
  return format === "parquet"
    ? readParquetChunks(sources, { ...rowOptionsOf(options), chunkRows })
    : readJsonLinesChunks(sources, { ...jsonOptionsOf(options), chunkRows });
}

function jsonOptionsOf(options: CsvOptions) {
  const { encoding } = options;
  return { ...rowOptionsOf(options), ...(encoding && { encoding }) };
}

function rowOptionsOf(options: CsvOptions) {
  const { types, schema, only, missing, maxRows, skipBadRows, columnMissing, dateOrder, optionText } =
    options;
  return {
    ...(types && { types }),
    ...(schema && { schema }),
    ...(only && { only }),
    ...(missing && { missing }),
    ...(columnMissing && { columnMissing }),
    ...(dateOrder && { dateOrder }),
    ...(maxRows !== undefined && { maxRows }),
    ...(skipBadRows !== undefined && { skipBadRows }),
    ...(optionText && { optionText }),
  };
}
