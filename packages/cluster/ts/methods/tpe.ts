import { Stream } from "../random/chacha8.js";
import { configurationOf, isChoices } from "../study/space.js";
import type { Configuration, Parameter, Space } from "../study/study.js";
import { canonicalJson } from "../trial/canonical.js";
import { choiceEstimate, rangeEstimate } from "./parzen.js";
import { sample, startSampler } from "./points.js";
import { type Outcome, ranked, type Search, type Seen, type Suggestion } from "./search.js";

export interface TpePlan {
  readonly space: Space;
  readonly seed: number;
  readonly trials: number;
  readonly startup: number;
  readonly candidates: number;
  readonly generation: number;
}

/** The best tenth of the trials is what suggestions shall be like, of at most so many. */
const GOOD_SHARE = 0.1;
const MOST_GOOD = 25;

/** Trials that count wholly. */
const FRESH = 25;

/** How often a suggestion that was made before is drawn anew: in a small space it is taken then. */
const ATTEMPTS = 8;

/**
 * Tree-structured Parzen estimator (Bergstra, Bardenet, Bengio & Kégl 2011, with the share of good trials and the weights
 * that Optuna takes). A generation is suggested from the results of all generations but the one before it: this one may still run,
 * so that no worker waits, and counts as bad meanwhile, so that the same isn't suggested again.
 */
export function tpeSearch(plan: TpePlan): Search {
  const { trials, generation } = plan;
  return {
    stages: Math.ceil(trials / generation),
    planned: trials,
    isOrdered: true,
    // What these two needed is complete too.
    needs: (stage) => [stage - 3, stage - 2].filter((before) => before >= 0),
    plan: (stage, seen) => {
      const count = Math.min(generation, trials - stage * generation);
      const suggested: Suggestion[] = [];
      const known = knownBefore(stage, seen);
      for (let i = 0; i < count; i++) {
        const trial = stage * generation + i;
        suggested.push({ trial, configuration: suggest(plan, trial, known, suggested), rung: 0 });
      }
      return suggested;
    },
  };
}

interface Known {
  /** Complete, from best to worst. */
  readonly done: readonly Outcome[];
  /** Failed, or not complete. */
  readonly others: readonly Suggestion[];
}

function knownBefore(stage: number, seen: Seen): Known {
  const outcomes: Outcome[] = [];
  for (let before = 0; before <= stage - 2; before++) outcomes.push(...seen.outcomes(before));
  const failed = outcomes.filter(({ value }) => value === undefined);
  const running = stage > 0 ? seen.suggestions(stage - 1) : [];
  return { done: ranked(outcomes), others: [...failed, ...running] };
}

function suggest(
  { space, seed, startup, candidates }: TpePlan,
  trial: number,
  { done, others }: Known,
  suggested: readonly Suggestion[],
): Configuration {
  if (trial < startup || done.length === 0) return sample(startSampler(space), space, seed, trial);
  const good = Math.min(MOST_GOOD, Math.ceil(GOOD_SHARE * done.length));
  const better = done.slice(0, good);
  const worse = [...done.slice(good), ...others, ...suggested].sort((a, b) => a.trial - b.trial);
  const before = new Set([...better, ...worse].map((one) => textOf(one.configuration)));
  let configuration: Configuration = {};
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const stream = new Stream(seed, trial, 16 + attempt);
    configuration = configurationOf(space, (parameter, _, name) =>
      mostPromising(parameter, name, better, worse, candidates, stream),
    );
    if (!before.has(canonicalJson(configuration))) break;
  }
  return configuration;
}

/** Configurations as texts: each is asked for in every later suggestion. */
const texts = new WeakMap<Configuration, string>();

function textOf(configuration: Configuration): string {
  const text = texts.get(configuration) ?? canonicalJson(configuration);
  texts.set(configuration, text);
  return text;
}

/** Of candidates drawn from l, the density of what is good, the one with the largest l/g: the largest expected improvement. */
function mostPromising(
  parameter: Parameter,
  name: string,
  better: readonly Suggestion[],
  worse: readonly Suggestion[],
  candidates: number,
  stream: Stream,
) {
  const estimate = (of: readonly Suggestion[]) => {
    const values = of.flatMap(({ configuration: { [name]: value } }) => (value === undefined ? [] : [value]));
    const tried = values.map((value, i) => ({ value, weight: weightOf(i, values.length) }));
    return isChoices(parameter) ? choiceEstimate(parameter, tried) : rangeEstimate(parameter, tried);
  };
  const [l, g] = [estimate(better), estimate(worse)];
  let best = l.draw(stream);
  let most = l.density(best) / g.density(best);
  for (let i = 1; i < candidates; i++) {
    const value = l.draw(stream);
    const ratio = l.density(value) / g.density(value);
    if (ratio > most) [best, most] = [value, ratio];
  }
  return best;
}

/** The last 25 count 1, those before less the older they are. */
function weightOf(i: number, n: number): number {
  const older = n - FRESH;
  if (i >= older) return 1;
  return older === 1 ? 1 / n : 1 / n + ((1 - 1 / n) * i) / (older - 1);
}
