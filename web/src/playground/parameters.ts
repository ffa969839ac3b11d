import { type LossName, lossRow } from "../../../ts/catalog/losses.js";
import { hyperparametersOf, type UpdateRule } from "../../../ts/catalog/optimizers.js";
import type { Range } from "../../../ts/catalog/ranges.js";
import { SCHEDULE_NAMES, type ScheduleName, scheduleParameters } from "../../../ts/catalog/schedules.js";
import type { Schedule } from "../../../ts/index.js";

/** A parameter of what was chosen from a table of the core: a field of the form, and of the link. */
export interface Parameter {
  /** The control's name, and the link's. */
  readonly name: string;
  /** Its name in the core. */
  readonly option: string;
  readonly label: string;
  readonly kind: "number" | "switch" | "list";
  /** What it must be, in words. */
  readonly expected: string;
  /** What it is unless someone chooses; `given` are the settings before it. */
  readonly initial: (given: Given) => Value;
  /** Undefined for a text that isn't such a value. */
  readonly read: (text: string) => Value | undefined;
  /** Why a value of its own range can't be beside the others, in words. */
  readonly against?: (value: Value, given: Given) => string | undefined;
}

export type Value = number | readonly number[];

/** By the names of their controls. */
export type Given = Readonly<Record<string, Value>>;

/** The learning rate stays what it is. */
export const CONSTANT = "constant";

export const RATES = [CONSTANT, ...SCHEDULE_NAMES] as const;

/** The parameters of an update rule; the learning rate is a setting of its own. */
export function optimizerParameters(rule: UpdateRule): readonly Parameter[] {
  return hyperparametersOf(rule)
    .filter(({ name }) => name !== "learningRate")
    .map((row) => {
      const { key: name, name: option, range, default: usual, needs, isSwitch = false } = row;
      if (!isSwitch) return numberParameter(name, option, range, () => usual);
      return {
        ...{ name, option, label: labelOf(option), kind: "switch", expected: "on or off" },
        initial: () => usual,
        read: (text) => (text === "0" || text === "1" ? Number(text) : undefined),
        against: (value, given) =>
          value === 1 && needs !== undefined && given[needs] === 0
            ? `off where ${labelOf(needs)} is 0`
            : undefined,
      };
    });
}

/** The numbers that a loss depends on. */
export function lossParameters(loss: LossName): readonly Parameter[] {
  return lossRow(loss).parameters.flatMap((row) =>
    "range" in row ? [numberParameter(`loss-${row.name}`, row.name, row.range, () => row.default)] : [],
  );
}

/** The length of a schedule that falls in steps: a part of the training, so that it falls within it. */
const SHARE_OF_EPOCHS: Readonly<Partial<Record<ScheduleName, number>>> = { step: 1 / 3 };

/** Where the core has no default. */
const USUAL_FACTOR = 0.1;

const POSITIVE: Range = ["a finite number > 0", (value) => value > 0];

/** The parameters of a schedule, its length among them; its rate is the setting `learningRate`. */
export function parametersOfSchedule(schedule: (typeof RATES)[number]): readonly Parameter[] {
  if (schedule === CONSTANT) return [];
  const rate = rateOf(schedule);
  const rows = scheduleParameters(schedule).filter(({ name }) => name !== rate);
  const length = numberParameter("schedule-epochs", "epochs", POSITIVE, ({ epochs = 1 }) =>
    Math.max(1, Math.round(Number(epochs) * (SHARE_OF_EPOCHS[schedule] ?? 1))),
  );
  return [
    length,
    ...rows.map(({ name: option, range, is, default: usual }): Parameter => {
      const name = `schedule-${option}`;
      if (is === "list") return listParameter(name, option, range);
      const initial = (given: Given) =>
        usual === undefined ? USUAL_FACTOR : usual(optionsGiven(given, rate));
      const field = numberParameter(name, option, range, initial);
      return is === "length" ? { ...field, against: isShorter } : field;
    }),
  ];
}

/** Whether the setting `learningRate` has an effect. */
export function usesLearningRate(schedule: (typeof RATES)[number]): boolean {
  return schedule === CONSTANT || rateOf(schedule) !== undefined;
}

