import { DTYPES, type Dtype } from "../../config/dtype.js";
import { InternalError, ResourceError } from "../../errors/errors.js";
import { inNode } from "../../platform/node-module.js";
import { hasNumbers, parseSchema, type Schema } from "../schema.js";
import { guarded, type Trap } from "../trap.js";
import { Crew } from "./crew.js";
import type { Exports, FastExports } from "./exports.js";
import type { InitOutput as PlainOutput } from "./pkg/layerwise.js";
import { BUILD, type InitOutput, initSync } from "./pkg-threads/layerwise.js";
import type { Heap } from "./room.js";
import { Views } from "./span.js";

export { BUILD };

export const SCRATCH_BYTES = 16_384;

/** What the allocator gives at most at a time: 2³¹ bytes less one, its end aligned to 64. */
const LARGEST_BLOCK = 2 ** 31 - 64;

/**
 * One instance of the WebAssembly build: its linear memory and its calls. Networks share it; a trap makes it unusable
 * for all of them, and the next network gets a new one. Nothing else calls its exports: whatever crosses over is
 * guarded here.
 */
export class Instance implements Heap {
  readonly exports: Exports;
  readonly views: Views;
  readonly schema: Schema;
  /** The number types that it has kernels for. */
  readonly dtypes: readonly Dtype[];
  /** Of kernels of fast math whether they round a product and its sum once here; undefined of exact ones. */
  readonly roundsOnce: boolean | undefined;
  /** The offset of a block of {@link SCRATCH_BYTES}, for what lives no longer than a call. */
  readonly scratch: number;
  /** Unguarded: for what is asked after a trap. */
  readonly #exports: InitOutput;
  readonly #memory: WebAssembly.Memory;
  readonly #crew: Crew;
  readonly #trap: Trap = { error: undefined };
  /** What the call that trapped raised. */
  #fault: InternalError | undefined;

  /** Raises an error where the .wasm file and its glue come from different sources. */
  constructor(exports: InitOutput & FastExports, memory: WebAssembly.Memory, module: WebAssembly.Module) {
    this.#exports = exports;
    this.#memory = memory;
    this.#crew = new Crew(module, memory);
    const wasm = guarded(exports, this.#trap, (first) => (first ? this.#end() : this.#explanation()));
    const number = wasm.build?.() >>> 0;
    if (number !== BUILD) throw new Error(`it is build ${number}, not ${BUILD}`);
    this.exports = wasm;
    this.views = new Views(memory);
    this.scratch = this.allocate(SCRATCH_BYTES, "the instance's scratch memory");
    const text = this.views.bytes(wasm.schema() >>> 0, wasm.schema_len());
    this.schema = parseSchema(String.fromCharCode(...text));
    this.dtypes = DTYPES.filter((dtype) => hasNumbers(this.schema, dtype));
    const { rounds_once } = wasm;
    this.roundsOnce = rounds_once === undefined ? undefined : rounds_once() !== 0;
  }

  /** Bytes of linear memory. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** `bytes` bytes of any value, aligned to 64; raises {@link ResourceError} where memory can't grow. */
  allocate(bytes: number, what: string): number {
    // Beyond 2³² the kernel would see the size modulo 2³².
    const offset = bytes <= LARGEST_BLOCK ? this.exports.allocate(bytes) >>> 0 : 0;
    if (offset !== 0) return offset;
    const got =
      bytes > LARGEST_BLOCK
        ? `a limit of ${LARGEST_BLOCK} bytes a block (2 GiB)`
        : `no room (${this.memoryBytes} bytes are in use or reserved, of 4 GiB that WebAssembly can address)`;
    throw new ResourceError(what, `${bytes} bytes of WebAssembly memory`, got + adviceOnMore());
  }

  release(offset: number, bytes: number): void {
    if (!this.lost) this.exports.release(offset, bytes);
  }

  /** Whether a trap has ended this instance. */
  get lost(): boolean {
    return this.#trap.error !== undefined;
  }

  /** Raises {@link InternalError} if a trap has ended this instance. */
  checkUsable(): void {
    if (this.lost) throw this.#explanation();
  }

  /**
   * What to throw for an error that came out of calls of kernels. It is the error itself, unless the trap came at the
   * end of JavaScript's stack, where no room was left to explain it.
   */
  explain(error: unknown): unknown {
    return this.lost && error instanceof RangeError ? this.#end() : error;
  }

  /** Whether this is what the very call raised that ended this instance. */
  isTrap(error: unknown): boolean {
    return error !== undefined && error === this.#fault;
  }

  /** Whether memory can still be read: it is whole, but for the network that was computing at the end. */
  get readable(): boolean {
    return !this.lost || this.#workerWasLost();
  }

  /** Starts the workers that `threads` need and that are missing. Rejects with the reason if one doesn't start. */
  async ensureThreads(threads: number): Promise<void> {
    await this.#crew.ensure(threads, this);
  }

  /** The error of the call that trapped. */
  #end(): InternalError {
    if (this.#fault === undefined) {
      this.#fault = this.#explanation();
      this.#crew.terminate();
    }
    return this.#fault;
  }

  #explanation(): InternalError {
    const { error } = this.#trap;
    return this.#workerWasLost()
      ? new InternalError("threads", "workers that live as long as their network", KILLED, { cause: error })
      : new InternalError("WebAssembly", "kernels that don't trap (please report this)", trapped(error), {
          cause: error,
        });
  }

  #workerWasLost(): boolean {
    try {
      return this.#exports.worker_lost() !== 0;
    } catch {
      return false;
    }
  }
}

/** Where there may be an engine that can have more. */
function adviceOnMore(): string {
  const couldBeNative = inNode() && process.platform === "linux" && /^(x64|arm64)$/.test(process.arch);
  return couldBeNative ? "; the native engine (@layerwise/native) has no such limit" : "";
}

const KILLED =
  "one that was killed in the middle of a step: a new createNetwork works, and parameters() of the networks " +
  "that weren't computing still gives theirs";

function trapped(error: unknown): string {
  const what = error instanceof Error ? error.message : String(error);
  return `${what}: this network is lost; a new createNetwork works`;
}

/** The glue of the build with threads serves all; this one makes its memory itself. */
export function instantiate(module: WebAssembly.Module): Instance {
  const wasm: InitOutput & Partial<Pick<PlainOutput, "memory">> = initSync({ module });
  if (wasm.memory === undefined) throw new Error("it exports no memory");
  return new Instance(wasm, wasm.memory, module);
}

export function instantiateShared(module: WebAssembly.Module): Instance {
  const memory = sharedMemory();
  return new Instance(initSync({ module, memory }), memory, module);
}

/** Pages of 64 KiB: what the build's own data and stack need, with some room. */
const FIRST_PAGES = 64;

/** Shared memory can't move as it grows, so its addresses are reserved: 4 GiB, or where that is too much, less. */
const MOST_PAGES = [65_536, 16_384, 4_096];

function sharedMemory(): WebAssembly.Memory {
  let refusal: unknown;
  for (const maximum of MOST_PAGES) {
    try {
      return new WebAssembly.Memory({ initial: FIRST_PAGES, maximum, shared: true });
    } catch (error) {
      refusal = error;
    }
  }
  throw refusal;
}
