import { fitPipeline, type Table } from "@layerwise/data";
import { ConfigError } from "layerwise";
import { halvingSearch, power } from "../methods/halving.js";
import { gridConfigurations, independentSearch, sampledSearch } from "../methods/independent.js";
import { MOST_HALTON_DIMENSIONS, sample } from "../methods/points.js";
import type { Search } from "../methods/search.js";
import { MOST_DIMENSIONS } from "../methods/sobol.js";
import { tpeSearch } from "../methods/tpe.js";
import { hashOf } from "../trial/canonical.js";
import type { DataReference } from "../trial/data-reference.js";
import type { Division } from "../trial/job.js";
import { checkOneOf } from "./checks.js";
import { betterWay, metricsOf, type TaskName, usualMetric } from "./metrics.js";
import type { Method, Space, Study, TrainingOptions } from "./study.js";

/** A study with all that follows from it and its data. */
export interface ResolvedStudy {
  readonly study: Study;
  readonly name: string;
  readonly data: DataReference;
  readonly target: readonly string[];
  readonly task: TaskName;
  readonly metric: string;
  readonly direction: "minimize" | "maximize";
  /** What all trials have: `task` and `networks` among them. */
  readonly options: TrainingOptions;
  readonly space: Space;
  readonly method: Method;
  readonly seed: number;
  /** Each configuration's trainings: from which seed, on which fold. */
  readonly trainings: readonly { readonly seed: number; readonly fold: number | null }[];
  /** After how many epochs each rung ends; null: when training does. */
  readonly rungs: readonly (number | null)[];
  readonly division: Division;
  /** SHA-256 of what all jobs share: the same for a larger budget. */
  readonly id: string;
  /** SHA-256 of what suggestions follow from besides. */
  readonly search: string;
}

/** `trainModel`'s own. */
const USUAL_EPOCHS = 200;
const USUAL_TRIALS = 20;
const MOST_OF_A_GRID = 1_000_000;

/** Seeds of repeats: `trainModel` takes up to 64 from each on. */
const BETWEEN_SEEDS = 64;

/** Fills in what isn't given. Raises ConfigError or DataError. */
export function resolveStudy(study: Study, data: DataReference, table: Table): ResolvedStudy {
  const target = typeof study.target === "string" ? [study.target] : study.target;
  const task = taskOf(study, target, table);
  const metric =
    study.metric === undefined
      ? usualMetric(task)
      : checkOneOf("study.metric", study.metric, metricsOf(task));
  const method = methodOf(study);
  const options: TrainingOptions = { networks: 1, ...study.options, task };
  const { seed = 0, repeats = 1, folds, test = 0.2, evaluation = 0.2, groups, ordered = false } = study;
  for (const name of [groups, ordered]) if (typeof name === "string") table.column(name);
  const division: Division = {
    seed,
    test,
    evaluation: folds === undefined ? { share: evaluation } : { folds },
    groups: groups ?? null,
    ordered,
  };
  const rungs = rungsOf(method, options, study.space ?? {});
  const trainings = Array.from({ length: repeats }, (_, r) => seed + r * BETWEEN_SEEDS).flatMap((own) =>
    Array.from({ length: folds ?? 1 }, (_, fold) => ({ seed: own, fold: folds === undefined ? null : fold })),
  );
  const files = data.files.map(({ sha256 }) => sha256);
  const shared = { files, reading: data.reading, target, metric, options, division, rungs };
  const id = hashOf(shared);
  const direction = study.direction ?? betterWay(task, metric);
  const space = study.space ?? {};
  return {
    ...{ study, name: study.name ?? nameOf(data), data, target, task, metric, options, space, method, seed },
    ...{ direction, trainings, rungs, division, id },
    search: hashOf({ id, space, method, seed, direction, trainings }),
  };
}

function nameOf({ files }: DataReference): string {
  return files[0]?.from.split(/[\\/]/).at(-1) ?? "study";
}

