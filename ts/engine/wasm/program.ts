import type { Dtype } from "../../config/dtype.js";
import { InternalError } from "../../errors/errors.js";
import { type Batches, MOST_STEPS, type Pause, type Program } from "../engine.js";
import { type OwnFacts, wordsOf } from "../facts.js";
import type { Operation } from "../operations.js";
import { Report, wordsOfReport } from "../report.js";
import type { Schema } from "../schema.js";
import type { Exports } from "./exports.js";
import { SCRATCH_BYTES } from "./instance.js";
import type { Heap } from "./room.js";
import { BYTES, type Views, WasmSpan } from "./span.js";

/** What programs of one instance share. */
export interface ProgramBase extends Heap {
  readonly exports: Exports;
  readonly schema: Schema;
  readonly dtypes: readonly Dtype[];
  /** The offset of {@link SCRATCH_BYTES} for what lives no longer than a call. */
  readonly scratch: number;
}

/** What {@link Exports.advance} says. */
const MORE = 0;
const DONE = 1;

/** Where spans lie in the memory that these are views of. */
function placeIn(views: Views): (fact: unknown) => number | undefined {
  return (fact) => (fact instanceof WasmSpan && fact.isIn(views) ? fact.offset : undefined);
}

/** A program in linear memory, whose handle is its report's offset. */
export class WasmProgram extends Report implements Program {
  readonly takesSteps = true;
  readonly #base: ProgramBase;
  readonly #exports: Exports;
  readonly #views: Views;
  readonly #handle: number;
  #milliseconds = 0;
  #released = false;

  constructor(
    base: ProgramBase,
    dtype: Dtype,
    operations: readonly Operation[],
    own: OwnFacts,
    { size, m }: Batches,
  ) {
    const { exports, views, schema, scratch } = base;
    if (!base.dtypes.includes(dtype)) {
      throw new InternalError("program", `numbers that the build has (${base.dtypes})`, dtype);
    }
    // First, since it may raise an error.
    const binding = { schema, placeOf: placeIn(views) };
    const bound = operations.map((operation) => wordsOf(binding, operation, own));
    const bytes = bound.reduce((most, { words }) => Math.max(most, words.length), 0) * BYTES.float64;
    const isLong = bytes > SCRATCH_BYTES; // the facts of a guard over a thousand layers are
    const offset = isLong ? base.allocate(bytes, "the facts of a program") : scratch;
    const handle = exports.program(Number(dtype === "float64"), bound.length, size, m) >>> 0;
    super(wordsOfReport(schema, handle / BYTES.float64));
    this.#base = base;
    this.#exports = exports;
    this.#views = views;
    this.#handle = handle;
    for (const { number, words } of bound) {
      views.of("float64").set(words, offset / BYTES.float64);
      exports.add(this.#handle, number, offset, words.length);
    }
    if (isLong) base.release(offset, bytes);
  }

  takePart(before: number, whole: number): void {
    this.#exports.take_part(this.#handle, before, whole);
  }

  run(rows: number, epoch: number, step: number): boolean {
    return this.#exports.run(this.#handle, rows, epoch, step) !== 0;
  }

  runSteps(steps: number, epoch: number, step: number): number {
    const begun = performance.now();
    const done = this.#exports.run_steps(this.#handle, Math.min(steps, MOST_STEPS), epoch, step);
    this.#milliseconds = performance.now() - begun;
    return done;
  }

  get milliseconds(): number {
    return this.#milliseconds;
  }

  *portions(rows: number, epoch: number, step: number): Generator<undefined, boolean> {
    this.#exports.start(this.#handle, rows, epoch, step);
    for (;;) {
      const state = this.#exports.advance(this.#handle);
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
    const whole = yield* this.portions(rows, epoch, step);
    after?.(whole);
    return whole;
  }

  *stepsAside(
    steps: number,
    epoch: number,
    step: number,
    after: (done: number) => void,
  ): Generator<Pause, number> {
    yield* []; // JavaScript waits for them.
    const done = this.runSteps(steps, epoch, step);
    after(done);
    return done;
  }

  protected override numbers(): Float64Array {
    return this.#views.of("float64") as Float64Array;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    if (!this.#base.lost) this.#exports.release_program(this.#handle);
  }
}
