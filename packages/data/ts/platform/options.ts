import { ConfigError } from "layerwise";
import { describe } from "./describe.js";
import { nearest } from "./nearest.js";

/** The options as an object whose keys are all among `names`; {} where none were given. Raises ConfigError. */
export function checkOptions<Options extends object>(
  call: string,
  given: Options | undefined,
  names: readonly (keyof Options & string)[],
): Partial<Options> {
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new ConfigError(`${call}'s options`, "an object", describe(given));
  }
  for (const key of Object.keys(given)) checkKey(call, key, names);
  return given;
}

function checkKey(place: string, key: string, names: readonly string[]): void {
  if (names.includes(key)) return;
  const guess = nearest(key, names);
  const hint = guess === undefined ? `one of ${names.join(", ")}` : `${guess} (did you mean it?)`;
  throw new ConfigError(`${place}'s options`, hint, JSON.stringify(key));
}

/** Raises ConfigError, naming the first callback that was given and is none. */
export function checkFunctions(callbacks: Readonly<Record<string, unknown>>): void {
  for (const [path, value] of Object.entries(callbacks)) {
    if (value !== undefined && typeof value !== "function")
      throw new ConfigError(path, "a function", describe(value));
  }
}

/** One of the values. Raises ConfigError. */
export function oneOf<Value extends string>(path: string, value: unknown, values: readonly Value[]): Value {
  const found = values.find((one) => one === value);
  if (found !== undefined) return found;
  throw new ConfigError(path, values.map((one) => JSON.stringify(one)).join(" or "), describe(value));
}

/** Raises ConfigError. */
export function checkInteger(path: string, value: unknown, least: number, most: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new ConfigError(path, `an integer in [${least}, ${most}]`, describe(value));
}

/** Raises ConfigError. */
export function checkNumber(
  path: string,
  value: unknown,
  is: (value: number) => boolean,
  range: string,
): number {
  if (typeof value === "number" && Number.isFinite(value) && is(value)) return value;
  throw new ConfigError(path, range, describe(value));
}

/** Raises ConfigError. */
export function checkBoolean(path: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new ConfigError(path, "true or false", describe(value));
}
