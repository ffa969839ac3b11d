import { nearest as nearestName } from "@layerwise/data";
import { ConfigError } from "layerwise";

export type Json = Readonly<Record<string, unknown>>;

/** A short text of what came. */
export function shown(value: unknown): string {
  const text = typeof value === "number" ? `${value}` : (JSON.stringify(value) ?? typeof value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** An object all of whose keys are among the names. Raises ConfigError, with the nearest name. */
export function checkKeys(path: string, value: unknown, names: readonly string[]): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigError(path, "an object", shown(value));
  }
  for (const key of Object.keys(value)) {
    if (names.includes(key)) continue;
    const guess = nearest(key, names);
    const expected = guess === undefined ? `one of ${names.join(", ")}` : `${guess} (did you mean it?)`;
    throw new ConfigError(`${path}.${key}`, expected, "an unknown key");
  }
  return value as Json;
}

export function checkText(path: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new ConfigError(path, "a text", shown(value));
}

/** One text or several, as a list. */
export function checkTexts(path: string, value: unknown, what: string): readonly string[] {
  const texts: unknown = typeof value === "string" ? [value] : value;
  const areTexts = Array.isArray(texts) && texts.every((text) => typeof text === "string" && text !== "");
  if (areTexts && texts.length > 0) return texts;
  throw new ConfigError(path, what, shown(value));
}

export function checkOneOf<Name extends string>(path: string, value: unknown, names: readonly Name[]): Name {
  const found = names.find((name) => name === value);
  if (found !== undefined) return found;
  const guess = typeof value === "string" ? nearest(value, names) : undefined;
  const all = names.map((name) => JSON.stringify(name)).join(" or ");
  throw new ConfigError(
    path,
    guess === undefined ? all : `${JSON.stringify(guess)} (did you mean it?)`,
    shown(value),
  );
}

export function checkWhole(
  path: string,
  value: unknown,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most)
    return value;
  throw new ConfigError(path, `an integer in [${least}, ${most}]`, shown(value));
}

export function checkNumber(
  path: string,
  value: unknown,
  is: (value: number) => boolean,
  expected: string,
): number {
  if (typeof value === "number" && Number.isFinite(value) && is(value)) return value;
  throw new ConfigError(path, expected, shown(value));
}

export function checkSwitch(path: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new ConfigError(path, "true or false", shown(value));
}

/** The name that differs least; undefined where none is near. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  return nearestName(given, names, Math.ceil(Math.max(2, given.length / 3)));
}
