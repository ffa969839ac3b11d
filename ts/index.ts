/** Layerwise: deep neural networks trained from scratch, fast, in Node and in the browser. */

export type { HiddenActivation, OutputActivation } from "./catalog/activations.js";
export type { Initialization } from "./catalog/initializations.js";
export type { Layer, LayerInput, ScalingLayer, ScalingMethod } from "./catalog/layers.js";
export type { CustomLoss, Loss, NumberLoss } from "./catalog/losses.js";
export type { Dtype } from "./config/dtype.js";
export {
  activation,
  batchNorm,
  type DenseOptions,
  dense,
  dropout,
  type LayerOptions,
  layerNorm,
  residual,
  scaling,
  type TrainableOptions,
} from "./config/layers.js";
export {
  type BinaryCrossEntropyOptions,
  binaryCrossEntropy,
  type CategoricalCrossEntropyOptions,
  categoricalCrossEntropy,
  type FocalOptions,
  focal,
  type HuberOptions,
  huber,
  type QuantileOptions,
  quantile,
} from "./config/loss-forms.js";
export type { Metadata } from "./config/metadata.js";
export type {
  LayersConfig,
  LayersOptions,
  NetworkConfig,
  NetworkOptions,
  WidthsConfig,
} from "./config/network-config.js";
export {
  type CosineOptions,
  cosine,
  type ExponentialOptions,
  exponential,
  type OneCycleOptions,
  oneCycle,
  type PiecewiseOptions,
  type PolynomialOptions,
  piecewise,
  polynomial,
  type Schedule,
  type StepScheduleOptions,
  step,
} from "./config/schedules.js";
export {
  type Batch,
  type BatchIterable,
  type Dataset,
  type Stream,
  type StreamOptions,
  stream,
} from "./data/dataset.js";
export type { Inputs, Labels } from "./data/examples.js";
export { type FitScalingOptions, fitScaling } from "./data/fit-scaling.js";
export type { TypedRows } from "./data/inputs.js";
export { Matrix } from "./data/matrix.js";
export { type MiniBatch, type MiniBatchOptions, miniBatches } from "./data/mini-batches.js";
export type { Numbers } from "./data/numbers.js";
export {
  type Fold,
  type FoldOptions,
  kFold,
  type Part,
  type Split,
  type SplitOptions,
  split,
  type ThreeWaySplit,
} from "./data/partition.js";
export type { InstructionSet, Runtime } from "./engine/engine.js";
export type { MathName } from "./engine/math.js";
export type { EngineName } from "./engine/start.js";
export type { Threads } from "./engine/threads.js";
export { type Configuration, configure, type WasmSource } from "./engine/wasm/configuration.js";
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
} from "./errors/errors.js";
export type { FormatRule } from "./errors/format-rules.js";
export { type BrowserStoreOptions, browserStore } from "./files/browser-store.js";
export type { CheckpointOptions } from "./files/checkpoint-options.js";
export type { CheckpointReport } from "./files/checkpoints.js";
export type { Recovery } from "./files/newest.js";
export type { SaveOptions } from "./files/save-options.js";
export type { ModelSource } from "./files/source.js";
export type { ModelStore } from "./files/store.js";
export {
  type GradientCheck,
  type GradientCheckOptions,
  gradientCheck,
} from "./gradient-check/gradient-check.js";
export {
  fScore,
  type Metric,
  type MetricScores,
  type NamedMetric,
  type OwnMetric,
  pinball,
  precision,
  recall,
  topK,
} from "./metrics/metric.js";
export { type ScoreOptions, score, type Task } from "./metrics/score.js";
export {
  type CustomLossOptions,
  custom,
  type LossFunction,
  type ValueAndGradient,
} from "./model/loss-function.js";
export type {
  AnyLayerParameters,
  AnyLayerParametersInput,
  LayerParameters,
  LayerParametersInput,
  NormParameters,
  NormParametersInput,
  UnbiasedLayerParameters,
  UnbiasedLayerParametersInput,
} from "./model/parameters.js";
export { createNetwork } from "./network/create-network.js";
export type { ComputeOptions, CreateLayersOptions, CreateOptions } from "./network/create-options.js";
export type { EpochRun } from "./network/epoch-run.js";
export {
  type FindLearningRateOptions,
  findLearningRate,
  type LearningRateCurve,
} from "./network/find-learning-rate.js";
export type { FitOptions, GradientOptions, StepOptions, WeightOptions } from "./network/fit-options.js";
export type { LayersForm, WidthsForm } from "./network/forms.js";
export type { NetworkLayer } from "./network/layer-handle.js";
export { type LoadOptions, loadNetwork } from "./network/load-network.js";
export type { Network } from "./network/network.js";
export { type ResumedTraining, type ResumeOptions, resumeTraining } from "./network/resume-training.js";
export { type TrainMlpOptions, trainMlp } from "./network/train-mlp.js";
export { type TransferOptions, transfer } from "./network/transfer.js";
export type { EvaluateDataOptions, EvaluateOptions } from "./training/asked-scores.js";
export type { ClassWeight } from "./training/class-weight.js";
export type { ClassifyOptions } from "./training/classes.js";
export type { ClipOptions } from "./training/clip.js";
export type { Optimizer } from "./training/optimizer.js";
export type {
  AdaGradOptions,
  AdamOptions,
  AdamWOptions,
  GradientDescentOptions,
  LionOptions,
  MomentumOptions,
  NadamOptions,
  OptimizerData,
  RmsPropOptions,
  SgdOptions,
} from "./training/optimizer-options.js";
export {
  adaGrad,
  adam,
  adamW,
  gradientDescent,
  lion,
  momentum,
  nadam,
  rmsProp,
  sgd,
} from "./training/optimizers.js";
export type { ReduceOnPlateau } from "./training/reduce-on-plateau.js";
export type { ClassScores, NumberScores } from "./training/scores.js";
export type { EpochReport, History, StepReport } from "./training/state.js";
export type { WeightAverage } from "./training/weight-average.js";
export type { WorkerLayer } from "./worker-network/worker-layer.js";
export { createWorkerNetwork, type WorkerNetwork } from "./worker-network/worker-network.js";
