import { HIDDEN_ACTIVATIONS } from "../../../ts/catalog/activations.js";
import { INITIALIZATIONS } from "../../../ts/catalog/initializations.js";
import { LOSSES } from "../../../ts/catalog/losses.js";
import { UPDATE_RULES } from "../../../ts/catalog/optimizers.js";
import { DATA_NAMES, dataSetRow } from "./data-sets.js";
import { choice, decimal, type Field, integer, layers } from "./fields.js";
import {
  type Given,
  lossParameters,
  optimizerParameters,
  type Parameter,
  parametersOfSchedule,
  RATES,
  usesLearningRate,
  type Value,
  writeValue,
} from "./parameters.js";

/**
 * What determines a run, under the names of the form's controls and the link's parameters; besides it the parameters of
 * the chosen loss, optimizer and schedule, which the core's tables list.
 */
const FIELDS = {
  data: choice("Data set", DATA_NAMES, "spiral"),
  classes: integer("Classes", 2, 2, 4),
  examples: integer("Examples", 400, 20, 2000),
  noise: decimal("Noise", 0.04, "a number from 0 to 0.5", (value) => value >= 0 && value <= 0.5),
  testShare: integer("Test share", 25, 0, 80),
  validationShare: integer("Validation share", 0, 0, 80),
  hiddenLayers: layers,
  hiddenActivation: choice("Activation", HIDDEN_ACTIVATIONS, "relu"),
  initialization: choice("Initialisation", INITIALIZATIONS, "he"),
  loss: choice("Loss", LOSSES, "binaryCrossEntropy"),
  optimizer: choice("Optimizer", UPDATE_RULES, "adam"),
  learningRate: decimal(
    "Learning rate",
    0.01,
    "a number above 0, at most 100",
    (value) => value > 0 && value <= 100,
  ),
  batchSize: integer("Batch size", 32, 0, 2000),
  l2: decimal("L2 λ", 0, "a number from 0 to 100", (value) => value >= 0 && value <= 100),
  keepProb: decimal("Keep probability", 1, "a number above 0, at most 1", (value) => value > 0 && value <= 1),
  epochs: integer("Epochs", 1000, 1, 1_000_000),
  schedule: choice("Schedule", RATES, "constant"),
  patience: integer("Patience", 0, 0, 100_000),
  seed: integer("Seed", 1, 0, 2 ** 40 - 1),
};

export type SettingName = keyof typeof FIELDS;
export type Choices = {
  readonly [Name in SettingName]: NonNullable<ReturnType<(typeof FIELDS)[Name]["read"]>>;
};

export interface Settings extends Choices {
  /** Those of the loss, the optimizer and the schedule, by the names of their controls. */
  readonly parameters: Given;
}

export const SETTING_NAMES = Object.keys(FIELDS) as SettingName[];

/** A setting whose text could not be read; its initial value stands in. */
export interface Problem {
  /** Of its control. */
  readonly name: string;
  /** What the form calls it. */
  readonly label: string;
  readonly message: string;
}

/** The text of a control or of a link's parameter; null where there is none. */
export type TextOf = (name: string) => string | null;

/** Settings from texts; a setting without a text gets its initial value. */
export function readSettings(textOf: TextOf): { settings: Settings; problems: Problem[] } {
  const { choices, problems } = readChoices(textOf);
  const read = readParameters(parametersOf(choices), choices, textOf);
  return { settings: { ...choices, parameters: read.values }, problems: [...problems, ...read.problems] };
}

/** The settings without the parameters that follow from them. */
export function readChoices(textOf: TextOf): { choices: Choices; problems: Problem[] } {
  const problems: Problem[] = [];
  const values = SETTING_NAMES.map((name) => {
    const { label, initial, expected, read } = FIELDS[name];
    const text = textOf(name);
    if (text === null) return [name, initial];
    const value = read(text);
    if (value === undefined) problems.push({ name, label, message: sentence(label, expected, text) });
    return [name, value ?? initial];
  });
  const choices = Object.fromEntries(values) as Choices;
  // One test can't be had of both.
  if (choices.testShare + choices.validationShare > 90) {
    const { label } = FIELDS.validationShare;
    const expected = `at most ${90 - Math.min(80, choices.testShare)}, so that some examples are left to learn from`;
    const message = sentence(label, expected, String(choices.validationShare));
    problems.push({ name: "validationShare", label, message });
    return { choices: { ...choices, validationShare: FIELDS.validationShare.initial }, problems };
  }
  return { choices, problems };
}

/** What the core's tables list for these choices. */
export function parametersOf({ loss, optimizer, schedule }: Choices): readonly Parameter[] {
  return [...lossParameters(loss), ...optimizerParameters(optimizer), ...parametersOfSchedule(schedule)];
}

/** What parameters may depend on: settings, and parameters before them. */
export function givenBefore({ learningRate, epochs }: Choices, values: Given): Given {
  return { learningRate, epochs, ...values };
}

function readParameters(
  parameters: readonly Parameter[],
  choices: Choices,
  textOf: TextOf,
): { values: Given; problems: Problem[] } {
  const problems: Problem[] = [];
  const values: Record<string, Value> = {};
  for (const { name, label, expected, initial, read } of parameters) {
    const [text, usual] = [textOf(name), initial(givenBefore(choices, values))];
    const value = text === null ? usual : read(text);
    if (value === undefined) problems.push({ name, label, message: sentence(label, expected, text ?? "") });
    values[name] = value ?? usual;
  }
  for (const { name, label, against } of parameters) {
    const value = values[name] ?? 0;
    const expected = against?.(value, givenBefore(choices, values));
    if (expected !== undefined)
      problems.push({ name, label, message: sentence(label, expected, writeValue(value)) });
  }
  return { values, problems };
}

function sentence(label: string, expected: string, text: string): string {
  const must = `${label} must be ${expected}`;
  return text === "" ? `${must}.` : `${must}, not “${text}”.`;
}

/** Whether a setting has an effect beside these others. */
export function isRelevant(name: SettingName, choices: Choices): boolean {
  if (name === "classes" || name === "examples" || name === "noise") {
    return dataSetRow(choices.data).settings.includes(name);
  }
  if (name === "patience") return choices.validationShare > 0;
  return name !== "learningRate" || usesLearningRate(choices.schedule);
}

/** All that a setting may be, where it is a choice. */
export function choicesOf(name: SettingName): readonly string[] {
  const field: { readonly values?: readonly unknown[] } = FIELDS[name];
  return (field.values ?? []).map(String);
}

/** A setting as the text that {@link readSettings} reads. */
export function writeSetting(settings: Choices, name: SettingName): string {
  const field: { write(value: unknown): string } = FIELDS[name] as Field<unknown>;
  return field.write(settings[name]);
}

/** All settings, and the parameters that follow from them, as a link has them. */
export function writeSettings(settings: Settings): readonly (readonly [name: string, text: string])[] {
  return [
    ...SETTING_NAMES.map((name) => [name, writeSetting(settings, name)] as const),
    ...Object.entries(settings.parameters).map(([name, value]) => [name, writeValue(value)] as const),
  ];
}
