import type { Dtype } from "layerwise";
import type { Workspace } from "../ts/batch-memory.js";
import type { Instance } from "../ts/wasm/kernels.js";

/** Linear memory of a WebAssembly instance. */
export type OperandMemory = Pick<Instance, "allocate" | "release" | "float32s" | "float64s">;

/** C (m × n) ← A (m × k) · B (k × n) */
export interface Sizes {
  readonly m: number;
  readonly k: number;
  readonly n: number;
}

export interface Orientation {
  readonly name: "A·B" | "A·Bᵀ" | "Aᵀ·B";
  /** A is stored k × m. */
  readonly aTransposed: boolean;
  /** B is stored n × k. */
  readonly bTransposed: boolean;
}

/** The products of a training step: dX = dZ·W, Z = X·Wᵀ, dW = dZᵀ·X. */
export const ORIENTATIONS: readonly Orientation[] = [
  { name: "A·B", aTransposed: false, bTransposed: false },
  { name: "A·Bᵀ", aTransposed: false, bTransposed: true },
  { name: "Aᵀ·B", aTransposed: true, bTransposed: false },
];

/** A, B and their product by a plain triple loop. */
export interface PlainProduct extends Sizes {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly c: Float64Array;
}

/**
 * Entries are integers from −4 to 4, so that every sum is exact in float32 too, whatever its order (up to
 * k = 2²⁴/16), and a product is right only if it is equal to the plain one.
 */
export function plainProduct({ m, k, n }: Sizes): PlainProduct {
  const a = Float64Array.from({ length: m * k }, (_, i) => ((i * 7 + (i >> 3)) % 9) - 4);
  const b = Float64Array.from({ length: k * n }, (_, i) => ((i * 5 + (i >> 4)) % 9) - 4);
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const factor = a[i * k + l] ?? 0;
      for (let j = 0; j < n; j++) c[i * n + j] = (c[i * n + j] ?? 0) + factor * (b[l * n + j] ?? 0);
    }
  }
  return { m, k, n, a, b, c };
}

/** The operands of one product in linear memory, where offsets count bytes. */
export class Operands {
  readonly c: number;
  readonly a: number;
  readonly b: number;
  readonly workspace: Workspace;
  readonly #memory: OperandMemory;
  readonly #dtype: Dtype;
  readonly #plain: PlainProduct;
  readonly #held: [offset: number, bytes: number][] = [];

  constructor(
    memory: OperandMemory,
    dtype: Dtype,
    plain: PlainProduct,
    { aTransposed, bTransposed }: Orientation,
    workspaceLength: number,
  ) {
    this.#memory = memory;
    this.#dtype = dtype;
    this.#plain = plain;
    const { m, k, n, a, b } = plain;
    this.c = this.#place(new Float64Array(m * n).fill(Number.NaN));
    this.a = this.#place(aTransposed ? transposed(a, m, k) : a);
    this.b = this.#place(bTransposed ? transposed(b, k, n) : b);
    const offset = this.#place(new Float64Array(workspaceLength));
    this.workspace = { offset, length: workspaceLength };
  }

  /** Raises an error unless C is now the product. */
  check(name: string): void {
    const { c, n } = this.#plain;
    const got = this.#numbers().subarray(this.#index(this.c));
    const wrong = c.findIndex((value, i) => got[i] !== value);
    if (wrong < 0) return;
    const place = `C[${Math.floor(wrong / n)}][${wrong % n}]`;
    throw new Error(`${name}, ${this.#dtype}: ${place}: expected ${c[wrong]}, got ${got[wrong]}`);
  }

  release(): void {
    for (const [offset, bytes] of this.#held) this.#memory.release(offset, bytes);
  }

  #place(values: Float64Array): number {
    if (values.length === 0) return 0;
    const bytes = values.length * BYTES[this.#dtype];
    const offset = this.#memory.allocate(bytes, `${values.length} numbers of a product`);
    this.#held.push([offset, bytes]);
    this.#numbers().set(values, this.#index(offset));
    return offset;
  }

  #numbers(): Float32Array | Float64Array {
    return this.#dtype === "float32" ? this.#memory.float32s() : this.#memory.float64s();
  }

  #index(offset: number): number {
    return offset / BYTES[this.#dtype];
  }
}

const BYTES: Record<Dtype, number> = { float32: 4, float64: 8 };

function transposed(matrix: Float64Array, rows: number, cols: number): Float64Array {
  return Float64Array.from({ length: rows * cols }, (_, i) => {
    const [col, row] = [Math.floor(i / rows), i % rows];
    return matrix[row * cols + col] ?? 0;
  });
}
