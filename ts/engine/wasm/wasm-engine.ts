import type { Dtype } from "../../config/dtype.js";
import type { Batches, Engine, Hash, Program, Runtime } from "../engine.js";
import type { Floats, Room, Span, SpanRequest } from "../memory.js";
import type { Operation } from "../operations.js";
import { WasmHash } from "./hash.js";
import { type Instance, SCRATCH_BYTES } from "./instance.js";
import { WasmProgram } from "./program.js";
import { WasmRoom } from "./room.js";
import { BYTES, WasmSpan } from "./span.js";

/** Numbers that are looked at together: from their copy to the look they stay in a first-level cache. */
const PIECE = SCRATCH_BYTES / 8;

const NO_BATCHES: Batches = { size: 0, m: 0 };

/** An instance, and the threads that one network may use of it. */
export class WasmEngine implements Engine {
  readonly runtime: Runtime;
  readonly runsAside = false;
  readonly #instance: Instance;

  constructor(instance: Instance, runtime: Runtime) {
    this.#instance = instance;
    this.runtime = runtime;
  }

  checkUsable(): void {
    this.#instance.checkUsable();
  }

  explain(error: unknown): unknown {
    return this.#instance.explain(error);
  }

  isFault(error: unknown): boolean {
    return this.#instance.isTrap(error);
  }

  get dtypes(): readonly Dtype[] {
    return this.#instance.dtypes;
  }

  get readable(): boolean {
    return this.#instance.readable;
  }

  room<Name extends string>(what: string, spans: Readonly<Record<Name, SpanRequest>>): Room<Name> {
    return new WasmRoom(this.#instance, what, spans);
  }

  program(dtype: Dtype, operations: readonly Operation[], batches = NO_BATCHES): Program {
    return new WasmProgram(this.#instance, dtype, operations, this.runtime, batches);
  }

  panelWidth(dtype: Dtype): number {
    return this.#instance.exports.units_of_a_panel(Number(dtype === "float64"));
  }

  workspaceLength(dtype: Dtype, rows: number, inputs: number, outputs: number): number {
    const { workspace_len_f32, workspace_len_f64 } = this.#instance.exports;
    const length = dtype === "float32" ? workspace_len_f32 : workspace_len_f64;
    return length(rows, inputs, outputs, this.runtime.threads) >>> 0;
  }

  /**
   * A kernel looks at the numbers, piece by piece, in a block of memory that is there for it: memory grows for no data
   * that may be refused.
   */
  allFinite(values: Floats): boolean {
    const { scratch, views } = this.#instance;
    const type = values instanceof Float32Array ? "float32" : "float64";
    for (let start = 0; start < values.length; start += PIECE) {
      const piece = values.subarray(start, start + PIECE);
      views.of(type).set(piece, scratch / BYTES[type]);
      if (!this.#isFinite(type, scratch, piece.length, 1)) return false;
    }
    return true;
  }

  isFinite(span: Span): boolean {
    const { threads } = this.runtime;
    return !(span instanceof WasmSpan) || this.#isFinite(span.type, span.offset, span.length, threads);
  }

  #isFinite(type: string, offset: number, length: number, threads: number): boolean {
    const { exports } = this.#instance;
    const double = Number(type === "float64");
    if (Number.isFinite(exports.magnitude_bound(double, offset, length, threads))) return true;
    return exports.first_non_finite(double, offset, length) < 0; // or a sum of finite ones overflowed
  }

  hash(): Hash {
    return new WasmHash(this.#instance.exports, this.#instance);
  }

  rouse(): void {
    const { threads } = this.runtime;
    if (threads > 1) this.#instance.exports.rouse(threads);
  }
}
