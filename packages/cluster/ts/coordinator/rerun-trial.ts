import { InternalError, StateError } from "layerwise";
import type { JournaledStudy } from "../journal/trials-of.js";
import type { Runner } from "../runner/runner.js";
import type { BlobStore } from "../store/blob-store.js";
import { resolveStudy } from "../study/resolve-study.js";
import { buildOf } from "../trial/build.js";
import { hashOfBytes } from "../trial/canonical.js";
import type { DataReference } from "../trial/data-reference.js";
import { keyOf, modelName } from "../trial/job.js";
import { openData } from "../trial/open-data.js";
import type { TrialDone } from "../trial/result.js";
import { jobsOf } from "./make-jobs.js";
import type { Trial } from "./run-study-options.js";

export interface RerunOptions {
  readonly runner: Runner;
  readonly store: BlobStore;
  /** Where its data are by now. Default: where they were. */
  readonly data?: DataReference;
}

/** A trial's training once more, and its model file. */
export interface Rerun {
  readonly result: TrialDone;
  readonly model: Uint8Array;
}

/**
 * Trains a trial of a journal once more, its first seed and fold, and gives its model: the very one, since its hash is compared with the
 * journal's. Raises StateError for a trial that failed or another build, InternalError for another model.
 */
export async function rerunTrial(
  { study }: JournaledStudy,
  trial: Trial,
  { runner, store, data = study.run.data }: RerunOptions,
): Promise<Rerun> {
  const build = await buildOf();
  if (study.build !== build) throw new StateError("study", `build ${study.build}, which ran it`, build);
  const table = await openData(data, store);
  const resolved = resolveStudy(study.study, data, table);
  const [first] = jobsOf(resolved, build, trial);
  const before = trial.results[0];
  if (first === undefined || before === undefined || before.state === "failed") {
    throw new StateError(`trial ${trial.trial}`, "one that is done", before?.state ?? "none");
  }
  const result = await runner.run({ ...first.job, keepModel: true, keepCheckpoint: false });
  const name = modelName(keyOf(first.job));
  const model = await store.get(name);
  await store.delete(name);
  const found = result.state === "done" ? result.model : result.error.message;
  if (
    model === undefined ||
    result.state === "failed" ||
    found !== before.model ||
    hashOfBytes(model) !== found
  ) {
    throw new InternalError(`trial ${trial.trial}`, `the model ${before.model}`, found);
  }
  return { result, model };
}
