import { mergedOptions } from "../study/option-table.js";
import type { ResolvedStudy } from "../study/resolve-study.js";
import type { Configuration } from "../study/study.js";
import { keyOf, type TrialJob } from "../trial/job.js";

export interface KeyedJob {
  readonly key: string;
  readonly job: TrialJob;
}

/** The trainings of a configuration up to a rung's end, in the order of seeds and folds. */
export function jobsOf(
  resolved: ResolvedStudy,
  build: string,
  {
    trial,
    configuration,
    rung,
  }: { readonly trial: number; readonly configuration: Configuration; readonly rung: number },
): KeyedJob[] {
  const { id: study, rungs, options, target, metric, data, division } = resolved;
  return resolved.trainings.map(({ seed, fold }) => {
    const before = Array.from({ length: rung }, (_, i) =>
      keyOf({ study, configuration, seed, fold, rung: rung - 1 - i }),
    );
    const job: TrialJob = {
      version: 1,
      ...{ build, study, trial, configuration, target, metric, seed, fold, rung },
      options: mergedOptions(options, configuration),
      until: rungs[rung] ?? null,
      before,
      keepCheckpoint: rung < rungs.length - 1,
      keepModel: false,
      data,
      division,
    };
    return { key: keyOf(job), job };
  });
}
