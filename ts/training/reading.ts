import type { Examples } from "../data/examples.js";
import type { BatchMemory } from "../model/batch-memory.js";
import type { Layers } from "../model/layers.js";
import type { BatchSource } from "./batch-source.js";

/** Data that are read while training goes on. */
export interface Reading {
  /** The rows of an epoch; Infinity where nobody knows them. */
  readonly m: number;
  /** The first rows, in their own order. Undefined where the signal aborts before they are there. */
  first(rows: number): Promise<readonly Examples[] | undefined>;
  /** What is left without a fraction of the rows, and these rows. Undefined as above; raises ConfigError where it can't be. */
  holdBack(fraction: HeldBack): Promise<{ readonly kept: Reading; readonly held: Examples } | undefined>;
  /**
   * How many examples each of so many classes has, by a pass over all rows. Undefined as above; raises ConfigError where there
   * can be none.
   */
  classCounts(classes: number): Promise<readonly number[] | undefined>;
  /** What is read from here on, by `first` and by its source, weighs so much by its class. */
  weighByClass(weights: readonly number[]): void;
  /**
   * Takes up all rows in their own order, so many at a time and fewer at the end; what is given holds until `take` is over.
   * False where the signal aborts before they are there.
   */
  each(rows: number, take: (read: Examples) => Promise<void>): Promise<boolean>;
  source(layers: Layers, batch: BatchMemory, settings: SourceSettings): BatchSource;
  /** Nothing more is wanted of it, whether it was begun or not. */
  close(): void;
}

export interface HeldBack {
  readonly fraction: number;
  readonly stratify: boolean;
  readonly seed: number;
}

export interface SourceSettings {
  /** Examples of a step, and how many of them a batch holds at a time. */
  readonly size: number;
  readonly part: number;
  readonly seed: number;
  readonly warnings: boolean;
}
