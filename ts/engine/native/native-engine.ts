import { DTYPES, type Dtype } from "../../config/dtype.js";
import { messageOf } from "../../platform/realm.js";
import { warnOnce } from "../../platform/warning.js";
import type { Batches, Engine, Hash, Program, Runtime } from "../engine.js";
import type { MathName } from "../math.js";
import type { Floats, Room, Span, SpanRequest } from "../memory.js";
import type { Operation } from "../operations.js";
import type { Choice } from "../threads.js";
import { NativeHash } from "./hash.js";
import { Host, SCRATCH_BYTES } from "./host.js";
import { loadAddon } from "./load.js";
import { NativeProgram } from "./program.js";
import { NativeRoom } from "./room.js";
import { NativeSpan } from "./span.js";

/** Numbers that are looked at together: from their copy to the look they stay in a first-level cache. */
const PIECE = SCRATCH_BYTES / 8;

const NO_BATCHES: Batches = { size: 0, m: 0 };

/** A host, and the threads that one network may use of it. */
export class NativeEngine implements Engine {
  readonly runtime: Runtime;
  readonly dtypes = DTYPES;
  readonly runsAside = true;
  readonly #host: Host;
  readonly #scratch: Readonly<Record<Dtype, Floats>>;

  constructor(host: Host, runtime: Runtime) {
    const { buffer, offset } = host.scratch;
    this.#host = host;
    this.#scratch = {
      float32: new Float32Array(buffer, offset, PIECE),
      float64: new Float64Array(buffer, offset, PIECE),
    };
    this.runtime = runtime;
  }

  checkUsable(): void {
    this.#host.checkUsable();
  }

  explain(error: unknown): unknown {
    return this.#host.explain(error);
  }

  isFault(error: unknown): boolean {
    return this.#host.isFault(error);
  }

  /** A panic leaves all memory as it is, but for the network that was computing. */
  get readable(): boolean {
    return true;
  }

  room<Name extends string>(what: string, spans: Readonly<Record<Name, SpanRequest>>): Room<Name> {
    return new NativeRoom(this.#host.addon, what, spans);
  }

  program(dtype: Dtype, operations: readonly Operation[], batches = NO_BATCHES): Program {
    return new NativeProgram(this.#host, dtype, operations, this.runtime, batches);
  }

  panelWidth(dtype: Dtype): number {
    return this.#host.addon.unitsOfAPanel(dtype === "float64");
  }

  workspaceLength(dtype: Dtype, rows: number, inputs: number, outputs: number): number {
    const { threads } = this.runtime;
    return this.#host.addon.workspaceLen(dtype === "float64", rows, inputs, outputs, threads);
  }

  /** A kernel looks at a copy, piece by piece: `values` may be memory that other threads write. */
  allFinite(values: Floats): boolean {
    const dtype = values instanceof Float32Array ? "float32" : "float64";
    const { address } = this.#host.scratch;
    for (let start = 0; start < values.length; start += PIECE) {
      const piece = values.subarray(start, start + PIECE);
      this.#scratch[dtype].set(piece);
      if (!this.#isFinite(dtype, address, piece.length, 1)) return false;
    }
    return true;
  }

  isFinite(span: Span): boolean {
    const { threads } = this.runtime;
    if (!(span instanceof NativeSpan)) return true;
    span.block.gate.pass();
    return this.#isFinite(span.type, span.address, span.length, threads);
  }

  #isFinite(type: string, address: number, length: number, threads: number): boolean {
    const { addon, threads: crew } = this.#host;
    const double = type === "float64";
    if (Number.isFinite(crew.magnitudeBound(double, address, length, threads))) return true;
    return addon.firstNonFinite(double, address, length) < 0; // or a sum of finite ones overflowed
  }

  hash(): Hash {
    return new NativeHash(this.#host.addon);
  }

  rouse(): void {
    const { threads } = this.runtime;
    if (threads > 1) this.#host.threads.rouse(threads);
  }
}

let host: Host | undefined;

/**
 * The native engine with so many threads, of the kernels that have this number. Where the system gives no more threads
 * it is one, with a warning. Rejects with an Error that says why there is no native engine.
 */
export async function nativeEngine(
  build: number,
  choice: Choice,
  backendReason: string,
  math: MathName = "exact",
): Promise<Engine> {
  const addon = await loadAddon(build);
  if (host === undefined || host.lost) host = new Host(addon);
  const { threads, reason } = enoughThreads(host, choice);
  const instructionSet = addon.instructionSet();
  const said = { reason, backendReason, math, mathReason: `math is "${math}"` };
  const runtime = { backend: "native", instructionSet, threads, simd: true, ...said } as const;
  return new NativeEngine(host, Object.freeze(runtime));
}

function enoughThreads(host: Host, choice: Choice): Choice {
  try {
    host.threads.ensure(choice.threads);
    return choice;
  } catch (error) {
    warnOnce(`one thread in place of ${choice.threads}: ${messageOf(error)}`);
    return { threads: 1, reason: messageOf(error) };
  }
}
