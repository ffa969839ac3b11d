import {
  AVERAGES,
  type Average,
  METRIC_NAMES,
  type METRICS,
  type MetricName,
  type MetricOf,
  metricRow,
} from "../catalog/metrics.js";
import { unknownKey } from "../config/unknown-option.js";
import { checkChoice, checkNumber } from "../config/validation.js";
import type { ClassIndices } from "../data/labels.js";
import type { Matrix } from "../data/matrix.js";
import type { Floats } from "../engine/memory.js";
import { ConfigError, describe } from "../errors/errors.js";

type ParameterOf<Name extends MetricName> = (typeof METRICS)[Name]["parameters"][number] extends infer Row
  ? Row extends { readonly name: infer Parameter extends string }
    ? Parameter
    : never
  : never;

/** A metric as plain data; a bare name stands for one with its defaults. */
export type NamedMetric = {
  [Name in MetricName]:
    | Name
    | ({ readonly type: Name; readonly name?: string } & {
        readonly [Parameter in ParameterOf<Name>]?: number;
      } & ((typeof METRICS)[Name] extends { readonly averaged: true }
          ? { readonly average?: Average }
          : unknown));
}[MetricName];

/** A metric of one's own. */
export interface OwnMetric<Name extends string = string> {
  /** Its key among the scores. */
  readonly name: Name;
  /** Its value: of all targets (class indices of a softmax, else a matrix), all outputs and the weights, if there are any. */
  readonly value: (targets: Matrix | ClassIndices, outputs: Matrix, weights: Floats | undefined) => number;
}

/** What evaluate takes as a metric. */
export type Metric = NamedMetric | OwnMetric;

/** The key of a metric among the scores: its `name`, or that of its kind. */
export type KeyOf<Of extends Metric> = Of extends MetricName
  ? Of
  : Of extends { readonly name: infer Name extends string }
    ? Name
    : Of extends { readonly type: infer Type extends MetricName }
      ? Type
      : never;

/** The values of metrics, by their keys: numbers, and of a confusionMatrix its rows. */
export type MetricScores<Asked extends readonly Metric[]> = {
  readonly [Of in Asked[number] as KeyOf<Of>]: Of extends
    | "confusionMatrix"
    | { readonly type: "confusionMatrix" }
    ? number[][]
    : number;
};

/** A metric, checked. */
export type ResolvedMetric =
  | { readonly key: string; readonly own: OwnMetric["value"] }
  | {
      readonly key: string;
      readonly own?: undefined;
      readonly type: MetricName;
      readonly parameter: number;
      readonly average: Average;
    };

/** What metrics are asked of. */
export interface Asked {
  readonly of: MetricOf;
  /** Whether the output is one sigmoid unit, and whether it is a softmax. */
  readonly isBinary: boolean;
  readonly isSoftmax: boolean;
  /** Whether its answers by classes are probabilities. */
  readonly hasProbabilities: boolean;
}

/** The metrics, each with a key of its own that isn't among `taken`. Raises ConfigError. */
export function resolveMetrics(
  path: string,
  metrics: unknown,
  asked: Asked,
  taken: readonly string[],
): ResolvedMetric[] {
  if (!Array.isArray(metrics)) throw new ConfigError(path, 'an array such as ["rocAuc"]', describe(metrics));
  const keys = new Set(taken);
  return Array.from(metrics, (metric: unknown, i) => {
    const resolved = resolveMetric(`${path}[${i}]`, metric, asked);
    if (keys.has(resolved.key) && !isDefault(resolved, taken)) {
      throw new ConfigError(`${path}[${i}]`, "a name that no other score has", describe(resolved.key));
    }
    keys.add(resolved.key);
    return resolved;
  });
}

/** evaluate gives some by itself: to ask for them by name is no fault. */
function isDefault({ key, own }: ResolvedMetric, taken: readonly string[]): boolean {
  return own === undefined && taken.includes(key) && METRIC_NAMES.some((name) => name === key);
}

