import { relative } from "node:path";
import { mergedOptions, type StudyRecord, type Trial } from "@layerwise/cluster";
import { commandOf } from "./train-output.js";

/** What trains a trial's configuration on all rows but those of the test, as layerwise.json has it. */
export function bestOptions({ study, task }: StudyRecord, { configuration }: Trial): Record<string, unknown> {
  const { target, options = {}, seed = 0, test = 0.2, groups, ordered, reading = {} } = study;
  return {
    target: typeof target === "string" ? [target] : target,
    ...mergedOptions(options, configuration),
    task,
    ...reading,
    seed,
    test,
    ...(groups !== undefined && { groups }),
    ...(ordered !== undefined && ordered !== false && { ordered }),
  };
}

/** The same as a command. */
export function bestCommand(study: StudyRecord, trial: Trial): string {
  const files = study.run.data.files.map(({ from }) => (from.includes("://") ? from : relative(".", from)));
  return commandOf(files, bestOptions(study, trial));
}
