import type { Cells, Floats, Span } from "./memory.js";

type Weights = Span<Floats>;

/** What an order is for, as the crate's Purpose numbers it: the same seed gives another for each. */
export const ORDERS = { shuffle: 1, split: 3, folds: 4, window: 5 } as const;

export type OrderPurpose = keyof typeof ORDERS;

/**
 * The facts of every operation. What each does, and the shapes of its spans, stands in crate/src/calls/operations/,
 * beside the facts of the same names; `null` where something is absent. Names of things (an activation, a rule) cross
 * as their numbers, which the engine looks up; `threads` and a workspace's length it knows by itself.
 */
export interface Operations {
  initialize: {
    readonly w: Weights;
    readonly inputs: number;
    readonly outputs: number;
    readonly initialization: string;
    readonly seed: number;
    readonly layer: number;
  };
  shuffle: {
    readonly order: Span<Uint32Array>;
    readonly m: number;
    readonly seed: number;
    /** One of {@link ORDERS}. */
    readonly purpose: number;
  };
  gather: {
    readonly to: Span<Cells>;
    readonly from: Span<Cells>;
    readonly m: number;
    /** Words of 32 bits of a row. */
    readonly width: number;
    readonly order: Span<Uint32Array>;
  };
  /** Bytes that become numbers, each times the scale. */
  gatherBytes: {
    readonly to: Weights;
    readonly from: Span<Cells>;
    readonly m: number;
    /** Numbers of a row. */
    readonly width: number;
    readonly order: Span<Uint32Array>;
    readonly scale: number;
  };
  scaling: {
    readonly x: Weights;
    readonly numbers: Weights;
    /** Quantiles of a column; 0: centers and scales. */
    readonly count: number;
    /** 0: none. */
    readonly softClip: number;
    readonly width: number;
  };
  packInputs: {
    readonly byExamples: Weights;
    readonly byInputs: Weights;
    readonly x: Weights;
    readonly inputs: number;
  };
  dropoutMask: {
    readonly mask: Weights;
    readonly width: number;
    readonly keepProb: number;
    readonly seed: number;
    readonly layer: number;
  };
  denseForward: Sizes & {
    readonly a: Weights;
    readonly x: Weights;
    readonly packed: Weights | null;
    readonly products: Weights | null;
    readonly w: Weights;
    readonly b: Weights;
    /** What g keeps for its backward pass, where it keeps anything. */
    readonly kept: Weights | null;
    readonly mask: Weights | null;
    readonly keepProb: number;
    readonly panel: number;
    readonly activation: string;
    readonly parameter: number;
  };
  loss: {
    readonly loss: string;
    /** The loss's parameters, by their names. */
    readonly parameters: Readonly<Record<string, number>>;
    readonly dz: Weights | null;
    readonly z: Weights;
    readonly targets: Span<Cells>;
    /** Of each row, in float64; null: all 1. */
    readonly weights: Span<Cells> | null;
    readonly outputs: number;
  };
  penalty: {
    readonly l1: number;
    readonly l2: number;
    readonly rest: readonly (readonly [Weights | number, number])[];
  };
  lossGuard: { readonly limit: number };
  weightGradient: Sizes & {
    readonly dw: Weights;
    readonly db: Weights | null;
    readonly dz: Weights;
    readonly x: Weights;
    readonly packed: Weights | null;
    readonly w: Weights;
    readonly panel: number;
    readonly l2: number;
  };
  l1Gradient: { readonly dw: Weights; readonly w: Weights; readonly len: number; readonly l1: number };
  inputGradient: Sizes & {
    readonly dx: Weights;
    readonly dz: Weights;
    readonly w: Weights;
    readonly seen: Weights;
    readonly mask: Weights | null;
    readonly keepProb: number;
    readonly activation: string;
    readonly parameter: number;
  };
  elementwise: Masked & { readonly y: Weights; readonly x: Weights; readonly kept: Weights | null };
  elementwiseGradient: Masked & { readonly dx: Weights; readonly dy: Weights; readonly seen: Weights };
  sum: { readonly y: Weights; readonly x: Weights; readonly other: Weights; readonly width: number };
  batchStatistics: Statistics & { readonly x: Weights; readonly room: Weights; readonly width: number };
  runningStatistics: Statistics & {
    readonly runningMean: Weights;
    readonly runningVariance: Weights;
    readonly decay: number;
    readonly width: number;
  };
  standardize: Statistics &
    Normal & { readonly x: Weights; readonly epsilon: number; readonly room: Weights };
  standardizeRows: Normal & {
    readonly deviation: Weights;
    readonly x: Weights;
    readonly epsilon: number;
  };
  scaleAndShift: Normal & { readonly y: Weights; readonly scale: Weights; readonly shift: Weights };
  scaleAndShiftGradient: Normal & {
    readonly dScale: Weights;
    readonly dShift: Weights;
    readonly dy: Weights;
  };
  batchNormGradient: NormGradient & {
    readonly variance: Weights;
    readonly dScale: Weights;
    readonly dShift: Weights;
    readonly epsilon: number;
    readonly room: Weights;
  };
  layerNormGradient: NormGradient & { readonly deviation: Weights };
  gradientBound: {
    readonly layer: number;
    readonly dz: Weights;
    readonly x: Weights;
    readonly inputs: number;
    readonly outputs: number;
  };
  gradientGuard: {
    readonly limit: number;
    readonly gradients: Weights;
    readonly rest: readonly (readonly [number, number])[];
  };
  clip: {
    /** 0: none. */
    readonly value: number;
    readonly norm: number;
    readonly gradients: Weights;
    readonly rest: readonly (readonly [number, number])[];
  };
  accumulate: { readonly sum: Weights; readonly gradients: Weights; readonly len: number };
  copy: { readonly to: Weights; readonly from: Weights; readonly words: number; readonly atStart: 0 | 1 };
  average: {
    readonly average: Weights;
    readonly w: Weights;
    readonly len: number;
    readonly count: Span<Float64Array>;
    /** 0: the mean of all. */
    readonly decay: number;
  };
  swap: { readonly a: Weights; readonly b: Weights; readonly words: number };
  update: {
    readonly rule: string;
    readonly w: Weights;
    readonly g: Weights;
    readonly len: number;
    /** This part of the first moment; those of the others are `stride` numbers further each. */
    readonly moments: Weights | null;
    readonly momentCount: number;
    readonly stride: number;
    readonly state: Span<Float64Array>;
    /** Whether it is the step's first, which counts it: 1 or 0. */
    readonly first: number;
    /** Of the learning rate. */
    readonly factor: number;
    /** λ. */
    readonly decay: number;
    /** What decays, none where λ is 0. */
    readonly rest: readonly (readonly [Weights, number])[];
    /** A schedule of the learning rate, with lengths in steps. */
    readonly schedule: string;
    readonly scheduleParameters: Readonly<Record<string, number>>;
    readonly pieces: readonly number[];
    /** The rule's hyperparameters, by their names. */
    readonly hyperparameters: Readonly<Record<string, number>>;
  };
  maxNorm: {
    readonly w: Weights;
    readonly inputs: number;
    readonly outputs: number;
    readonly panel: number;
    readonly limit: number;
  };
  outputActivation: {
    readonly a: Weights;
    readonly outputs: number;
    readonly activation: string;
    readonly parameter: number;
  };
  correctUnits: { readonly z: Weights; readonly targets: Span<Cells>; readonly outputs: number };
  correctClasses: { readonly z: Weights; readonly targets: Span<Cells>; readonly outputs: number };
  correctDistributions: { readonly z: Weights; readonly targets: Span<Cells>; readonly outputs: number };
  rates: { readonly a: Weights; readonly outputs: number };
}

/** An activation and a mask, where there is one. */
interface Masked {
  readonly mask: Weights | null;
  readonly keepProb: number;
  readonly width: number;
  readonly activation: string;
  readonly parameter: number;
}

interface Statistics {
  readonly mean: Weights;
  readonly variance: Weights;
}

/** Numbers that were normalised, before scale and shift. */
interface Normal {
  readonly normal: Weights;
  readonly width: number;
}

interface NormGradient extends Normal {
  readonly dx: Weights;
  readonly dy: Weights;
  readonly scale: Weights;
}

interface Sizes {
  readonly inputs: number;
  readonly outputs: number;
  readonly workspace: Weights;
}

/** An operation of a program: its name and its facts. */
export type Operation = {
  [Name in keyof Operations]: { readonly op: Name } & Operations[Name];
}[keyof Operations];