/** Metrics whose outputs must be probabilities, not any numbers that rise with them. */
const OF_PROBABILITIES: readonly MetricName[] = ["logLoss", "brier", "calibrationError"];

function resolveMetric(path: string, metric: unknown, asked: Asked): ResolvedMetric {
  if (typeof metric !== "object" || metric === null) return named(path, { type: metric }, path, asked);
  const given: Readonly<Record<string, unknown>> = { ...metric };
  if (given.value === undefined) return named(path, given, `${path}.type`, asked);
  const { name, value, ...rest } = given;
  if (typeof name !== "string" || name === "") {
    throw new ConfigError(`${path}.name`, "a text: the value's key among the scores", describe(name));
  }
  if (typeof value !== "function") throw new ConfigError(`${path}.value`, "a function", describe(value));
  for (const key of Object.keys(rest)) throw unknownKey(path, key, ["name", "value"]);
  return { key: name, own: value as OwnMetric["value"] };
}

function named(
  path: string,
  given: Readonly<Record<string, unknown>>,
  typePath: string,
  { of, isBinary, isSoftmax, hasProbabilities }: Asked,
): ResolvedMetric {
  const type = checkChoice(typePath, given.type, METRIC_NAMES);
  const row = metricRow(type);
  if (
    row.of !== of ||
    (type === "topK" && !isSoftmax) ||
    (type === "confusionMatrix" && !isBinary && !isSoftmax)
  ) {
    const fitting = METRIC_NAMES.filter((name) => metricRow(name).of === of).join(", ");
    const kind = of === "numbers" ? "numbers" : isSoftmax ? "one of several classes" : "yes-or-no answers";
    throw new ConfigError(typePath, `a metric of ${kind}: ${fitting}`, describe(type));
  }
  if (of === "classes" && !hasProbabilities && OF_PROBABILITIES.includes(type)) {
    throw new ConfigError(
      typePath,
      "a metric that takes no probabilities, of which there are none",
      describe(type),
    );
  }
  const names = [
    "type",
    "name",
    ...row.parameters.map(({ name }) => name),
    ...(row.averaged ? ["average"] : []),
  ];
  for (const key of Object.keys(given)) if (!names.includes(key)) throw unknownKey(path, key, names);
  const [parameter] = row.parameters;
  const value = parameter === undefined ? undefined : given[parameter.name];
  const checked =
    parameter === undefined || value === undefined
      ? (parameter?.default ?? 0)
      : checkNumber(`${path}.${parameter.name}`, value, ...parameter.range);
  const { name = type, average = isBinary ? "binary" : "macro" } = given;
  if (typeof name !== "string" || name === "")
    throw new ConfigError(`${path}.name`, "a text", describe(name));
  const choice = checkChoice(`${path}.average`, average, AVERAGES);
  if (choice === "binary" && !isBinary) {
    throw new ConfigError(
      `${path}.average`,
      '"macro", "micro" or "weighted" where there are several',
      '"binary"',
    );
  }
  return { key: name, type, parameter: checked, average: choice };
}

type Options<Name extends MetricName> = Omit<Exclude<Extract<NamedMetric, { type: Name }>, string>, "type">;

/** Frozen data of a metric with options, which are checked where it is used. */
function maker<const Name extends MetricName>(type: Name) {
  return <Label extends string, Given extends Options<Name> & { readonly name?: Label }>(
    options: Given,
  ): { readonly type: Name } & Given => Object.freeze({ type, ...options });
}

/** The share of examples whose class is among the k (default 5) likeliest. */
export const topK = maker("topK");

/** Of those that were taken for a class, the share that is of it. `average`: see {@link Average}. */
export const precision = maker("precision");

/** Of those of a class, the share that was taken for it. `average`: see {@link Average}. */
export const recall = maker("recall");

/** (1 + β²)·precision·recall / (β²·precision + recall), β default 1. `average`: see {@link Average}. */
export const fScore = maker("fScore");

/** max(q·(y − a), (q − 1)·(y − a)), q being `quantile`, default 0.5. */
export const pinball = maker("pinball");
