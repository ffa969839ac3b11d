import type { NumberArray } from "../platform/realm.js";

/** Rows up to this length are copied number by number: cheaper than making a view for each. */
const SHORT_ROW = 64;

/** to[at …] ← the rows `order` of `from`, each `width` long. */
export function gatherRows(
  to: NumberArray,
  at: number,
  from: NumberArray,
  width: number,
  order: Uint32Array,
): void {
  let next = at;
  for (const row of order) {
    const first = row * width;
    if (width > SHORT_ROW) {
      to.set(from.subarray(first, first + width), next);
      next += width;
    } else {
      for (let j = first; j < first + width; j++) to[next++] = Number(from[j]);
    }
  }
}
