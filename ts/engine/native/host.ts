import { InternalError } from "../../errors/errors.js";
import { parseSchema, type Schema } from "../schema.js";
import { guarded, type Trap } from "../trap.js";
import type { Addon, NativeThreads } from "./addon.js";
import { type Block, newBlock } from "./block.js";
import type { ProgramBase } from "./program.js";

/** Bytes of the block for what lives no longer than a call. */
export const SCRATCH_BYTES = 16_384;

/**
 * The addon, and the threads that networks of this thread of JavaScript's share. A panic of a kernel makes it unusable
 * for all of them, and the next network gets a new one: whatever may panic is guarded here.
 */
export class Host implements ProgramBase {
  readonly addon: Addon;
  readonly threads: NativeThreads;
  readonly schema: Schema;
  /** {@link SCRATCH_BYTES} bytes. */
  readonly scratch: Block;
  readonly #trap: Trap = { error: undefined };
  /** What the call that panicked raised. */
  #fault: InternalError | undefined;

  constructor(addon: Addon) {
    const threads = new addon.Engine();
    const { run, runSteps, takePart, start, advance, runStepsAside, advanceAside } = addon;
    const { firstNonFinite, sha256Update, sha256Finish } = addon;
    const runs = { run, runSteps, takePart, start, advance, runStepsAside, advanceAside };
    const kernels = { ...runs, firstNonFinite, sha256Update, sha256Finish };
    this.addon = { ...addon, ...this.#guarded(kernels), settle: (handle) => this.#settle(addon, handle) };
    const calls = {
      program: threads.program.bind(threads),
      add: threads.add.bind(threads),
      magnitudeBound: threads.magnitudeBound.bind(threads),
      rouse: threads.rouse.bind(threads),
    };
    this.threads = {
      ...this.#guarded(calls),
      ensure: (count) => threads.ensure(count), // The system may refuse, and all goes on.
      releaseProgram: (handle) => threads.releaseProgram(handle),
    };
    this.schema = parseSchema(addon.schema());
    this.scratch = newBlock(addon, SCRATCH_BYTES, "the engine's scratch memory");
  }

  /** Whether a panic has ended this. */
  get lost(): boolean {
    return this.#trap.error !== undefined;
  }

  /** Raises {@link InternalError} if a panic has ended this. */
  checkUsable(): void {
    if (this.lost) throw this.#explanation();
  }

  /** What to throw for an error that came out of calls of kernels. */
  explain(error: unknown): unknown {
    return this.lost && error instanceof RangeError ? this.#end() : error; // the end of JavaScript's stack
  }

  /** Whether this is what the very call raised that ended this. */
  isFault(error: unknown): boolean {
    return error !== undefined && error === this.#fault;
  }

  /** Also where all is lost: what runs still uses its blocks. */
  #settle(addon: Addon, handle: number): number {
    try {
      return addon.settle(handle);
    } catch (error) {
      if (error instanceof RangeError) throw error; // the end of JavaScript's stack, before the call
      this.#trap.error ??= error;
      throw this.#end();
    }
  }

  #guarded<Exports extends object>(exports: Exports): Exports {
    return guarded(exports, this.#trap, (first) => (first ? this.#end() : this.#explanation()));
  }

  #end(): InternalError {
    this.#fault ??= this.#explanation();
    return this.#fault;
  }

  #explanation(): InternalError {
    const { error } = this.#trap;
    const what = error instanceof Error ? error.message : String(error);
    const got = `${what}: this network is lost; a new createNetwork works`;
    const expected = "kernels that don't panic (please report this)";
    return new InternalError("the native engine", expected, got, { cause: error });
  }
}
