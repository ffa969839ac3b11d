import { namesOf, OPTIMIZERS } from "../catalog/optimizers.js";

const NETWORK = [
  "layerDims",
  "inputs",
  "layers",
  "hiddenActivation",
  "outputActivation",
  "loss",
  "initialization",
  "seed",
  "dtype",
] as const;
const FIT = [
  "epochs",
  "batchSize",
  "optimizer",
  "l2",
  "keepProb",
  "signal",
  "onEpoch",
  "onStep",
  "checkpoint",
  "onCheckpoint",
  "warnings",
  "validation",
  "validateEvery",
  "metrics",
  "earlyStopping",
] as const;
const GRADIENTS = ["l2", "keepProb", "dropoutMasks"] as const;

/** The options of every call, the calls that own an option before those that repeat it. */
export const OPTION_NAMES = {
  createNetwork: [...NETWORK, "threads", "metadata"],
  fit: FIT,
  trainStep: ["optimizer", ...GRADIENTS],
  gradients: GRADIENTS,
  adam: namesOf(OPTIMIZERS.adam.hyperparameters),
  adamW: namesOf(OPTIMIZERS.adamW.hyperparameters),
  momentum: namesOf(OPTIMIZERS.momentum.hyperparameters),
  gradientDescent: namesOf(OPTIMIZERS.gradientDescent.hyperparameters),
  dense: ["activation", "initialization"],
  dropout: ["keepProb"],
  batchNorm: ["decay", "epsilon"],
  layerNorm: ["epsilon"],
  activation: ["activation"],
  residual: ["layers"],
  validation: ["x", "y", "fraction", "stratify", "seed"],
  earlyStopping: ["monitor", "patience", "minDelta", "mode", "restoreBest"],
  evaluate: ["metrics"],
  miniBatches: ["batchSize", "seed", "epoch"],
  gradientCheck: ["l2", "keepProb", "epsilon", "threshold"],
  checkpoint: ["path", "everySteps", "everySeconds", "keep", "store"],
  save: ["keep", "store"],
  loadNetwork: [...NETWORK, "ignore", "onIgnored", "metadata", "store", "onRecovery", "threads"],
  resumeTraining: [...NETWORK, ...FIT, "metadata", "store", "onRecovery", "threads"],
  browserStore: ["database"],
  configure: ["wasm", "threadsWasm", "worker", "networkWorker"],
  trainMlp: [
    "paramsSeed",
    "miniBatchSize",
    "optimizer",
    "learningRate",
    "beta",
    "beta1",
    "beta2",
    "epsilon",
    "iterations",
    "printCostFreq",
    "saveCostFreq",
    "initialization",
    "regularization",
    "lambd",
    "keepProb",
    "dropoutSeed",
    "dtype",
    "signal",
    "threads",
    "warnings",
  ],
} as const;

/** A call that takes options. */
export type Call = keyof typeof OPTION_NAMES;

export const NETWORK_OPTIONS = NETWORK;
