import { ConfigError, DataError } from "layerwise";
import { describe } from "../platform/describe.js";
import { checkBoolean, checkInteger, checkNumber, checkOptions, oneOf } from "../platform/options.js";
import type { Table } from "../table/table.js";
import { quantilesEach } from "./fit-quantiles.js";

export const SCALINGS = ["standard", "robust", "minMax", "quantileNormal", "none"] as const;

const TASKS = ["numbers", "classes"] as const;

/** How numbers come to a common scale ({@link ScaleStep}, {@link QuantileStep}). */
export type Scaling = (typeof SCALINGS)[number];

/** Where scaled numbers end: at ±limit, softly or hard; false: nowhere. */
export type Limit = { readonly soft: number } | { readonly hard: number } | false;

/** How one column is prepared, where not as all others are. */
export interface ColumnOptions {
  /** As what it is taken: numbers that are names (1, 2, 3) as `category`. Default: the table's type. */
  readonly type?: "number" | "category" | "boolean" | "date";
  readonly scaling?: Scaling;
  readonly limit?: Limit;
}

/** What {@link fitPipeline} takes. */
export interface PipelineOptions {
  /** The column to predict, or several. */
  readonly target: string | readonly string[];
  /**
   * What is done with single columns: `"ignore"`, or options. A column that is named here with options is kept, though it may
   * look like an id.
   */
  readonly columns?: Readonly<Record<string, "ignore" | ColumnOptions>>;
  /** Columns that are left out: short for `columns: { name: "ignore" }`. */
  readonly ignore?: readonly string[];
  /** Whether the target is a number or a class. Default: found out, and said why. */
  readonly task?: "numbers" | "classes";
  /** Whether a network learns the logarithm of a target of numbers above 0. Default false. */
  readonly log?: boolean;
  /** Default "standard". */
  readonly scaling?: Scaling;
  /** Default `{ soft: 6 }`. */
  readonly limit?: Limit;
  /** Levels of a category in fewer rows are joined. Default: 3, or a thousandth of the rows if that is more. */
  readonly rareBelow?: number;
  /** Of more levels of a category than this the rarest are joined. Default 100. */
  readonly maxLevels?: number;
}

export const PIPELINE_NAMES = [
  "target",
  "columns",
  "ignore",
  "task",
  "log",
  "scaling",
  "limit",
  "rareBelow",
  "maxLevels",
] as const satisfies readonly (keyof PipelineOptions)[];

export interface PipelineSettings {
  readonly targets: readonly string[];
  readonly columns: ReadonlyMap<string, "ignore" | ColumnOptions>;
  readonly task: "numbers" | "classes" | undefined;
  readonly log: boolean;
  readonly scaling: Scaling;
  readonly limit: Limit;
  readonly rareBelow: number;
  readonly maxLevels: number;
  /** Of a column of numbers. */
  readonly mostQuantiles: number;
}

/** Raises ConfigError, or DataError for a column that isn't there. */
export function resolvePipelineOptions(table: Table, options: PipelineOptions): PipelineSettings {
  const given = checkOptions("fitPipeline", options, PIPELINE_NAMES);
  const {
    target,
    columns = {},
    ignore = [],
    task,
    log = false,
    scaling = "standard",
    limit = { soft: 6 },
  } = given;
  const { rareBelow = Math.max(3, Math.ceil(table.rows / 1000)), maxLevels = 100 } = given;
  const targets = typeof target === "string" ? [target] : target;
  if (!isTexts(targets) || targets.length === 0) {
    throw new ConfigError("target", "a column's name, or several", describe(target));
  }
  if (new Set(targets).size < targets.length)
    throw new ConfigError("target", "different columns", targets.join(", "));
  if (!isTexts(ignore)) throw new ConfigError("ignore", "a list of columns' names", describe(ignore));
  if (typeof columns !== "object" || columns === null || Array.isArray(columns)) {
    throw new ConfigError("columns", "an object with names of columns as keys", describe(columns));
  }
  const treated = new Map<string, "ignore" | ColumnOptions>(ignore.map((name) => [name, "ignore"]));
  for (const [name, one] of Object.entries(columns)) treated.set(name, checkColumn(name, one));
  for (const name of [...targets, ...treated.keys()]) table.column(name);
  for (const name of targets) {
    if (treated.has(name))
      throw new ConfigError("columns", "other columns than the target", JSON.stringify(name));
  }
  return {
    targets,
    columns: treated,
    task: task === undefined ? undefined : oneOf("task", task, TASKS),
    log: checkBoolean("log", log),
    scaling: oneOf("scaling", scaling, SCALINGS),
    limit: checkLimit("limit", limit),
    rareBelow: checkInteger("rareBelow", rareBelow, 0, Number.MAX_SAFE_INTEGER),
    maxLevels: checkInteger("maxLevels", maxLevels, 1, 10_000),
    mostQuantiles: quantilesEach(table.columns.filter(({ type }) => type === "number").length),
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function checkColumn(name: string, value: unknown): "ignore" | ColumnOptions {
  if (value === "ignore") return value;
  const path = `columns.${name}`;
  if (typeof value !== "object" || value === null) {
    throw new ConfigError(path, '"ignore" or options such as { type: "category" }', describe(value));
  }
  const { type, scaling, limit } = checkOptions<ColumnOptions>(path, value, ["type", "scaling", "limit"]);
  return {
    ...(type === undefined
      ? {}
      : { type: oneOf(`${path}.type`, type, ["number", "category", "boolean", "date"]) }),
    ...(scaling === undefined ? {} : { scaling: oneOf(`${path}.scaling`, scaling, SCALINGS) }),
    ...(limit === undefined ? {} : { limit: checkLimit(`${path}.limit`, limit) }),
  };
}

function checkLimit(path: string, value: unknown): Limit {
  if (value === false) return false;
  const positive = (limit: unknown, key: string) =>
    checkNumber(`${path}.${key}`, limit, (n) => n > 0 && n <= 1e6, "a number in (0, 10⁶]");
  if (typeof value === "object" && value !== null) {
    const keys = Object.keys(value);
    if ("soft" in value && keys.length === 1) return { soft: positive(value.soft, "soft") };
    if ("hard" in value && keys.length === 1) return { hard: positive(value.hard, "hard") };
  }
  throw new ConfigError(path, "{ soft: limit }, { hard: limit } or false", describe(value));
}

/** Raises DataError where nothing is left to learn from. */
export function noColumns(reasons: readonly string[]): DataError {
  return new DataError(
    "columns",
    "at least one to predict from",
    reasons.length === 0 ? "none" : reasons.join("; "),
  );
}
