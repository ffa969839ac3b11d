import {
  csvOptionsOf,
  type Format,
  formatOf as formatOfFiles,
  type ReadingOptions,
  readFiles,
} from "@layerwise/cluster";
import type { CsvOptions, Table } from "@layerwise/data";
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
  } as CsvOptions;
}
