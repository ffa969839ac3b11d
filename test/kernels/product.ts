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
    const dropout = { preActivation: null, mask: null, keepProb: 1 };
    const workspace = memory.workspace(rows, inputs, outputs);
    const layer = { inputs, outputs, panel: 1, activation: "linear", parameter: 0, workspace };
    memory.run(rows, [{ op: "denseForward", ...blocks, ...dropout, ...layer }]);
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
    memory.run(rows, [{ op: "weightGradient", ...blocks, ...layer }]);
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
  for (const m of EDGES)
    for (const n of EDGES)
      for (const k of EDGES) {
        compareProduct(setting, forward, [m, n, k]);
        compareProduct(setting, inputGradient, [m, n, k]);
        // Over no examples there is no mean.
        if (k > 0) compareProduct(setting, weightGradient, [m, n, k]);
      }
  for (const sizes of LARGE)
    for (const form of [forward, weightGradient, inputGradient]) compareProduct(setting, form, sizes);
}

function compareProduct(setting: Setting, { aTransposed, bTransposed, product }: Form, sizes: Sizes): void {
  const [m, n, k] = sizes;
  const a = numbers(setting.dtype, m * k, 1);
  const b = numbers(setting.dtype, k * n, 2);
  const c = withMemory(setting, (memory) => product(memory, sizes, a, b));
  const rows = aTransposed ? columnsOf(a, k, m) : rowsOf(a, m, k);
  const columns = bTransposed ? rowsOf(b, n, k) : columnsOf(b, k, n);
  const sum = setting.dtype === "float32" ? sumInFloat32 : sumInFloat64;
  const expected = rows.flatMap((row) => columns.map((column) => sum(row, column)));
  expectSame(c, expected, `[${sizes}]${aTransposed ? ", Aᵀ" : ""}${bTransposed ? ", Bᵀ" : ""}`);
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
