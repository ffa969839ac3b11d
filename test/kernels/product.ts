import { EDGES, expectSame, type Memory, numbers, read, type Setting, withMemory } from "./memory.js";
import { columnsOf, dot, rowsOf } from "./plain.js";

/** Sizes m, n, k. The last ones are cut for two threads. */
const LARGE = [
  [17, 257, 17],
  [1, 265, 266],
  [133, 9, 700],
  [129, 65, 257],
  [257, 17, 265],
  [17, 257, 265],
  [265, 266, 17],
] as const;

type Sizes = readonly [m: number, n: number, k: number];

/** A product C ← A·B as a dense layer has it: which operand lies transposed, and the layer that computes it. */
interface Form {
  readonly aTransposed: boolean;
  readonly bTransposed: boolean;
  readonly product: (memory: Memory, sizes: Sizes, a: Float64Array, b: Float64Array) => Float64Array;
}

/** X·Wᵀ. */
const forward: Form = {
  aTransposed: false,
  bTransposed: true,
  product: (memory, [rows, outputs, inputs], x, w) => {
    const a = memory.output(rows * outputs);
    const blocks = { a, x: memory.input(x), w: memory.input(w), b: memory.input(new Float64Array(outputs)) };
    const dropout = { kept: null, mask: null, keepProb: 1 };
    const workspace = memory.workspace(rows, inputs, outputs);
    const layer = { inputs, outputs, panel: 1, activation: "linear", parameter: 0, workspace };
    memory.run(rows, [{ op: "denseForward", packed: null, products: null, ...blocks, ...dropout, ...layer }]);
    return read(a);
  },
};

/** dZᵀ·X. */
const weightGradient: Form = {
  aTransposed: true,
  bTransposed: false,
  product: (memory, [outputs, inputs, rows], dz, x) => {
    const [dw, db] = [memory.output(outputs * inputs), memory.output(outputs)];
    const w = memory.input(new Float64Array(outputs * inputs));
    const blocks = { dw, db, dz: memory.input(dz), x: memory.input(x), w };
    const layer = { inputs, outputs, panel: 1, l2: 0, workspace: memory.workspace(rows, inputs, outputs) };
    memory.run(rows, [{ op: "weightGradient", packed: null, ...blocks, ...layer }]);
    return read(dw);
  },
};

/** dZ·W. */
const inputGradient: Form = {
  aTransposed: false,
  bTransposed: false,
  product: (memory, [rows, inputs, outputs], dz, w) => {
    const dx = memory.output(rows * inputs);
    const seen = memory.input(new Float64Array(rows * inputs));
    const blocks = { dx, dz: memory.input(dz), w: memory.input(w), seen, mask: null, keepProb: 1 };
    const workspace = memory.workspace(rows, inputs, outputs);
    const layer = { inputs, outputs, activation: "linear", parameter: 0, workspace };
    memory.run(rows, [{ op: "inputGradient", ...blocks, ...layer }]);
    return read(dx);
  },
};

/** C ← A·B, as it is made forward and backward, to the bit. */
export function productIsThePlainSum(setting: Setting): void {
  // On several threads small ones are products on one.
  const edges = setting.threads === 1 ? EDGES : EDGES.filter((size) => size % 3 !== 2);
  for (const m of edges) for (const n of edges) for (const k of edges) compareProducts(setting, [m, n, k]);
  for (const sizes of LARGE) compareProducts(setting, sizes);
}

/** One product in all forms. */
function compareProducts(setting: Setting, sizes: Sizes): void {
  const [m, n, k] = sizes;
  const a = numbers(setting.dtype, m * k, 1);
  const b = numbers(setting.dtype, k * n, 2);
  const rows = rowsOf(a, m, k);
  const columns = columnsOf(b, k, n);
  const sum = setting.dtype === "float32" ? sumInFloat32 : sumInFloat64;
  const expected = rows.flatMap((row) => columns.map((column) => sum(row, column)));
  const [aT, bT] = [transposed(a, m, k), transposed(b, k, n)];
  for (const { aTransposed, bTransposed, product } of [forward, inputGradient, weightGradient]) {
    if (k === 0 && product === weightGradient.product) continue; // Over no examples there is no mean.
    const c = withMemory(setting, (memory) =>
      product(memory, sizes, aTransposed ? aT : a, bTransposed ? bT : b),
    );
    expectSame(c, expected, `[${sizes}]${aTransposed ? ", Aᵀ" : ""}${bTransposed ? ", Bᵀ" : ""}`);
  }
}

function transposed(matrix: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from(matrix, (_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)] ?? 0);
}

/** k ascending, each product and each sum rounded: ARCHITECTURE.md. */
function sumInFloat32(row: Float64Array, column: Float64Array): number {
  let sum = 0;
  for (let p = 0; p < row.length; p++) {
    sum = Math.fround(sum + Math.fround((row[p] ?? Number.NaN) * (column[p] ?? Number.NaN)));
  }
  return sum;
}

function sumInFloat64(row: Float64Array, column: Float64Array): number {
  return dot(row, column).value;
}
