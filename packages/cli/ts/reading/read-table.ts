import {
  csvOptionsOf,
  type Format,
  formatOf as formatOfFiles,
  type ReadingOptions,
  readFiles,
} from "@layerwise/cluster";
import type { CsvOptions, Table } from "@layerwise/data";
import { flagOf } from "../options/option-row.js";
import { quoted } from "../options/quoted.js";
import type { Values } from "../options/read-options.js";
import { sourcesOf } from "./sources.js";

/** The files as one table. Raises what the readers raise. */
export function readTable(paths: readonly string[], values: Values, more: CsvOptions = {}): Promise<Table> {
  return readFiles(sourcesOf(paths), formatOf(paths, values), { ...readingOptions(values), ...more });
}

/** By --format, or by the name's ending. Raises ConfigError. */
export function formatOf(paths: readonly string[], { format }: Values): Format {
  return formatOfFiles("data", paths, format as Format | undefined);
}

/** The flags of reading as readCsv takes them. */
export function readingOptions(values: Values): CsvOptions {
  const types = Object.entries((values.type ?? {}) as Record<string, string>).filter(
    ([, one]) => one !== "ignore",
  );
  return {
    ...csvOptionsOf(values as ReadingOptions),
    ...(types.length > 0 && { types: Object.fromEntries(types) }),
    optionText: readingFlag,
  } as CsvOptions;
}

/** A reader's option as the command line has it. */
function readingFlag(option: string, value?: unknown): string {
  const flag = flagOf(option === "types" ? "type" : option);
  if (value === undefined) return flag;
  if (typeof value === "boolean") return `${flag} ${value ? "yes" : "no"}`;
  const words =
    typeof value === "object" && value !== null
      ? Object.entries(value).map((pair) => pair.join("="))
      : [`${value}`];
  return words.map((word) => `${flag} ${quoted(word)}`).join(" ");
}
