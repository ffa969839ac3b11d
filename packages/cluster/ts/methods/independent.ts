import { gridOf, isActive } from "../study/space.js";
import type { Configuration, Space, Value } from "../study/study.js";
import { type Sampler, sample } from "./points.js";
import type { Search } from "./search.js";

/** Suggestions of a stage; the number changes nothing but how far ahead a study is planned. */
const STAGE = 16;

/** A search that never looks at a result: configuration k is a function of k. */
export function independentSearch(trials: number, configuration: (k: number) => Configuration): Search {
  return {
    stages: Math.ceil(trials / STAGE),
    planned: trials,
    isOrdered: true,
    needs: () => [],
    plan: (stage) =>
      Array.from({ length: Math.min(STAGE, trials - stage * STAGE) }, (_, i) => {
        const trial = stage * STAGE + i;
        return { trial, configuration: configuration(trial), rung: 0 };
      }),
  };
}

/** Random search (Bergstra & Bengio 2012), or points of a sequence that fills the space evenly. */
export function sampledSearch(sampler: Sampler, space: Space, seed: number, trials: number): Search {
  return independentSearch(trials, (k) => sample(sampler, space, seed, k));
}

/** All combinations of the parameters' values, the last parameter's fastest; undefined where they are more than `most`. */
export function gridConfigurations(space: Space, most: number): readonly Configuration[] | undefined {
  let grid: Readonly<Record<string, Value>>[] = [{}];
  for (const [name, parameter] of Object.entries(space)) {
    const values = gridOf(parameter);
    grid = grid.flatMap((before) =>
      isActive(parameter, before) ? values.map((value) => ({ ...before, [name]: value })) : [before],
    );
    if (grid.length > most) return undefined;
  }
  return grid;
}
