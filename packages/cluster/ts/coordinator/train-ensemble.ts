import { joinModels, loadModel, type Model } from "@layerwise/data";
import { StateError } from "layerwise";
import type { Runner } from "../runner/runner.js";
import type { BlobStore } from "../store/blob-store.js";
import { checkStudy } from "../study/check-study.js";
import type { Study } from "../study/study.js";
import { buildOf } from "../trial/build.js";
import { keyOf, modelName, type TrialJob } from "../trial/job.js";
import { jobsOf } from "./make-jobs.js";
import { type OpenStudyOptions, openStudy } from "./open-study.js";

export interface EnsembleOptions extends OpenStudyOptions {
  readonly runner: Runner;
  /** Models lie here until all are trained: what is there from a run before isn't trained again. */
  readonly store: BlobStore;
  readonly signal?: AbortSignal;
  readonly onTrained?: (done: number, of: number) => void;
}

/**
 * Trains `networks` networks side by side, each with validation rows of its own, and averages them: to the byte the model that `layerwise train`
 * makes of the same rows, one network after the other. The study says data, target, options, seed and test rows; nothing is searched.
 * Raises ConfigError, StateError for a training that failed.
 */
export async function trainEnsemble(
  given: Study,
  networks: number,
  options: EnsembleOptions,
): Promise<Model> {
  const study = checkStudy({ ...given, space: {}, method: "grid" });
  const { runner, store, signal } = options;
  const resolved = await openStudy(study, options);
  const [one] = jobsOf(resolved, await buildOf(), { trial: 0, configuration: {}, rung: 0 });
  if (one === undefined) throw new StateError("study", "a training", "none");
  const division = { ...one.job.division, evaluation: null };
  const jobs: TrialJob[] = Array.from({ length: networks }, (_, k) => ({
    ...one.job,
    ...{ trial: k, seed: resolved.seed + k, division, metric: null, keepModel: true },
    study: `${resolved.id} without evaluation`,
  }));
  let done = 0;
  await Promise.all(
    jobs.map(async (job) => {
      if (!(await store.has(modelName(keyOf(job))))) {
        const result = await runner.run(job, { ...(signal && { signal }) });
        if (result.state === "failed") {
          throw new StateError(
            `network ${job.trial}`,
            "one that trains",
            `${result.error.name}: ${result.error.message}`,
          );
        }
      }
      options.onTrained?.(++done, networks);
    }),
  );
  const models: Model[] = [];
  for (const job of jobs) {
    const bytes = await store.get(modelName(keyOf(job)));
    if (bytes === undefined) throw new StateError(modelName(keyOf(job)), "a model in the store", "none");
    models.push(await loadModel(bytes));
  }
  for (const job of jobs) await store.delete(modelName(keyOf(job)));
  return joinModels(models);
}
