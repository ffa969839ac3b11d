import type { InstructionSet } from "../engine.js";

/**
 * What `@layerwise/native` exports (crate/native/src/lib.rs): addresses of bytes in ArrayBuffers, sizes and handles. A
 * panic of a kernel is an Error.
 */
export interface Addon {
  readonly Engine: new () => NativeThreads;
  readonly build: () => number;
  readonly instructionSet: () => InstructionSet;
  readonly schema: () => string;
  readonly address: (block: ArrayBuffer) => number;
  readonly detach: (block: ArrayBuffer) => void;
  readonly run: (handle: number, rows: number, epoch: number, step: number) => boolean;
  readonly runSteps: (handle: number, steps: number, epoch: number, step: number) => number;
  readonly takePart: (handle: number, before: number, whole: number) => void;
  readonly start: (handle: number, rows: number, epoch: number, step: number) => void;
  /** 0 where portions are left, 1 at the program's end, 2 where an operation ended it. */
  readonly advance: (handle: number) => number;
  /** The same on another thread; the promise is resolved when it has ended, and `settle` says what it came to. */
  readonly runStepsAside: (handle: number, steps: number, epoch: number, step: number) => Promise<void>;
  readonly advanceAside: (handle: number) => Promise<void>;
  readonly settle: (handle: number) => number;
  readonly firstNonFinite: (double: boolean, block: number, length: number) => number;
  readonly unitsOfAPanel: (double: boolean) => number;
  readonly workspaceLen: (
    double: boolean,
    rows: number,
    inputs: number,
    outputs: number,
    threads: number,
  ) => number;
  readonly sha256Start: () => number;
  readonly sha256Update: (hash: number, bytes: number, length: number) => void;
  readonly sha256Finish: (hash: number, digest: number) => void;
}

/** A program that is to be bound. */
export interface ProgramFacts {
  readonly double: boolean;
  /** How many operations it will have. */
  readonly count: number;
  /** Examples of a batch and of the data set. */
  readonly size: number;
  readonly m: number;
  /** The address of what is kept for JavaScript to read. */
  readonly report: number;
  readonly threads: number;
  /** Whether its products are fused. */
  readonly fused: boolean;
}

/** The threads of one thread of JavaScript's, and the programs that it has bound: crate/native/src/engine.rs. */
export interface NativeThreads {
  ensure(threads: number): void;
  program(facts: ProgramFacts): number;
  add(handle: number, operation: number, facts: number, count: number): void;
  releaseProgram(handle: number): void;
  magnitudeBound(double: boolean, block: number, length: number, threads: number): number;
  rouse(threads: number): void;
}
