import { HIDDEN_ACTIVATIONS } from "../../../ts/catalog/activations.js";
import { INITIALIZATIONS } from "../../../ts/catalog/initializations.js";
import { UPDATE_RULES } from "../../../ts/catalog/optimizers.js";
import { wholeNumber } from "../numbers.js";

/** One setting: how it is read from a control or a link, and written there. */
interface Field<Value> {
  /** What the form calls it. */
  readonly label: string;
  readonly initial: Value;
  readonly expected: string;
  /** Undefined for a text that isn't such a value. */
  readonly read: (text: string) => Value | undefined;
  readonly write: (value: Value) => string;
  /** All values, where they can be listed. */
  readonly values?: readonly Value[];
}

function choice<Value extends string>(label: string, values: readonly Value[], initial: Value): Field<Value> {
  return {
    label,
    initial,
    expected: `one of ${values.join(", ")}`,
    values,
    read: (text) => values.find((value) => value === text),
    write: (value) => value,
  };
}

function number(
  label: string,
  initial: number,
  expected: string,
  allows: (value: number) => boolean,
): Field<number> {
  return {
    label,
    initial,
    expected,
    read: (text) => (text.trim() !== "" && allows(Number(text)) ? Number(text) : undefined),
    write: String,
  };
}

function integer(label: string, initial: number, min: number, max: number): Field<number> {
  return number(
    label,
    initial,
    `a whole number from ${wholeNumber(min)} to ${wholeNumber(max)}`,
    (value) => Number.isInteger(value) && value >= min && value <= max,
  );
}

function decay(label: string, initial: number): Field<number> {
  return number(label, initial, "a number from 0 to below 1", (value) => value >= 0 && value < 1);
}

export const MAX_HIDDEN_LAYERS = 6;
export const MAX_WIDTH = 128;

const layers: Field<readonly number[]> = {
  label: "Hidden layers",
  initial: [16, 16],
  expected: `at most ${MAX_HIDDEN_LAYERS} whole numbers from 1 to ${MAX_WIDTH}`,
  read: (text) => {
    const widths =
      text === "" ? [] : text.split(",").map((width) => (width === "" ? Number.NaN : Number(width)));
    const fit = widths.every((width) => Number.isInteger(width) && width >= 1 && width <= MAX_WIDTH);
    return fit && widths.length <= MAX_HIDDEN_LAYERS ? widths : undefined;
  },
  write: (widths) => widths.join(","),
};

/** All that determines a run, under the names of the form's controls and the link's parameters. */
const FIELDS = {
  data: choice("Data set", ["circles", "moons", "spiral", "xor", "gaussians", "points"], "spiral"),
  classes: integer("Classes", 2, 2, 4),
  examples: integer("Examples", 400, 20, 2000),
  noise: number("Noise", 0.04, "a number from 0 to 0.5", (value) => value >= 0 && value <= 0.5),
  testShare: integer("Test share", 25, 0, 80),
  hiddenLayers: layers,
  hiddenActivation: choice("Activation", HIDDEN_ACTIVATIONS, "relu"),
  initialization: choice("Initialisation", INITIALIZATIONS, "he"),
  optimizer: choice("Optimizer", UPDATE_RULES, "adam"),
  learningRate: number(
    "Learning rate",
    0.01,
    "a number above 0, at most 100",
    (value) => value > 0 && value <= 100,
  ),
  beta1: decay("β₁", 0.9),
  beta2: decay("β₂", 0.999),
  batchSize: integer("Batch size", 32, 0, 2000),
  l2: number("L2 λ", 0, "a number from 0 to 100", (value) => value >= 0 && value <= 100),
  keepProb: number("Keep probability", 1, "a number above 0, at most 1", (value) => value > 0 && value <= 1),
  epochs: integer("Epochs", 1000, 1, 1_000_000),
  seed: integer("Seed", 1, 0, 2 ** 40 - 1),
};

export type SettingName = keyof typeof FIELDS;
export type Settings = {
  readonly [Name in SettingName]: NonNullable<ReturnType<(typeof FIELDS)[Name]["read"]>>;
};

export const SETTING_NAMES = Object.keys(FIELDS) as SettingName[];

/** A setting whose text could not be read; its initial value stands in. */
export interface Problem {
  readonly name: SettingName;
  /** What the form calls it. */
  readonly label: string;
  readonly message: string;
}

/** Settings from texts; a setting without a text gets its initial value. */
export function readSettings(textOf: (name: SettingName) => string | null): {
  settings: Settings;
  problems: Problem[];
} {
  const problems: Problem[] = [];
  const values = SETTING_NAMES.map((name) => {
    const { label, initial, expected, read } = FIELDS[name];
    const text = textOf(name);
    if (text === null) return [name, initial];
    const value = read(text);
    if (value === undefined) problems.push({ name, label, message: sentence(label, expected, text) });
    return [name, value ?? initial];
  });
  return { settings: Object.fromEntries(values) as Settings, problems };
}

function sentence(label: string, expected: string, text: string): string {
  const must = `${label} must be ${expected}`;
  return text === "" ? `${must}.` : `${must}, not “${text}”.`;
}

/** All that a setting may be, where it is a choice. */
export function choicesOf(name: SettingName): readonly string[] {
  const field: { readonly values?: readonly unknown[] } = FIELDS[name];
  return (field.values ?? []).map(String);
}

/** A setting as the text that {@link readSettings} reads. */
export function writeSetting(settings: Settings, name: SettingName): string {
  const field: { write(value: unknown): string } = FIELDS[name] as Field<unknown>;
  return field.write(settings[name]);
}
