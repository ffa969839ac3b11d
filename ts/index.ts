/** Layerwise: deep neural networks trained from scratch, fast, in Node and in the browser. */
export type { HiddenActivation, OutputActivation } from "./activation.js";
export { type MiniBatch, type MiniBatchOptions, miniBatches } from "./batches.js";
export type { Dtype, NetworkConfig, NetworkOptions } from "./config.js";
export type { Inputs, Labels } from "./data.js";
export {
  ConfigError,
  DataError,
  EnvironmentError,
  FormatError,
  InternalError,
  LayerwiseError,
  NumericError,
  ResourceError,
  ShapeError,
  StateError,
  StorageError,
} from "./errors.js";
export { type BrowserStoreOptions, browserStore } from "./files/browser-store.js";
export type { CheckpointOptions } from "./files/checkpoint-options.js";
export type { CheckpointReport } from "./files/checkpoints.js";
export type { FormatRule } from "./files/format-rules.js";
export { type LoadOptions, loadNetwork } from "./files/load-network.js";
export type { Recovery } from "./files/newest.js";
export { type ResumedTraining, type ResumeOptions, resumeTraining } from "./files/resume-training.js";
export type { SaveOptions } from "./files/save-options.js";
export type { ModelSource } from "./files/source.js";
export type { ModelStore } from "./files/store.js";
export type { FitOptions, GradientOptions, StepOptions } from "./fit-options.js";
export { type GradientCheck, type GradientCheckOptions, gradientCheck } from "./gradient-check.js";
export type { Initialization } from "./initialization.js";
export type { Loss } from "./loss.js";
export { Matrix } from "./matrix.js";
export type { Metadata } from "./metadata.js";
export { type CreateOptions, createNetwork, type Network } from "./network.js";
export type { Numbers } from "./numbers.js";
export {
  type AdamOptions,
  adam,
  type GradientDescentOptions,
  gradientDescent,
  type MomentumOptions,
  momentum,
  type Optimizer,
} from "./optimizer.js";
export type { LayerParameters, LayerParametersInput } from "./parameters.js";
export { type TrainMlpOptions, trainMlp } from "./train-mlp.js";
export type { EpochReport, History, StepReport } from "./training.js";
export { type Configuration, configure, type WasmSource } from "./wasm/configuration.js";
export type { Runtime, Threads } from "./wasm/runtime.js";
export { createWorkerNetwork, type WorkerNetwork } from "./worker-network/worker-network.js";
