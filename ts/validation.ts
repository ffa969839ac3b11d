import { ConfigError, describe } from "./errors.js";

/** Checks of single options. Each returns the value, now known to be of its type and in its range. */

/** An object whose own keys are all among `allowed`; `undefined` counts as an empty one. */
export function checkOptions(path: string, options: unknown, allowed: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new ConfigError(path, "an object with options", describe(options));
  }
  for (const key of Object.keys(options)) {
    if (allowed.includes(key)) continue;
    const near = nearest(key, allowed);
    const hint =
      near === undefined ? `one of ${allowed.join(", ")}` : `a known option (did you mean ${near}?)`;
    throw new ConfigError(`${path}.${key}`, hint, "an unknown one");
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
  const range = highest === Number.MAX_SAFE_INTEGER ? `>= ${lowest}` : `in [${lowest}, ${highest}]`;
  return checkNumber(
    path,
    value,
    `an integer ${range}`,
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

/** A function, or undefined. */
export function checkCallback(path: string, value: unknown): void {
  if (value !== undefined && typeof value !== "function") {
    throw new ConfigError(path, "a function", describe(value));
  }
}

/** The name within two edits (letter case aside) of `word`, if there is one. */
function nearest(word: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = 3;
  for (const name of names) {
    if (Math.abs(word.length - name.length) >= fewest) continue; // so many edits at least
    const edits = editDistance(word.toLowerCase(), name.toLowerCase());
    if (edits < fewest && edits < name.length) {
      fewest = edits;
      best = name;
    }
  }
  return best;
}

/** Levenshtein's distance: the fewest insertions, deletions and replacements that turn a into b. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
