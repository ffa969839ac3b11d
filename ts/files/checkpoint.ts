import type { Layers } from "../layers.js";
import type { FitState, StepSettings, Trainee } from "../training.js";
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
  readonly schedule: CheckpointSchedule;
}

/** v and s: flat, in the order of the parameters. */
export const MOMENT_NAMES = ["optimizer.v", "optimizer.s"];

/** The file of a network in the middle of a fit. The parameters must not change until it is done. */
export function encodeCheckpoint(
  trainee: Trainee,
  fit: FitUnderWay,
): Generator<void, Uint8Array<ArrayBuffer>> {
  // float64 first: so every tensor is aligned to its own number type.
  const tensors = [...stateTensors(fit), ...parameterTensors(trainee), ...momentTensors(trainee.layers, fit)];
  const metadata = new Map([...modelMetadata(trainee, "checkpoint"), ...fitMetadata(fit)]);
  return serializeWithChecksum(trainee.layers.instance, tensors, metadata);
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
    float64("history.partial", [state.weighted]),
    float64("optimizer.powers", [power1, power2]),
  ];
}

function momentTensors(layers: Layers, { settings }: FitUnderWay): NewTensor[] {
  return settings.optimizer.moments.map((offset, i) => ({
    name: MOMENT_NAMES[i] ?? "",
    dtype: TENSOR_TYPE[layers.dtype],
    shape: [layers.parameterCount],
    data: () => layers.readByRows(offset),
  }));
}

function fitMetadata({ settings, state, data, schedule }: FitUnderWay): [string, string][] {
  const { rule, hyperparameters, steps } = settings.optimizer;
  const { everySteps, everySeconds, keep } = schedule;
  return [
    ["optimizer", rule],
    ["optimizer.learningRate", String(hyperparameters.learningRate)],
    ["optimizer.beta1", String(hyperparameters.beta1)],
    ["optimizer.beta2", String(hyperparameters.beta2)],
    ["optimizer.epsilon", String(hyperparameters.epsilon)],
    ["optimizer.steps", String(steps)],
    ["fit.epochs", String(settings.epochs)],
    ["fit.batchSize", String(settings.batchSize)],
    ["fit.l2", String(settings.l2)],
    ["fit.keepProb", String(settings.keepProb)],
    ["fit.firstStep", String(state.firstStep)],
    ["fit.cursor", String(state.cursor)],
    ["data.rows", String(data.rows)],
    ["data.x", data.x],
    ["data.y", data.y],
    ...(everySteps === undefined ? [] : [["checkpoint.everySteps", String(everySteps)] as [string, string]]),
    ...(everySeconds === undefined
      ? []
      : [["checkpoint.everySeconds", String(everySeconds)] as [string, string]]),
    ["checkpoint.keep", String(keep)],
  ];
}
