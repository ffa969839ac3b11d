import { ConfigError } from "layerwise";
import { describe, shorten } from "../platform/describe.js";
import { DATE_PARTS, MOST_BYTES, type PipelineJson } from "./plan.js";

/** Checks a part of the JSON at its path. Raises ConfigError. */
type Check = (path: string, value: unknown) => void;

const fail = (path: string, expected: string, value: unknown): never => {
  throw new ConfigError(path, expected, describe(value));
};

const text: Check = (path, value) => {
  if (typeof value !== "string") fail(path, "a text", value);
};
const truth: Check = (path, value) => {
  if (typeof value !== "boolean") fail(path, "true or false", value);
};
const finite: Check = (path, value) => {
  if (typeof value !== "number" || !Number.isFinite(value)) fail(path, "a finite number", value);
};
const positive: Check = (path, value) => {
  if (typeof value !== "number" || !Number.isFinite(value) || value <= 0)
    fail(path, "a number above 0", value);
};
const share: Check = (path, value) => {
  if (typeof value !== "number" || !(value >= 0 && value <= 1)) fail(path, "a number in [0, 1]", value);
};

const exactly =
  (...values: readonly (string | number)[]): Check =>
  (path, value) => {
    if (!values.some((one) => one === value))
      fail(path, values.map((one) => JSON.stringify(one)).join(" or "), value);
  };

const list =
  (check: Check, least = 0): Check =>
  (path, value) => {
    if (!Array.isArray(value) || value.length < least) fail(path, `a list of at least ${least}`, value);
    for (const [i, one] of (value as unknown[]).entries()) check(`${path}[${i}]`, one);
  };

/** Texts of which none is there twice. */
const distinct =
  (least: number): Check =>
  (path, value) => {
    list(text, least)(path, value);
    const texts = value as string[];
    if (new Set(texts).size < texts.length) fail(path, "texts of which none is there twice", value);
  };

/** An object of these keys, no more and no fewer. */
const object =
  (checks: Readonly<Record<string, Check>>): Check =>
  (path, value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) fail(path, "an object", value);
    const given = value as Record<string, unknown>;
    for (const key of Object.keys(given)) {
      if (!Object.hasOwn(checks, key)) fail(path, `the keys ${Object.keys(checks).join(", ")}`, key);
    }
    for (const [key, check] of Object.entries(checks)) {
      if (!Object.hasOwn(given, key)) fail(path, `the key ${key}`, "none");
      check(`${path}.${key}`, given[key]);
    }
  };

/** One of several kinds, told apart by `type`. */
const kinds =
  (table: Readonly<Record<string, Check>>): Check =>
  (path, value) => {
    const type: unknown =
      typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
    const known = Object.keys(table)
      .map((one) => JSON.stringify(one))
      .join(", ");
    if (typeof type !== "string" || !Object.hasOwn(table, type)) {
      return fail(`${path}.type`, `a step or kind that is known: ${known}`, type);
    }
    table[type]?.(path, value);
  };

const ascending: Check = (path, value) => {
  list(finite, 1)(path, value);
  const numbers = value as number[];
  const falling = numbers.findIndex((one, i) => one < (numbers[i - 1] ?? one));
  if (falling >= 0)
    fail(`${path}[${falling}]`, `at least ${numbers[falling - 1]}, which is before it`, numbers[falling]);
};

const scale = object({ type: text, center: finite, scale: positive });
const clip = object({ type: text, limit: positive });

const numberStep = kinds({
  impute: object({ type: text, value: finite, indicator: truth }),
  standard: scale,
  robust: scale,
  minMax: scale,
  quantileNormal: object({ type: text, quantiles: ascending }),
  clip,
  softClip: clip,
});

/** Imputed first, or what comes behind would be NaN. */
const numberSteps: Check = (path, value) => {
  list(numberStep, 1)(path, value);
  const places = (value as { type: string }[]).map(({ type }) =>
    type === "impute" ? 0 : /clip$/i.test(type) ? 2 : 1,
  );
  const areInOrder = places.every((place, i) => i === 0 || place > (places[i - 1] ?? 0));
  if (places[0] !== 0 || !areInOrder) fail(path, "impute, at most one scaling, at most one clipping", value);
};

const oneStep =
  (check: Check): Check =>
  (path, value) => {
    list(check, 1)(path, value);
    if ((value as unknown[]).length > 1) fail(path, "one step", value);
  };

const common = { name: text, type: text, missing: list(text) };
const oneHot = object({ type: text, levels: distinct(0), other: truth, missing: truth });
const dateParts = object({
  type: text,
  parts: (path, value) => {
    distinct(1)(path, value);
    list(exactly(...DATE_PARTS))(path, value);
  },
  center: finite,
  scale: positive,
  indicator: truth,
});

const column = kinds({
  number: object({ ...common, steps: numberSteps }),
  category: object({ ...common, steps: oneStep(kinds({ oneHot })) }),
  boolean: object({
    ...common,
    steps: oneStep(kinds({ truth: object({ type: text, value: share, indicator: truth }) })),
  }),
  date: object({
    ...common,
    order: exactly("ymd", "dmy", "mdy"),
    steps: oneStep(kinds({ dateParts })),
  }),
});

const target = kinds({
  number: object({
    name: text,
    type: text,
    log: truth,
    mean: finite,
    deviation: positive,
    missing: list(text),
  }),
  classes: object({
    name: text,
    type: text,
    classes: distinct(2),
    values: exactly("text", "number", "boolean"),
    trailingPoint: truth,
    missing: list(text),
  }),
});

const pipeline = object({
  type: exactly("pipeline"),
  version: exactly(1),
  columns: list(column, 1),
  ignored: list(object({ name: text, reason: text })),
  targets: list(target, 1),
});

/** A preparation from elsewhere, all of it checked. Raises ConfigError, naming the place. */
export function checkPipeline(value: unknown): PipelineJson {
  pipeline("pipeline", value);
  const json = value as PipelineJson;
  const names = [...json.columns, ...json.targets].map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined)
    throw new ConfigError("pipeline", "each column once", JSON.stringify(shorten(twice)));
  checkSize(json);
  return json;
}

/** At most 1 MiB. Raises ConfigError. */
export function checkSize(json: PipelineJson): void {
  const bytes = new TextEncoder().encode(JSON.stringify(json)).length;
  if (bytes > MOST_BYTES)
    throw new ConfigError("pipeline", `at most ${MOST_BYTES} bytes of JSON`, `${bytes}`);
}
