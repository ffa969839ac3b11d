import { closest, distance } from "fastest-levenshtein";

/** The name that was probably meant; undefined where none is near. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const guess = closest(given, names);
  return distance(given.toLowerCase(), guess.toLowerCase()) <= Math.max(2, given.length / 3)
    ? guess
    : undefined;
}
