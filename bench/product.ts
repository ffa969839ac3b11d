import type { Dtype } from "layerwise";
import type { Engine } from "../ts/engine/engine.js";
import type { Room, Span } from "../ts/engine/memory.js";

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

/** The operands of one product in an engine's memory. */
export class Operands {
  readonly c: Span;
  readonly a: Span;
  readonly b: Span;
  readonly workspace: Span;
  readonly dtype: Dtype;
  readonly #room: Room;
  readonly #plain: PlainProduct;

  constructor(
    engine: Engine,
    dtype: Dtype,
    plain: PlainProduct,
    { aTransposed, bTransposed }: Orientation,
    workspaceLength: number,
  ) {
    const { m, k, n, a, b } = plain;
    const numbers = (length: number) => ({ type: dtype, length });
    const room = engine.room("the operands of a product", {
      c: numbers(m * n),
      a: numbers(m * k),
      b: numbers(k * n),
      workspace: numbers(workspaceLength),
    });
    this.dtype = dtype;
    this.#room = room;
    this.#plain = plain;
    this.c = room.spans.c;
    this.a = room.spans.a;
    this.b = room.spans.b;
    this.workspace = room.spans.workspace;
    this.c.fill(Number.NaN);
    this.a.write(aTransposed ? transposed(a, m, k) : a);
    this.b.write(bTransposed ? transposed(b, k, n) : b);
    this.workspace.fill(0);
  }

  /** Raises an error unless C is now the product. */
  check(name: string): void {
    const { c, n } = this.#plain;
    const got = this.c.read();
    const wrong = c.findIndex((value, i) => got[i] !== value);
    if (wrong < 0) return;
    const place = `C[${Math.floor(wrong / n)}][${wrong % n}]`;
    throw new Error(`${name}, ${this.dtype}: ${place}: expected ${c[wrong]}, got ${got[wrong]}`);
  }

  release(): void {
    this.#room.release();
  }
}

function transposed(matrix: Float64Array, rows: number, cols: number): Float64Array {
  return Float64Array.from({ length: rows * cols }, (_, i) => {
    const [col, row] = [Math.floor(i / rows), i % rows];
    return matrix[row * cols + col] ?? 0;
  });
}
