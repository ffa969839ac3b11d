import type { Trial } from "@layerwise/cluster";
import { canonicalValue } from "./study-values.js";

/** What a parameter is worth: the share of the trials' differences that goes with it alone. */
export interface ParameterImportance {
  readonly name: string;
  readonly share: number;
}

/** Numbers are put into so many groups of equal size. */
const MOST_GROUPS = 5;

/**
 * ε² (Kelley 1935): of the variance of the values' ranks the share between groups of trials that have a parameter's value, or one near to it, in
 * common, less what chance alone gives; 0 at least. Ranks, so that a few very bad trials don't decide it. It sees one parameter at a
 * time: what two do together is in neither. The most important first.
 */
export function importanceOf(names: readonly string[], trials: readonly Trial[]): ParameterImportance[] {
  const done = trials.filter((trial) => trial.value !== undefined);
  const order = [...done].sort((a, b) => (a.value ?? 0) - (b.value ?? 0));
  const ranks = new Map(order.map((trial, rank) => [trial.trial, rank]));
  return names
    .map((name) => ({ name, share: shareOf(groupsOf(name, done), ranks, done.length) }))
    .sort((a, b) => b.share - a.share);
}

function groupsOf(name: string, trials: readonly Trial[]): Trial[][] {
  const values = trials.map((trial) => ({ trial, value: trial.configuration[name] }));
  const numbers = values.filter(({ value }) => typeof value === "number");
  const kinds = new Set(values.map(({ value }) => canonicalValue(value)));
  if (numbers.length < values.length || kinds.size <= MOST_GROUPS) {
    const groups = new Map<string, Trial[]>();
    for (const { trial, value } of values) {
      const key = canonicalValue(value);
      groups.set(key, [...(groups.get(key) ?? []), trial]);
    }
    return [...groups.values()];
  }
  const sorted = numbers.sort((a, b) => Number(a.value) - Number(b.value)).map(({ trial }) => trial);
  const count = Math.min(MOST_GROUPS, Math.max(2, Math.floor(sorted.length / 4)));
  return Array.from({ length: count }, (_, g) =>
    sorted.slice(Math.floor((g * sorted.length) / count), Math.floor(((g + 1) * sorted.length) / count)),
  );
}

function shareOf(groups: readonly Trial[][], ranks: ReadonlyMap<number, number>, n: number): number {
  if (groups.length < 2 || n <= groups.length) return 0;
  const mean = (n - 1) / 2;
  const ofGroup = groups.map((trials) => trials.map(({ trial }) => ranks.get(trial) ?? 0));
  const total = ofGroup.flat().reduce((sum, rank) => sum + (rank - mean) ** 2, 0);
  const within = ofGroup.reduce((sum, own) => {
    const middle = own.reduce((all, rank) => all + rank, 0) / own.length;
    return sum + own.reduce((all, rank) => all + (rank - middle) ** 2, 0);
  }, 0);
  const chance = ((groups.length - 1) * within) / (n - groups.length);
  return total > 0 ? Math.max(0, (total - within - chance) / total) : 0;
}
