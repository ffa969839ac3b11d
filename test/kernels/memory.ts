import type { Dtype } from "../../ts/config/dtype.js";
import type { Program } from "../../ts/engine/engine.js";
import type { Cells, CellType, Room, Span } from "../../ts/engine/memory.js";
import type { Operation } from "../../ts/engine/operations.js";
import type { Instance } from "../../ts/engine/wasm/instance.js";
import { WasmEngine } from "../../ts/engine/wasm/wasm-engine.js";

/** What the kernels' tests share. Nothing here needs vitest, so that a page's worker can run it too. */

/** What a check runs on. */
export interface Setting {
  readonly instance: Instance;
  readonly dtype: Dtype;
  readonly threads: number;
}

/** So many threads of an instance, as a network has them. */
export function engineOf({ instance, threads }: Setting): WasmEngine {
  return new WasmEngine(instance, {
    backend: "wasm",
    instructionSet: "simd128",
    threads,
    simd: true,
    reason: "a test",
    backendReason: "a test",
    math: "exact",
    mathReason: "a test",
  });
}

/** Sizes at which a vector, a tile or a tree may be off by one. */
export const EDGES: readonly number[] = [...Array.from({ length: 18 }, (_, size) => size), 33];

/** Numbers before and behind each block that must stay as they are; one more before each further block. */
const GUARDS = 13;
const GUARD = 77;

/** Blocks of an engine's memory for one check, each between guards and few of them aligned. */
export class Memory {
  readonly engine: WasmEngine;
  readonly #dtype: Dtype;
  readonly #blocks: { readonly room: Room<"all">; readonly before: number; readonly length: number }[] = [];
  readonly #programs: Program[] = [];

  constructor(setting: Setting) {
    this.engine = engineOf(setting);
    this.#dtype = setting.dtype;
  }

  /** Room for `length` numbers, NaN until a kernel writes them. */
  output(length: number, type: CellType = this.#dtype): Span {
    const before = GUARDS + this.#blocks.length;
    const room = this.engine.room("a test", { all: { type, length: before + length + GUARDS } });
    this.#blocks.push({ room, before, length });
    room.spans.all.fill(GUARD);
    const block = room.spans.all.part(before, length);
    block.fill(Number.NaN);
    return block;
  }

  /** A copy. */
  input(values: ArrayLike<number>): Span {
    const block = this.output(values.length);
    block.write(Float64Array.from(values));
    return block;
  }

  /** A copy of 32-bit integers. */
  integers(values: ArrayLike<number>): Span<Uint32Array> {
    const block = this.output(values.length, "uint32") as Span<Cells> as Span<Uint32Array>;
    block.write(Uint32Array.from(values));
    return block;
  }

  /** A copy in float64, whatever the numbers' type. */
  doubles(values: Float64Array): Span {
    const block = this.output(values.length, "float64");
    block.write(values);
    return block;
  }

  /** Room for what products pack. */
  workspace(rows: number, inputs: number, outputs: number): Span {
    return this.output(this.engine.workspaceLength(this.#dtype, rows, inputs, outputs));
  }

  /** Operations as one program. */
  bind(operations: readonly Operation[]): Program {
    const program = this.engine.program(this.#dtype, operations);
    this.#programs.push(program);
    return program;
  }

  /** Runs operations once; what they report stands in their program. */
  run(rows: number, operations: readonly Operation[], { epoch = 0, step = 0 } = {}): Program {
    const program = this.bind(operations);
    program.run(rows, epoch, step);
    return program;
  }

  checkGuards(): void {
    for (const { room, before, length } of this.#blocks) {
      const all = room.spans.all.read();
      const touched = all.findIndex((n, i) => n !== GUARD && (i < before || i >= before + length));
      if (touched >= 0) throw new Error(`a kernel wrote number ${touched - before} of a block of ${length}`);
    }
  }

  release(): void {
    for (const program of this.#programs.splice(0)) program.release();
    for (const { room } of this.#blocks.splice(0)) room.release();
  }
}

/** A copy of a block, in float64. */
export function read(block: Span): Float64Array {
  return Float64Array.from(block.read());
}

/** Runs `work` on new blocks; fails if a kernel wrote beside them. */
export function withMemory<Result>(setting: Setting, work: (memory: Memory) => Result): Result {
  const memory = new Memory(setting);
  try {
    const result = work(memory);
    memory.checkGuards();
    return result;
  } finally {
    memory.release();
  }
}

/** A number that is there. */
export function at(numbers: ArrayLike<number>, index: number): number {
  const number = numbers[index];
  if (number === undefined) throw new RangeError(`no element ${index} of ${numbers.length}`);
  return number;
}

/** As a number of the dtype. */
export function rounding(dtype: Dtype): (x: number) => number {
  return dtype === "float32" ? Math.fround : (x) => x;
}

/** `length` numbers of the dtype in [−1, 1), the same at every run; float32's are the rounded float64's. */
export function numbers(dtype: Dtype, length: number, seed: number): Float64Array {
  const round = rounding(dtype);
  const block = new Float64Array(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    // Source: Numerical Recipes, 3rd edition, section 7.1.7.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    block[i] = round(state / 2 ** 31 - 1);
  }
  return block;
}

/** Machine epsilon. */
export const EPSILON: Readonly<Record<Dtype, number>> = { float32: 2 ** -23, float64: 2 ** -52 };

/** Fails unless |got − expected| ≤ bound. NaN is near to nothing. */
export function expectNear(got: number, expected: number, bound: number, place: () => string): void {
  if (Math.abs(got - expected) <= bound) return;
  throw new Error(`${place()}: expected ${expected} ± ${bound}, got ${got}`);
}

/** Fails unless the numbers are the same; −0 is 0 and NaN is NaN. */
export function expectSame(got: ArrayLike<number>, expected: ArrayLike<number>, place: string): void {
  if (got.length !== expected.length) {
    throw new Error(`${place}: expected ${expected.length} numbers, got ${got.length}`);
  }
  for (let i = 0; i < got.length; i++) {
    const [a, e] = [at(got, i), at(expected, i)];
    if (a !== e && !(Number.isNaN(a) && Number.isNaN(e))) {
      throw new Error(`${place}, number ${i}: expected ${e}, got ${a}`);
    }
  }
}
