import {
  type HiddenLayers,
  joinModels,
  type LittleRoom,
  littleRoomFor,
  loadModel,
  type Model,
  prepareTraining,
  type Table,
} from "@layerwise/data";
import { StateError } from "layerwise";
import type { Runner } from "../runner/runner.js";
import type { BlobStore } from "../store/blob-store.js";
import { FolderStore } from "../store/folder-store.js";
import { checkStudy } from "../study/check-study.js";
import type { ResolvedStudy } from "../study/resolve-study.js";
import type { Study } from "../study/study.js";
import { buildOf } from "../trial/build.js";
import { divideRows } from "../trial/divide-rows.js";
import { keyOf, modelName, type TrialJob } from "../trial/job.js";
import { trainOptionsOf } from "../trial/train-options.js";
import { jobsOf } from "./make-jobs.js";
import { type OpenStudyOptions, openStudy } from "./open-study.js";

export interface EnsembleOptions extends OpenStudyOptions {
  readonly runner: Runner;
  /** Models lie here until all are trained: what is there from a run before isn't trained again. */
  readonly store: BlobStore;
  readonly signal?: AbortSignal;
  readonly onTrained?: (done: number, of: number) => void;
  /** Called before the first training where the folder of the store has less room than checkpoints and model may take. */
  readonly onLittleRoom?: (room: LittleRoom) => void;
}

/** A model of networks that were trained side by side. */
export interface Ensemble {
  readonly model: Model;
  /** The rows that no network saw; undefined where none were kept. */
  readonly test: Table | undefined;
  /** Removes its networks from the store, once it is written: else the same call has it again without training. */
  readonly forget: () => Promise<void>;
}

/**
 * Trains networks side by side, each with validation rows of its own, and averages them: to the byte the model that `layerwise train` makes of the
 * same rows, one network after the other. `networks` undefined: as many as `trainModel` has of so many rows. The study says data, target,
 * options, seed and test rows; nothing is searched. Raises ConfigError, StateError for a training that failed.
 */
export async function trainEnsemble(
  given: Study,
  networks: number | undefined,
  options: EnsembleOptions,
): Promise<Ensemble> {
  const study = checkStudy({ ...given, space: {}, method: "grid" });
  const { runner, store, signal } = options;
  const { resolved, table } = await openStudy(study, options);
  const { jobs, test, prepared } = await networkJobs(resolved, table, networks);
  const little = store instanceof FolderStore && (await littleRoomFor(prepared, store.folder));
  if (little) options.onLittleRoom?.(little);
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
      options.onTrained?.(++done, jobs.length);
    }),
  );
  const models: Model[] = [];
  for (const job of jobs) {
    const bytes = await store.get(modelName(keyOf(job)));
    if (bytes === undefined) throw new StateError(modelName(keyOf(job)), "a model in the store", "none");
    models.push(await loadModel(bytes));
  }
  const forget = async () => {
    for (const job of jobs) await store.delete(modelName(keyOf(job)));
  };
  return { model: joinModels(models), test, forget };
}

/** A training for each network, of the kind that it has by its number, and the rows that are kept for a test. */
async function networkJobs(resolved: ResolvedStudy, table: Table, networks: number | undefined) {
  const { target, options, task, id, seed } = resolved;
  const [one] = jobsOf(resolved, await buildOf(), { trial: 0, configuration: {}, rung: 0 });
  if (one === undefined) throw new StateError("study", "a training", "none");
  const division = { ...one.job.division, evaluation: null };
  const stratifyBy = task === "classes" ? (target[0] ?? null) : null;
  const { training, test } = await divideRows(table, division, null, stratifyBy);
  const { networks: _, ...others } = options;
  const prepared = prepareTraining(training, {
    ...trainOptionsOf(others, target, division.groups),
    ...(networks !== undefined && { networks }),
  });
  const { settings } = prepared;
  const jobs = Array.from({ length: settings.networks }, (_, k): TrialJob => {
    const { layers, activation, skip } = settings.kinds[k % settings.kinds.length] as HiddenLayers;
    const configuration = { layers: layers as readonly number[], activation, skip }; // a study's are widths
    return {
      ...one.job,
      ...{ trial: k, seed: seed + k, configuration, options: { ...one.job.options, ...configuration } },
      ...{ division, metric: null, keepModel: true, study: `${id} without evaluation` },
    };
  });
  return { jobs, test, prepared };
}
