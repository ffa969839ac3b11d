import { EDGES, expectSame, numbers, type Setting, withMemory } from "./memory.js";
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
];

/** C ← A·B, with either operand transposed, to the bit. */
export function productIsThePlainSum(setting: Setting): void {
  for (const m of EDGES)
    for (const n of EDGES)
      for (const k of EDGES) compareProduct(setting, [m, n, k], (m + n + k) % 2 === 1, (m + k) % 4 > 1);
  for (const sizes of LARGE)
    for (const aTransposed of [false, true])
      for (const bTransposed of [false, true]) compareProduct(setting, sizes, aTransposed, bTransposed);
}

function compareProduct(
  setting: Setting,
  sizes: readonly number[],
  aTransposed: boolean,
  bTransposed: boolean,
): void {
  const [m = 0, n = 0, k = 0] = sizes;
  const a = numbers(setting.dtype, m * k, 1);
  const b = numbers(setting.dtype, k * n, 2);
  const c = withMemory(setting, (memory) => {
    const { kernels, threads } = memory;
    const workspaceLength = kernels.matmulWorkspaceLength(m, n, k, threads) >>> 0;
    const workspace = memory.output(workspaceLength);
    const [into, left, right] = [memory.output(m * n), memory.input(a), memory.input(b)];
    const transposed = [Number(aTransposed), Number(bTransposed)] as const;
    kernels.matmul(into, left, right, workspace, workspaceLength, m, n, k, ...transposed, threads);
    return memory.read(into, m * n);
  });
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
