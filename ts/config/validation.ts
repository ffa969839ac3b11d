import { ConfigError, describe, shorten } from "../errors/errors.js";
import { type Call, OPTION_NAMES } from "./option-names.js";
import { instead, nearest } from "./unknown-option.js";

/** Checks of single options. Each returns the value, now known to be of its type and in its range. */

/** The options of a call that are given, each read once. */
export type Given<Options, Of extends Call> = {
  readonly [Name in (typeof OPTION_NAMES)[Of][number] & keyof Options]?: Exclude<Options[Name], undefined>;
};

/**
 * Reads the options of a call, each once: those that are `undefined` count as not given. An option counts whether
 * it is the object's own or inherited (from a class, or from another object of options), and so do unknown names,
 * apart from what every object inherits. Raises {@link ConfigError}.
 */
export function readOptions<Of extends Call, Options extends object>(
  call: Of,
  path: string,
  options: Options | undefined,
): Given<Options, Of> {
  checkOptions(call, path, options);
  const given = (options ?? {}) as Readonly<Record<string, unknown>>;
  const read: Record<string, unknown> = {};
  for (const name of OPTION_NAMES[call]) {
    const value = given[name];
    if (value !== undefined) read[name] = value;
  }
  return read as Given<Options, Of>;
}

/** An object of this call's options and no others; `undefined` counts as an empty one. Raises {@link ConfigError}. */
export function checkOptions(call: Call, path: string, options: unknown): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new ConfigError(path, "an object with options", describe(options));
  }
  const names: readonly string[] = OPTION_NAMES[call];
  for (const key in options) {
    if (names.includes(key) || (key in Object.prototype && !Object.hasOwn(options, key))) continue;
    throw new ConfigError(`${path}.${shorten(key)}`, instead(call, key), "an unknown one");
  }
}

/** A finite number for which `holds`; `range` says so in words. */
export function checkNumber(
  path: string,
  value: unknown,
  range: string,
  holds: (value: number) => boolean,
): number {
  if (typeof value !== "number" || !Number.isFinite(value) || !holds(value)) {
    throw new ConfigError(path, range, describe(value));
  }
  return value;
}

/** An integer in [lowest, highest]. */
export function checkInteger(path: string, value: unknown, lowest: number, highest: number): number {
  const range = highest === Number.MAX_SAFE_INTEGER ? `[${lowest}, 2^53)` : `[${lowest}, ${highest}]`;
  return checkNumber(
    path,
    value,
    `an integer in ${range}`,
    (n) => Number.isInteger(n) && n >= lowest && n <= highest,
  );
}

/** One of the given names. */
export function checkChoice<Name extends string>(path: string, value: unknown, names: readonly Name[]): Name {
  const found = names.find((name) => name === value);
  if (found !== undefined) return found;
  const near = typeof value === "string" ? nearest(value, names) : undefined;
  const choices = names.map((name) => `"${name}"`).join(" or ");
  const hint = near === undefined ? "" : ` (did you mean "${near}"?)`;
  throw new ConfigError(path, `${choices}${hint}`, describe(value));
}

/** True or false. */
export function checkBoolean(path: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new ConfigError(path, "true or false", describe(value));
}

/** A function, or undefined. */
export function checkCallback(path: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function") {
    throw new ConfigError(path, "a function", describe(value));
  }
}
