import type { Dtype } from "../config/dtype.js";
import type { MathName } from "./math.js";
import type { Floats, Room, Span, SpanRequest } from "./memory.js";
import type { Operation } from "./operations.js";

/**
 * What a generator yields where the event loop may turn: nothing, or a promise, of which it makes use best once that is
 * settled. Who can't wait goes on at once.
 */
export type Pause = Promise<void> | undefined;

/** Operations one behind the other, bound once and run often. Its spans must live as long as it is run. */
export interface Program {
  /**
   * What is run next is a part of a step: examples of the `whole` that it has, behind the first `before`. The loss is that
   * of all so far, and only the last part goes beyond `accumulate`. 0 and 0: what is run is a whole step, as at first.
   */
  takePart(before: number, whole: number): void;
  /**
   * Runs all of it on `rows` examples, at this epoch and step. False where an operation found something that isn't
   * finite and ended it: {@link Program.loss}, {@link Program.layer} and {@link Program.magnitude} say what.
   */
  run(rows: number, epoch: number, step: number): boolean;
  /**
   * Runs up to `steps` steps of an epoch from `step` on, each on the next batch. Returns how many ran to their end:
   * fewer where one was ended, or where {@link MOST_STEPS} or the epoch's end came first.
   */
  runSteps(steps: number, epoch: number, step: number): number;
  /** Whether it has {@link Program.runSteps}. */
  readonly takesSteps: boolean;
  /** What the last {@link Program.runSteps} or {@link Program.stepsAside} took. */
  readonly milliseconds: number;
  /** As {@link Program.run}, in portions of some milliseconds: the generator yields between two. */
  portions(rows: number, epoch: number, step: number): Generator<unknown, boolean>;
  /**
   * As {@link Program.run}, beside JavaScript where the engine {@link Engine.runsAside}, else in portions. `after` is called
   * with its result before anyone sees what it has changed.
   */
  aside(
    rows: number,
    epoch: number,
    step: number,
    after?: (whole: boolean) => void,
  ): Generator<Pause, boolean>;
  /** As {@link Program.runSteps}, in the way of {@link Program.aside}. */
  stepsAside(
    steps: number,
    epoch: number,
    step: number,
    after: (done: number) => void,
  ): Generator<Pause, number>;
  /**
   * The last batch's loss: its mean over the rows, and what penalties add. Where no operation computes it, it is set before
   * the run.
   */
  loss: number;
  /** The last batch's Σ ℓ. */
  readonly sum: number;
  /** How many answers of the last batch were right. */
  readonly correct: number;
  /** The layer (from 0 on) whose gradient was too large, and that gradient's magnitude. */
  readonly layer: number;
  readonly magnitude: number;
  /** Where it was no operation but the loss of one's own that ended the run: what was expected of it, and what it gave. */
  readonly fault?: { readonly expected: string; readonly got: string } | undefined;
  /** The learning rate of the last update. */
  readonly rate: number;
  /** The losses of the first `steps` steps of the last {@link Program.runSteps}. */
  losses(steps: number): Float64Array;
  release(): void;
}

/** The most steps that one call of {@link Program.runSteps} takes. */
export const MOST_STEPS = 256;

/** A SHA-256 that takes up its bytes as they come. */
export interface Hash {
  update(bytes: Uint8Array): void;
  /** The digest in 64 hexadecimal digits; called once, at the end. */
  hex(): string;
  /** Gives its memory back, whether it came to its end or not. */
  release(): void;
}

/** What computes a network. */
export interface Runtime {
  /** WebAssembly, or the processor's own code (`@layerwise/native`). */
  readonly backend: "wasm" | "native";
  /** The vectors that its kernels are made of: WebAssembly's of 128 bits, AVX2's or AVX-512's, or NEON's. */
  readonly instructionSet: InstructionSet;
  /** Threads that its kernels may use, the caller's included. */
  readonly threads: number;
  /** Vectors: always, since every build needs them. */
  readonly simd: true;
  /** Why it is this number of threads. */
  readonly reason: string;
  /** Why it is this backend. */
  readonly backendReason: string;
  /** Whether products are rounded by themselves or together with their sums. */
  readonly math: MathName;
  /** Why it is this. */
  readonly mathReason: string;
}

export type InstructionSet = "simd128" | "x64-v3" | "x64-v4" | "neon";

/** Where a network computes: memory, programs, and a few calls of their own. Bits are the same on every engine. */
export interface Engine {
  readonly runtime: Runtime;
  /** The number types that its programs can be of. */
  readonly dtypes: readonly Dtype[];
  /**
   * Whether programs can run beside JavaScript, on another thread: then the caller's event loop isn't held for what takes
   * longer than a turn of it.
   */
  readonly runsAside: boolean;
  /** Raises InternalError where a fault has ended this engine. */
  checkUsable(): void;
  /** What to throw for an error that came out of it. */
  explain(error: unknown): unknown;
  /** Whether this is what the very call raised that ended this engine. */
  isFault(error: unknown): boolean;
  /** Whether its memory can still be read: after a fault it may be whole. */
  readonly readable: boolean;
  /** Raises ResourceError, in which `what` is what it would have been for. */
  room<Name extends string>(what: string, spans: Readonly<Record<Name, SpanRequest>>): Room<Name>;
  /** `batches`: the examples of a batch and of the data set, for {@link Program.runSteps}. */
  program(dtype: Dtype, operations: readonly Operation[], batches?: Batches): Program;
  /** The units of a panel of W: see model/panels.ts. */
  panelWidth(dtype: Dtype): number;
  /** Numbers that the products of a dense layer need to pack their operands. */
  workspaceLength(dtype: Dtype, rows: number, inputs: number, outputs: number): number;
  /** Whether no number is NaN or infinite. */
  allFinite(values: Floats): boolean;
  /** The same of a span's numbers. */
  isFinite(span: Span): boolean;
  hash(): Hash;
  /** Wakes its threads for a program that is about to run, which takes some time. */
  rouse(): void;
}

export interface Batches {
  readonly size: number;
  readonly m: number;
}
