import type { Configuration } from "../study/study.js";
import { type Outcome, ranked, type Search, type Suggestion } from "./search.js";

/** What a search by halving is made of. */
export interface HalvingPlan {
  readonly factor: number;
  /** How many rungs there are: epochs grow by the factor from each to the next. */
  readonly rungs: number;
  /** Whether brackets begin on every rung, by turns, or on the first alone. */
  readonly isHyperband: boolean;
  /** Configurations in all; undefined: one round of brackets. */
  readonly trials: number | undefined;
  readonly configuration: (k: number) => Configuration;
}

/** Configurations that begin together on one rung. */
interface Bracket {
  readonly firstTrial: number;
  readonly firstRung: number;
  /** How many train on each rung, from the first one. */
  readonly sizes: readonly number[];
}

/** One rung of a bracket. */
interface Place {
  readonly bracket: Bracket;
  readonly step: number;
}

/**
 * Successive halving (Jamieson & Talwalkar 2016), synchronous: when a rung is complete, the best of it, one of `factor`, go on to the next.
 * Hyperband (Li et al. 2018) does it in brackets that begin on different rungs, with fewer configurations the later they begin.
 */
export function halvingSearch(plan: HalvingPlan): Search {
  const places = bracketsOf(plan).flatMap((bracket) => bracket.sizes.map((_, step) => ({ bracket, step })));
  const at = (stage: number): Place => {
    const place = places[stage];
    if (place === undefined) throw new RangeError(`stage ${stage}`);
    return place;
  };
  const keeps = (stage: number) => at(stage).bracket.sizes[at(stage).step + 1];
  const best = (stage: number, outcomes: readonly Outcome[]) => ranked(outcomes).slice(0, keeps(stage) ?? 0);
  return {
    stages: places.length,
    planned: places.reduce((sum, { bracket, step }) => sum + (bracket.sizes[step] ?? 0), 0),
    isOrdered: false,
    needs: (stage) => (at(stage).step === 0 ? [] : [stage - 1]),
    plan: (stage, seen): readonly Suggestion[] => {
      const { bracket, step } = at(stage);
      const rung = bracket.firstRung + step;
      if (step > 0) {
        const kept = best(stage - 1, seen.outcomes(stage - 1));
        return kept.map(({ trial, configuration }) => ({ trial, configuration, rung }));
      }
      return Array.from({ length: bracket.sizes[0] ?? 0 }, (_, i) => {
        const trial = bracket.firstTrial + i;
        return { trial, configuration: plan.configuration(trial), rung };
      });
    },
    promoted: (stage, outcomes) =>
      keeps(stage) === undefined ? undefined : best(stage, outcomes).map(({ trial }) => trial),
  };
}

function bracketsOf({ factor, rungs, isHyperband, trials }: HalvingPlan): Bracket[] {
  const brackets: Bracket[] = [];
  let firstTrial = 0;
  do {
    for (let s = rungs - 1; s >= (isHyperband ? 0 : rungs - 1); s--) {
      // n = ⌈(s_max + 1)/(s + 1) · ηˢ⌉ of Hyperband; of halving alone as many as may be.
      const usual = Math.ceil((isHyperband ? rungs / (s + 1) : 1) * power(factor, s));
      const left = trials === undefined ? usual : trials - firstTrial;
      const n = isHyperband ? Math.min(usual, left) : left;
      if (n <= 0) break;
      const sizes = Array.from({ length: s + 1 }, (_, i) => Math.floor(n / power(factor, i))).filter(
        (k) => k > 0,
      );
      brackets.push({ firstTrial, firstRung: rungs - 1 - s, sizes });
      firstTrial += n;
    }
  } while (trials !== undefined && firstTrial < trials);
  return brackets;
}

/** baseⁿ of whole numbers. */
export function power(base: number, n: number): number {
  let product = 1;
  for (let i = 0; i < n; i++) product *= base;
  return product;
}
