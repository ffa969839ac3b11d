import { hyperparameterKeys, momentsOf } from "../catalog/optimizers.js";
import type { Runtime } from "../engine/engine.js";
import type { Floats } from "../engine/memory.js";
import type { Layers } from "../model/layers.js";
import { CLIP_LIMITS } from "../training/clip.js";
import type { Monitoring } from "../training/monitor.js";
import { NEW_STATE } from "../training/optimizer.js";
import type { FitState, StepSettings, Trainee } from "../training/state.js";
import type { PlateauState, StoppingState, ValidationState } from "../training/watch-state.js";
import type { CheckpointSchedule } from "./checkpoint-options.js";
import { serializeWithChecksum } from "./checksum.js";
import type { Fingerprint } from "./fingerprint.js";
import { modelMetadata, parameterTensors, TENSOR_TYPE } from "./model-file.js";
import type { NewTensor } from "./safetensors.js";

/** A fit that is under way, apart from the network. */
export interface FitUnderWay {
  readonly settings: StepSettings & {
    readonly epochs: number;
    readonly batchSize: number;
    readonly accumulate: number;
  };
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
    ...blockTensors(trainee.layers, "best", fit.state.stopping?.best),
    ...blockTensors(trainee.layers, "average", averageOf(fit)),
  ];
  const metadata = modelMetadata(trainee, "checkpoint", [
    ...mathMetadata(trainee.layers.engine.runtime),
    ...fitMetadata(fit),
  ]);
  return serializeWithChecksum(trainee.layers.engine, tensors, metadata);
}

/** Exact math is not in the file. */
function mathMetadata({ math }: Runtime): (readonly [string, string])[] {
  return math === "exact" ? [] : [["fit.math", math]];
}

/** A rate that stays is that of every epoch, and in the file as a hyperparameter alone. */
function rateChanges({ settings: { optimizer }, state }: FitUnderWay): boolean {
  const { reduction } = optimizer.state;
  return typeof optimizer.learningRate !== "number" || state.plateau !== undefined || reduction !== 1;
}

function averageOf({ state: { average } }: FitUnderWay): Blocks | undefined {
  return average === undefined || average.count === 0 ? undefined : average.read();
}

function stateTensors(fit: FitUnderWay): NewTensor[] {
  const { state, settings } = fit;
  const { power1, power2 } = settings.optimizer.state;
  const float64 = (name: string, numbers: readonly number[]): NewTensor => ({
    name,
    dtype: "F64",
    shape: [numbers.length],
    data: () => Float64Array.from(numbers),
  });
  return [
    float64("history.loss", state.loss),
    ...(rateChanges(fit) ? [float64("history.learningRate", state.learningRate)] : []),
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

/** A network's numbers at another time: its parameters, flat, in their order, and its running statistics. */
interface Blocks {
  readonly parameters: Floats;
  readonly statistics: Floats;
}

function blockTensors({ dtype }: Layers, of: "best" | "average", blocks: Blocks | undefined): NewTensor[] {
  if (blocks === undefined) return [];
  const tensor = (name: string, numbers: Floats): NewTensor => ({
    name,
    dtype: TENSOR_TYPE[dtype],
    shape: [numbers.length],
    data: () => numbers,
  });
  return [tensor(`${of}.parameters`, blocks.parameters), tensor(`${of}.statistics`, blocks.statistics)];
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
  const { rule, hyperparameters, learningRate, steps, state: optimizerState } = settings.optimizer;
  const { bestOnly, everySteps, everySeconds, keep } = schedule;
  return [
    ["optimizer", rule],
    ...hyperparameterKeys(rule, hyperparameters).map((key): [string, string] => [
      `optimizer.${key}`,
      String(hyperparameters[key]),
    ]),
    ...(typeof learningRate === "number"
      ? []
      : [["optimizer.schedule", JSON.stringify(learningRate)] as [string, string]]),
    ["optimizer.steps", String(steps)],
    ...(["reduction", "lowest"] as const)
      .filter((name) => optimizerState[name] !== NEW_STATE[name])
      .map((name): [string, string] => [`optimizer.${name}`, String(optimizerState[name])]),
    ["fit.epochs", String(settings.epochs)],
    ["fit.batchSize", String(settings.batchSize)],
    ...(settings.accumulate === 1
      ? []
      : [["fit.accumulate", String(settings.accumulate)] as [string, string]]),
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
    ...(state.stopping === undefined ? [] : trendMetadata("earlyStopping", state.stopping)),
    ...(state.plateau === undefined ? [] : trendMetadata("reduceOnPlateau", state.plateau)),
    ...(state.average === undefined
      ? []
      : [["weightAverage", JSON.stringify(state.average.settings)] as [string, string]]),
  ];
}

function weightsMetadata(of: "data" | "validation", { weights }: Fingerprint): [string, string][] {
  return weights === undefined ? [] : [[`${of}.weights`, weights]];
}

function trendMetadata(
  by: Monitoring,
  { settings, bestEpoch, bestValue, waited }: StoppingState | PlateauState,
): [string, string][] {
  return [
    [by, JSON.stringify(settings)],
    [`${by}.bestEpoch`, String(bestEpoch)],
    [`${by}.bestValue`, String(bestEpoch === 0 ? 0 : bestValue)],
    [`${by}.waited`, String(waited)],
  ];
}
