import { type CsvOptions, readCsv, readJsonLines, readParquet, type Table } from "@layerwise/data";
import { ConfigError } from "layerwise";
import type { Values } from "../options/read-options.js";
import { sourcesOf } from "./sources.js";

export type Format = "csv" | "jsonl" | "parquet";

/** The files as one table. Raises what the readers raise. */
export async function readTable(
  paths: readonly string[],
  values: Values,
  more: CsvOptions = {},
): Promise<Table> {
  const format = formatOf(paths, values);
  const { types, missing, maxRows, skipBadRows, columnMissing, dateOrder, encoding } = {
    ...readingOptions(values),
    ...more,
  };
  const common = {
    ...(types && { types }),
    ...(missing && { missing }),
    ...(columnMissing && { columnMissing }),
    ...(dateOrder && { dateOrder }),
    ...(maxRows !== undefined && { maxRows }),
    ...(skipBadRows !== undefined && { skipBadRows }),
  };
  const sources = sourcesOf(paths);
  if (format === "parquet") return readParquet(sources, common);
  if (format === "jsonl") return readJsonLines(sources, { ...common, ...(encoding && { encoding }) });
  return readCsv(sources, { ...readingOptions(values), ...more });
}

/** By --format, or by the name's ending. Raises ConfigError. */
export function formatOf(paths: readonly string[], { format }: Values): Format {
  if (format !== undefined) return format as Format;
  const endings = new Set(paths.map((path) => formatByName(path)));
  const [first = "csv", second] = endings;
  if (second !== undefined) throw new ConfigError("data", "files of one format", paths.join(", "));
  return first;
}

function formatByName(path: string): Format {
  const name = path.toLowerCase().replace(/\.gz$/, "");
  if (name.endsWith(".parquet")) return "parquet";
  return /\.(jsonl|ndjson|json)$/.test(name) ? "jsonl" : "csv";
}

/** The flags of reading as readCsv takes them. */
export function readingOptions(values: Values): CsvOptions {
  const {
    delimiter,
    quote,
    decimal,
    header,
    encoding,
    comment,
    skipLines,
    missing,
    skipBadRows,
    maxRows,
    type,
  } = values;
  const types = Object.entries((type ?? {}) as Record<string, string>).filter(([, one]) => one !== "ignore");
  return {
    ...(delimiter !== undefined && { delimiter: delimiter === "tab" ? "\t" : delimiter }),
    ...(quote !== undefined && { quote }),
    ...(decimal !== undefined && { decimal }),
    ...(header !== undefined && { header: header === "yes" }),
    ...(encoding !== undefined && { encoding }),
    ...(comment !== undefined && { comment }),
    ...(skipLines !== undefined && { skipLines }),
    ...(missing !== undefined && { missing }),
    ...(skipBadRows !== undefined && { skipBadRows }),
    ...(maxRows !== undefined && { maxRows }),
    ...(types.length > 0 && { types: Object.fromEntries(types) }),
  } as CsvOptions;
}