/** The learning rate as an optimizer takes it: a number, or a schedule. */
export function learningRateOf(
  schedule: (typeof RATES)[number],
  learningRate: number,
  parameters: Given,
): number | Schedule {
  if (schedule === CONSTANT) return learningRate;
  const values = parametersOfSchedule(schedule).map(
    ({ option, name }) => [option, parameters[name]] as const,
  );
  const options: Record<string, unknown> = { type: schedule, ...Object.fromEntries(values) };
  const rate = rateOf(schedule);
  if (rate !== undefined) options[rate] = learningRate;
  const lists = values.filter(([, value]) => Array.isArray(value));
  for (const [, value] of lists) {
    // Each of its numbers holds for an equal part of the length.
    const parts = Array.isArray(value) ? value.length : 1;
    const length = Number(parameters["schedule-epochs"]);
    options.epochs = Array.from({ length: parts - 1 }, (_, i) => (length * (i + 1)) / parts);
  }
  return options as unknown as Schedule;
}

/** The rate that must be given: the highest or first one. */
function rateOf(schedule: ScheduleName): string | undefined {
  return scheduleParameters(schedule).find(({ is, default: usual }) => is === "rate" && usual === undefined)
    ?.name;
}

/** What a schedule's defaults follow from: its options so far. */
function optionsGiven(given: Given, rate: string | undefined): Record<string, number> {
  const options = Object.entries(given).flatMap(([name, value]) =>
    name.startsWith("schedule-") && typeof value === "number"
      ? [[name.slice("schedule-".length), value] as const]
      : [],
  );
  const { learningRate } = given;
  if (rate !== undefined && typeof learningRate === "number") options.push([rate, learningRate]);
  return Object.fromEntries(options);
}

function isShorter(value: Value, given: Given): string | undefined {
  const whole = Math.min(Number(given["schedule-epochs"]), Number(given.epochs));
  return Number(value) < whole ? undefined : `less than the training’s and the schedule’s length, ${whole}`;
}

function numberParameter(
  name: string,
  option: string,
  [words, holds]: Range,
  initial: (given: Given) => number,
): Parameter {
  return {
    ...{ name, option, initial, label: labelOf(option), kind: "number", expected: IN_WORDS[words] ?? words },
    read: (text) => {
      const value = Number(text);
      return text.trim() !== "" && Number.isFinite(value) && holds(value) ? value : undefined;
    },
  };
}

const MOST_OF_A_LIST = 12;

function listParameter(name: string, option: string, [words, holds]: Range): Parameter {
  return {
    ...{ name, option, label: labelOf(option), kind: "list" },
    expected: `2 to ${MOST_OF_A_LIST} numbers with commas between them, each ${IN_WORDS[words] ?? words}`,
    initial: ({ learningRate = 0.01 }) => [Number(learningRate), Number(learningRate) / 10],
    read: (text) => {
      const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
      const fit = values.every((value) => Number.isFinite(value) && holds(value));
      return fit && values.length >= 2 && values.length <= MOST_OF_A_LIST ? values : undefined;
    },
  };
}

/** The core's ranges in words that need no mathematics; others stand as they are. */
const IN_WORDS: Readonly<Record<string, string>> = {
  "a finite number > 0": "a number above 0",
  "a finite number >= 0": "a number from 0 up",
  "a number in [0, 1)": "a number from 0 to below 1",
  "a number in (0, 1]": "a number above 0, at most 1",
  "a number in (0, 1)": "a number between 0 and 1",
  "an integer >= 0": "a whole number from 0 up",
  "an integer >= 1": "a whole number from 1 up",
};

/** Where an option's name in plain words wouldn't do. */
const LABELS: Readonly<Record<string, string>> = {
  beta: "β",
  beta1: "β₁",
  beta2: "β₂",
  gamma: "γ",
  delta: "δ",
  epsilon: "ε",
  epochs: "Length, epochs",
  from: "First rate",
  to: "Last rate",
  warmup: "Warm-up, epochs",
  rates: "Rates, in equal parts",
};

/** An option as the form calls it: `momentumDecay` is “Momentum decay”. */
function labelOf(option: string): string {
  const words = option.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return LABELS[option] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** A value as `read` takes it. */
export function writeValue(value: Value): string {
  return typeof value === "number" ? String(value) : value.join(", ");
}