function taskOf({ options = {}, space = {} }: Study, target: readonly string[], table: Table): TaskName {
  if ("task" in space)
    throw new ConfigError("study.space.task", "none: values of two tasks can't be compared", "one");
  if (options.task === "classes" || options.task === "numbers") return options.task;
  const [first] = fitPipeline(table, { target }).targets;
  return first?.type === "classes" ? "classes" : "numbers";
}

function methodOf({ method = "tpe", space = {} }: Study): Method {
  if (typeof method !== "string") return method;
  return Object.keys(space).length === 0 && method === "tpe" ? { type: "grid" } : { type: method };
}

function rungsOf(method: Method, options: TrainingOptions, space: Space): readonly (number | null)[] {
  if (method.type !== "halving" && method.type !== "hyperband") return [null];
  for (const name of ["epochs", "networks"]) {
    if (name in space) throw new ConfigError(`study.space.${name}`, `none, with ${method.type}`, "one");
  }
  if (options.networks !== 1)
    throw new ConfigError("study.options.networks", `1, with ${method.type}`, `${options.networks}`);
  const epochs = Number(options.epochs ?? USUAL_EPOCHS);
  const factor = method.factor ?? 3;
  const least = method.leastEpochs ?? Math.max(1, Math.floor(epochs / power(factor, 3)));
  const rungs: number[] = [];
  // From the last rung down, so that its epochs are the training's own.
  for (let until = epochs; until >= least; until = Math.floor(until / factor)) rungs.unshift(until);
  if (rungs.length === 0)
    throw new ConfigError("study.method.leastEpochs", `at most ${epochs}, the epochs`, `${least}`);
  return rungs.map((until, i) => (i === rungs.length - 1 ? null : until));
}

/** Epochs that a training takes at most, up to the end of a rung. */
export function epochsUntil({ rungs, options }: ResolvedStudy, rung: number, own?: unknown): number {
  return rungs[rung] ?? Number(own ?? options.epochs ?? USUAL_EPOCHS);
}

/** The study's search. Raises ConfigError for what a method can't. */
export function searchOf({ study, space, method, seed, rungs }: ResolvedStudy): Search {
  const given = study.budget?.trials;
  const dimensions = Object.keys(space).length;
  const checkDimensions = (most: number, type: string) => {
    if (dimensions > most)
      throw new ConfigError("study.space", `at most ${most} parameters, for ${type}`, `${dimensions}`);
  };
  switch (method.type) {
    case "grid": {
      const grid = gridConfigurations(space, MOST_OF_A_GRID);
      if (grid === undefined)
        throw new ConfigError("study.space", `a grid of at most ${MOST_OF_A_GRID}`, "a larger one");
      return independentSearch(Math.min(given ?? grid.length, grid.length), (k) => grid[k] ?? {});
    }
    case "random":
    case "sobol":
    case "halton":
      checkDimensions(dimensionsOf(method.type), method.type);
      return sampledSearch(method.type, space, seed, given ?? USUAL_TRIALS);
    case "tpe": {
      const { startup = 10, candidates = 24, generation = 4 } = method;
      return tpeSearch({ space, seed, trials: given ?? USUAL_TRIALS, startup, candidates, generation });
    }
    case "halving":
    case "hyperband": {
      const { factor = 3, sampler = "random" } = method;
      checkDimensions(dimensionsOf(sampler), sampler);
      return halvingSearch({
        factor,
        rungs: rungs.length,
        isHyperband: method.type === "hyperband",
        trials: given,
        configuration: (k) => sample(sampler, space, seed, k),
      });
    }
  }
}

function dimensionsOf(sampler: "random" | "sobol" | "halton"): number {
  if (sampler === "random") return Number.POSITIVE_INFINITY;
  return sampler === "sobol" ? MOST_DIMENSIONS : MOST_HALTON_DIMENSIONS;
}
