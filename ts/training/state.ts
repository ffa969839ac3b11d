import type { Metadata } from "../config/metadata.js";
import type { NetworkConfig } from "../config/network-config.js";
import type { Seeds } from "../config/seeds.js";
import type { Layers } from "../model/layers.js";
import type { Penalties } from "../model/penalty.js";
import type { Clip } from "./clip.js";
import type { Optimizer } from "./optimizer.js";
import type { AverageState, PlateauState, StoppingState, ValidationState } from "./watch-state.js";

/** Where a network is in its training. Epoch and step key the random streams. */
export interface Progress {
  /** Epochs of fit that have had a step. */
  epoch: number;
  /** Steps taken since the present epoch began. */
  step: number;
  /** Steps taken in all. */
  steps: number;
}

/** What a step needs besides the batch. */
export interface StepSettings extends Penalties {
  readonly optimizer: Optimizer;
  readonly keepProb: number;
  readonly clip: Clip;
}

/** What training is about: one network and its state. */
export interface Trainee {
  readonly config: NetworkConfig;
  readonly seeds: Seeds;
  readonly layers: Layers;
  readonly progress: Progress;
  /** The user's own texts, for the files. */
  readonly metadata: Metadata;
}

/** Reported after each step. */
export interface StepReport {
  /** 1 … epochs of this fit. */
  readonly epoch: number;
  /** 1 … steps of an epoch. */
  readonly step: number;
  /** Steps an epoch has; Infinity where it is a stream's that doesn't say its length. */
  readonly stepsPerEpoch: number;
  /** Loss of this step's examples before its update, the terms of L1 and L2 included. */
  readonly loss: number;
  /** Examples in this step. */
  readonly examples: number;
  /** The learning rate of its update. */
  readonly learningRate: number;
}

/** Reported after each epoch. */
export interface EpochReport {
  /** 1 … epochs of this fit. */
  readonly epoch: number;
  /** Mean of the batches' losses, weighted by their examples. */
  readonly loss: number;
  /** Loss of the epoch's last batch. */
  readonly lastLoss: number;
  /** The learning rate of its last step. */
  readonly learningRate: number;
  /** The scores on the validation examples, where this epoch was validated. */
  readonly validation?: Readonly<Record<string, number>>;
}

/** What fit resolves to. */
export interface History {
  /** One an epoch that was finished: the mean of its batches' losses, weighted by their examples. */
  readonly loss: number[];
  /** One an epoch that was finished: the learning rate of its last step. */
  readonly learningRate: number[];
  /** Steps taken. */
  readonly steps: number;
  /** On the validation examples: of each epoch that was validated its number, the loss, and what else evaluate gives. */
  readonly validation?: {
    readonly epochs: number[];
    readonly loss: number[];
    readonly metrics: Readonly<Record<string, number[]>>;
  };
  /** The best epoch by early stopping's monitor, and the value there. */
  readonly best?: { readonly epoch: number; readonly monitor: string; readonly value: number };
  /** `"epochs"` when all were run, `"signal"` when the AbortSignal ended it, `"earlyStopping"` when that did. */
  readonly stoppedBy: "epochs" | "signal" | "earlyStopping";
  /** Why the signal ended it: its own reason, what `abort(reason)` was given or an AbortError or TimeoutError. */
  readonly reason?: unknown;
}

/** What the epoch loop goes by. */
export interface EpochSettings extends StepSettings {
  readonly epochs: number;
  /** Examples per batch, where there are as many. */
  readonly batchSize: number;
  /** Batches per step. */
  readonly accumulate: number;
  /** Not yet looked at: it goes with x and y. */
  readonly sampleWeight?: unknown;
  readonly signal: AbortSignal | undefined;
  readonly onEpoch: ((report: EpochReport) => unknown) | undefined;
  readonly onStep: ((report: StepReport) => unknown) | undefined;
  readonly warnings: boolean;
}

/** How far a fit has come, apart from the network's own progress. */
export interface FitState {
  /** One an epoch that was finished. */
  readonly loss: number[];
  /** Of each of these epochs the rate of its last step. */
  readonly learningRate: number[];
  /** Examples of the present epoch's order that were visited. */
  cursor: number;
  /** Σ loss · examples over the present epoch's batches. */
  weighted: number;
  /** The network's steps before this fit. */
  readonly firstStep: number;
  validation?: ValidationState | undefined;
  stopping?: StoppingState | undefined;
  plateau?: PlateauState | undefined;
  average?: AverageState | undefined;
}
