import { hyperparameterKeys, momentsOf } from "../catalog/optimizers.js";
import type { Floats } from "../engine/memory.js";
import type { Layers } from "../model/layers.js";
import { CLIP_LIMITS } from "../training/clip.js";
import type { FitState, StepSettings, Trainee } from "../training/state.js";
import type { StoppingState, ValidationState } from "../training/watch-state.js";
import type { CheckpointSchedule } from "./checkpoint-options.js";
import { serializeWithChecksum } from "./checksum.js";
import type { Fingerprint } from "./fingerprint.js";
import { modelMetadata, parameterTensors, TENSOR_TYPE } from "./model-file.js";
import type { NewTensor } from "./safetensors.js";

/** A fit that is under way, apart from the network. */
export interface FitUnderWay {
  readonly settings: StepSettings & { readonly epochs: number; readonly batchSize: number };
  readonly state: FitState;
  readonly data: Fingerprint;
  /** Of the validation examples, where there are any. */
  readonly validationData: Fingerprint | undefined;
  readonly schedule: CheckpointSchedule;
}

/** The tensor of a moment: flat, in the order of the parameters. */
export function momentName(moment: string): string {
  return `optimizer.${moment}`;
}

/** The file of a network in the middle of a fit. The parameters must not change until it is done. */
export function encodeCheckpoint(
  trainee: Trainee,
  fit: FitUnderWay,
): Generator<void, Uint8Array<ArrayBuffer>> {
  // float64 first: so every tensor is aligned to its own number type.
  const tensors = [
    ...stateTensors(fit),
    ...parameterTensors(trainee),
    ...momentTensors(trainee.layers, fit),
    ...bestTensors(trainee.layers, fit),
  ];
  const metadata = modelMetadata(trainee, "checkpoint", fitMetadata(fit));
  return serializeWithChecksum(trainee.layers.engine, tensors, metadata);
}

/** A constant rate is that of every epoch, and in the file as a hyperparameter alone. */
function isScheduled({ optimizer }: FitUnderWay["settings"]): boolean {
  return typeof optimizer.learningRate !== "number";
}

function stateTensors({ state, settings }: FitUnderWay): NewTensor[] {
  const { power1, power2 } = settings.optimizer.state;
  const float64 = (name: string, numbers: readonly number[]): NewTensor => ({
    name,
    dtype: "F64",
    shape: [numbers.length],
    data: () => Float64Array.from(numbers),
  });
  return [
    float64("history.loss", state.loss),
    ...(isScheduled(settings) ? [float64("history.learningRate", state.learningRate)] : []),
    float64("history.partial", [state.weighted]),
    float64("optimizer.powers", [power1, power2]),
    ...validationTensors(state.validation, float64),
  ];
}

function validationTensors(
  validation: ValidationState | undefined,
  float64: (name: string, numbers: readonly number[]) => NewTensor,
): NewTensor[] {
  if (validation === undefined) return [];
  const scores = Object.entries(validation.scores);
  return [
    float64("validation.epochs", validation.epochs),
    ...scores.map(([name, values]) => float64(`validation.scores.${name}`, values)),
  ];
}

/** The best epoch's parameters, flat, in their order. */
function bestTensors({ dtype }: Layers, { state }: FitUnderWay): NewTensor[] {
  const { best } = state.stopping ?? {};
  if (best === undefined) return [];
  const tensor = (name: string, numbers: Floats): NewTensor => ({
    name,
    dtype: TENSOR_TYPE[dtype],
    shape: [numbers.length],
    data: () => numbers,
  });
  return [tensor("best.parameters", best.parameters), tensor("best.statistics", best.statistics)];
}

function momentTensors(layers: Layers, { settings }: FitUnderWay): NewTensor[] {
  const { rule, hyperparameters, moments } = settings.optimizer;
  const names = momentsOf(rule, hyperparameters);
  return moments.map((moment, i) => ({
    name: momentName(names[i] ?? ""),
    dtype: TENSOR_TYPE[layers.dtype],
    shape: [layers.parameterCount],
    data: () => layers.readByRows(moment),
  }));
}

function fitMetadata({
  settings,
  state,
  data,
  validationData,
  schedule,
}: FitUnderWay): (readonly [string, string])[] {
  const { rule, hyperparameters, learningRate, steps } = settings.optimizer;
  const { bestOnly, everySteps, everySeconds, keep } = schedule;
  return [
    ["optimizer", rule],
    ...hyperparameterKeys(rule, hyperparameters).map((key): [string, string] => [
      `optimizer.${key}`,
      String(hyperparameters[key]),
    ]),
    ...(isScheduled(settings) ? [["optimizer.schedule", JSON.stringify(learningRate)] as const] : []),
    ["optimizer.steps", String(steps)],
    ["fit.epochs", String(settings.epochs)],
    ["fit.batchSize", String(settings.batchSize)],
    ...(settings.l1 === 0 ? [] : [["fit.l1", String(settings.l1)] as [string, string]]),
    ["fit.l2", String(settings.l2)],
    ["fit.keepProb", String(settings.keepProb)],
    ...CLIP_LIMITS.filter((name) => settings.clip[name] > 0).map((name): [string, string] => [
      `fit.clip.${name}`,
      String(settings.clip[name]),
    ]),
    ["fit.firstStep", String(state.firstStep)],
    ["fit.cursor", String(state.cursor)],
    ["data.rows", String(data.rows)],
    ["data.x", data.x],
    ["data.y", data.y],
    ...weightsMetadata("data", data),
    ...(everySteps === undefined ? [] : [["checkpoint.everySteps", String(everySteps)] as [string, string]]),
    ...(everySeconds === undefined
      ? []
      : [["checkpoint.everySeconds", String(everySeconds)] as [string, string]]),
    ...(bestOnly ? [["checkpoint.bestOnly", "true"] as [string, string]] : []),
    ["checkpoint.keep", String(keep)],
    ...(state.validation === undefined || validationData === undefined
      ? []
      : ([
          ["validation.scores", JSON.stringify(Object.keys(state.validation.scores))],
          ["validation.rows", String(validationData.rows)],
          ["validation.x", validationData.x],
          ["validation.y", validationData.y],
          ...weightsMetadata("validation", validationData),
        ] as [string, string][])),
    ...(state.stopping === undefined ? [] : stoppingMetadata(state.stopping)),
  ];
}

function weightsMetadata(of: "data" | "validation", { weights }: Fingerprint): [string, string][] {
  return weights === undefined ? [] : [[`${of}.weights`, weights]];
}

function stoppingMetadata({ settings, bestEpoch, bestValue, waited }: StoppingState): [string, string][] {
  return [
    ["earlyStopping", JSON.stringify(settings)],
    ["earlyStopping.bestEpoch", String(bestEpoch)],
    ["earlyStopping.bestValue", String(bestEpoch === 0 ? 0 : bestValue)],
    ["earlyStopping.waited", String(waited)],
  ];
}
