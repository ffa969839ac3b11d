import { number } from "../report/number.js";
import type { Score } from "../report/report-data.js";
import { tableText } from "./table.js";

/** Scores with their intervals for people; `rows`: what they are of. */
export function scoreTable(scores: readonly Score[], rows: string): string {
  const lines = scores.map(({ name, value, interval }) => [
    name,
    number(value),
    interval === undefined ? "" : `[${number(interval[0])} – ${number(interval[1])}]`,
  ]);
  return tableText(["", rows, "95 %"], lines, [1]);
}

/** The same for programs. */
export function plainScores(scores: readonly Score[]): object {
  return Object.fromEntries(
    scores.map(({ name, value, interval }) => [name, { value, interval: interval ?? null }]),
  );
}
