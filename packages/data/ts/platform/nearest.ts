/** The name that differs least from the one that was given, by `limit` letters at most; undefined where none does. */
export function nearest(
  given: string,
  names: readonly string[],
  limit = Math.max(2, given.length / 3),
): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const apart = distance(given.toLowerCase().slice(0, 64), name.toLowerCase().slice(0, 64));
    if (apart < least && apart <= limit) [best, least] = [name, apart];
  }
  return best;
}

/** Letters to insert, delete or replace (Levenshtein 1966). */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    above = row;
  }
  return above[b.length] ?? 0;
}
