import type { Dtype } from "../../config/dtype.js";
import { type Batches, MOST_STEPS, type Pause, type Program, type Runtime } from "../engine.js";
import { wordsOf } from "../facts.js";
import type { Operation } from "../operations.js";
import { Report, wordsOfReport } from "../report.js";
import type { Schema } from "../schema.js";
import type { Addon, NativeThreads } from "./addon.js";
import { AsideRun, type Gate } from "./aside.js";
import { type Block, newBlock } from "./block.js";
import { NativeSpan } from "./span.js";

/** What programs of one host share. */
export interface ProgramBase {
  readonly addon: Addon;
  readonly threads: NativeThreads;
  readonly schema: Schema;
  /** Whether a panic has ended all this. */
  readonly lost: boolean;
}

/** What {@link Addon.advance} says. */
const MORE = 0;
const DONE = 1;

/**
 * A program of the addon's. What it reports is copied into a block of JavaScript's, since reading that takes less than
 * a call.
 */
export class NativeProgram extends Report implements Program {
  readonly takesSteps = true;
  readonly #base: ProgramBase;
  readonly #addon: Addon;
  readonly #handle: number;
  readonly #report: Float64Array;
  /** What its operations read and write: collected memory would be another's. */
  readonly #blocks: ReadonlySet<Block>;
  readonly #gates: readonly Gate[];
  #released = false;

  constructor(
    base: ProgramBase,
    dtype: Dtype,
    operations: readonly Operation[],
    own: Runtime,
    { size, m }: Batches,
  ) {
    const { addon, threads, schema } = base;
    const blocks = new Set<Block>();
    const placeOf = (fact: unknown) => {
      if (!(fact instanceof NativeSpan)) return undefined;
      blocks.add(fact.block);
      return fact.address;
    };
    // First, since it may raise an error.
    const bound = operations.map((operation) => wordsOf({ schema, placeOf }, operation, own));
    const longest = bound.reduce((most, { words }) => Math.max(most, words.length), 0);
    const facts = newNumbers(addon, longest, "the facts of a program");
    const reported = wordsOfReport(schema);
    const report = newNumbers(addon, reported.losses + MOST_STEPS + 1, "the report of a program");
    super(reported);
    this.#base = base;
    this.#addon = addon;
    this.#blocks = blocks;
    this.#gates = [...blocks].map(({ gate }) => gate);
    this.#report = report.numbers;
    const { address } = report.block;
    this.#handle = threads.program({
      double: dtype === "float64",
      count: bound.length,
      ...{ size, m, report: address, threads: own.threads },
      fused: own.math === "fast",
    });
    for (const { number, words } of bound) {
      facts.numbers.set(words);
      threads.add(this.#handle, number, facts.block.address, words.length);
    }
  }

  run(rows: number, epoch: number, step: number): boolean {
    this.#settle();
    return this.#addon.run(this.#handle, rows, epoch, step);
  }

  runSteps(steps: number, epoch: number, step: number): number {
    this.#settle();
    return this.#addon.runSteps(this.#handle, Math.min(steps, MOST_STEPS), epoch, step);
  }

  takePart(before: number, whole: number): void {
    this.#addon.takePart(this.#handle, before, whole);
  }

  *portions(rows: number, epoch: number, step: number): Generator<undefined, boolean> {
    this.#settle();
    this.#addon.start(this.#handle, rows, epoch, step);
    for (;;) {
      const state = this.#addon.advance(this.#handle);
      if (state !== MORE) return state === DONE;
      yield;
    }
  }

  *aside(
    rows: number,
    epoch: number,
    step: number,
    after?: (whole: boolean) => void,
  ): Generator<Pause, boolean> {
    this.#settle();
    this.#addon.start(this.#handle, rows, epoch, step);
    const ended = (state: number) => {
      if (state !== MORE) after?.(state === DONE);
    };
    for (;;) {
      const state = yield* this.#aside(this.#addon.advanceAside(this.#handle), ended);
      if (state !== MORE) return state === DONE;
    }
  }

  *stepsAside(
    steps: number,
    epoch: number,
    step: number,
    after: (done: number) => void,
  ): Generator<Pause, number> {
    this.#settle();
    const most = Math.min(steps, MOST_STEPS);
    return yield* this.#aside(this.#addon.runStepsAside(this.#handle, most, epoch, step), after);
  }

  *#aside(running: Promise<void>, after: (value: number) => void): Generator<Pause, number> {
    const run = new AsideRun(this.#gates, () => this.#addon.settle(this.#handle), after);
    yield running;
    return run.value;
  }

  /** Waits for what uses its blocks. */
  #settle(): void {
    for (const gate of this.#gates) gate.pass();
  }

  /** Behind the losses. */
  get milliseconds(): number {
    return this.#report[this.#report.length - 1] ?? 0;
  }

  protected override numbers(): Float64Array {
    return this.#report;
  }

  release(): void {
    if (this.#released) return;
    this.#settle();
    this.#released = true;
    this.#base.threads.releaseProgram(this.#handle);
  }

  /** How many blocks its operations name. */
  get blocks(): number {
    return this.#blocks.size;
  }
}

function newNumbers(
  addon: Addon,
  length: number,
  what: string,
): { readonly block: Block; readonly numbers: Float64Array } {
  const block = newBlock(addon, length * Float64Array.BYTES_PER_ELEMENT, what);
  return { block, numbers: new Float64Array(block.buffer, block.offset, length) };
}
