import type { History } from "layerwise";
import type { TrialDone } from "./result.js";

const MOST_POINTS = 32;
const DIGITS = 6;

/** Losses by epoch, evenly thinned, the last one included. */
export function curveOf(history: History | undefined): TrialDone["curve"] {
  const { loss = [], validation } = history ?? {};
  const validated = new Map(validation?.epochs.map((epoch, i) => [epoch, validation.loss[i]]));
  const count = Math.min(MOST_POINTS, loss.length);
  return Array.from({ length: count }, (_, i) => {
    const at = count === 1 ? 0 : Math.floor((i * (loss.length - 1)) / (count - 1));
    const held = validated.get(at + 1);
    return [at + 1, rounded(loss[at] ?? 0), held === undefined ? null : rounded(held)];
  });
}

/** toPrecision is exact by ECMAScript's definition, so the digits are the same everywhere. */
function rounded(x: number): number {
  return Number(x.toPrecision(DIGITS));
}
