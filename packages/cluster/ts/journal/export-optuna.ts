import type { Trial } from "../coordinator/run-study-options.js";
import { choiceOf, isChoices } from "../study/space.js";
import type { Parameter, Value } from "../study/study.js";
import type { JournaledStudy } from "./trials-of.js";

/** Operations of Optuna's journal storage, states of its trials and directions of its studies, as Optuna 5.0 numbers them. */
const CREATE_STUDY = 0;
const CREATE_TRIAL = 4;
const SET_PARAMETER = 5;
const SET_STATE = 6;
const SET_INTERMEDIATE = 7;
const COMPLETE = 1;
const FAILED = 3;
const DIRECTIONS = { minimize: 1, maximize: 2 } as const;

/**
 * The trials as a file of Optuna's journal storage, for programs that read it: `optuna-dashboard trials.log`. Intermediate values are the losses of the
 * curve; times are what each trial took, from a fixed day on.
 */
export function optunaJournalOf({ study, trials }: JournaledStudy): string {
  const name = { op_code: CREATE_STUDY, study_name: study.name, directions: [DIRECTIONS[study.direction]] };
  const space = Object.entries(study.study.space ?? {});
  const lines = [name, ...trials.flatMap((trial, id) => operationsOf(trial, id, space))];
  return lines.map((line) => `${JSON.stringify({ worker_id: "layerwise", ...line })}\n`).join("");
}

function operationsOf(trial: Trial, id: number, space: readonly (readonly [string, Parameter])[]): object[] {
  const [first] = trial.results;
  const seconds = trial.results.reduce((sum, { run }) => sum + run.seconds, 0);
  const parameters = space.flatMap(([name, parameter]) => {
    const value = trial.configuration[name];
    return value === undefined
      ? []
      : [{ op_code: SET_PARAMETER, trial_id: id, param_name: name, ...internal(parameter, value) }];
  });
  const curve = first?.state === "done" ? first.curve : [];
  return [
    { op_code: CREATE_TRIAL, study_id: 0, datetime_start: timeOf(0) },
    ...parameters,
    ...curve.map(([step, loss, held]) => ({
      ...{ op_code: SET_INTERMEDIATE, trial_id: id, step, intermediate_value: held ?? loss },
    })),
    {
      ...{ op_code: SET_STATE, trial_id: id, state: trial.value === undefined ? FAILED : COMPLETE },
      values: trial.value === undefined ? null : [trial.value],
      datetime_complete: timeOf(seconds),
    },
  ];
}

function timeOf(seconds: number): string {
  return new Date(1000 * seconds).toISOString().replace("Z", "+00:00");
}

/** A value as Optuna stores it, with its distribution. Its choices are texts, numbers, booleans or null: others become texts. */
function internal(parameter: Parameter, value: Value): object {
  if (isChoices(parameter)) {
    const plain = (choice: Value) =>
      typeof choice === "object" && choice !== null ? JSON.stringify(choice) : choice;
    const distribution = {
      name: "CategoricalDistribution",
      attributes: { choices: parameter.choices.map(plain) },
    };
    return { param_value_internal: choiceOf(parameter, value), distribution: JSON.stringify(distribution) };
  }
  const { from: low, to: high, scale, integer = false } = parameter;
  const distribution = {
    name: integer ? "IntDistribution" : "FloatDistribution",
    attributes: { step: integer ? 1 : null, low, high, log: scale === "log" },
  };
  return { param_value_internal: Number(value), distribution: JSON.stringify(distribution) };
}
