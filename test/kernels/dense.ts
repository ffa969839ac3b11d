import { ACTIVATION_CODE } from "../../ts/activation.js";
import { intoPanels, outOfPanels } from "../../ts/panels.js";
import { sigmoid } from "../reference.js";
import {
  at,
  EDGES,
  EPSILON,
  expectNear,
  expectSame,
  numbers,
  rounding,
  type Setting,
  withMemory,
} from "./memory.js";
import { columnsOf, dot, rowsOf, type Sum } from "./plain.js";

/** Of a hidden layer, or of the output layer, whose loss works on logits. */
const ACTIVATIONS = ["linear", "relu", "sigmoid"] as const;
type Activation = (typeof ACTIVATIONS)[number];

interface Shape {
  readonly rows: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** The last ones are cut for two threads. */
const LARGE: readonly Shape[] = [
  { rows: 17, inputs: 257, outputs: 5 },
  { rows: 5, inputs: 300, outputs: 133 },
  { rows: 129, inputs: 65, outputs: 257 },
  { rows: 265, inputs: 266, outputs: 17 },
];

/** The sizes between these are swept by the product's check. */
const SOME_EDGES = EDGES.filter((size) => ![6, 10, 11, 12, 13, 14].includes(size));

function shapes(): Shape[] {
  const edges = SOME_EDGES.flatMap((rows) =>
    SOME_EDGES.flatMap((inputs) => SOME_EDGES.map((outputs) => ({ rows, inputs, outputs }))),
  );
  return [...edges.filter(({ rows }) => rows > 0), ...LARGE];
}

/** Zeros and ones. */
function maskOf(length: number): Float64Array {
  return numbers("float64", length, 9).map((x) => (x < 0.4 ? 1 : 0));
}

const KEEP_FORWARD = 0.7;

/** A ← g(X·Wᵀ + b) ⊙ mask / keepProb, with every activation, with dropout and without. */
export function forwardFollowsPlainLoops(setting: Setting): void {
  const { dtype } = setting;
  const kept = rounding(dtype)(KEEP_FORWARD);
  for (const shape of shapes()) {
    const { rows, inputs, outputs } = shape;
    const x = numbers(dtype, rows * inputs, 1);
    const w = numbers(dtype, outputs * inputs, 2);
    const b = numbers(dtype, outputs, 3);
    const mask = maskOf(rows * outputs);
    const z = rowsOf(x, rows, inputs).flatMap((row) =>
      rowsOf(w, outputs, inputs).map((weights, j) => dot(row, weights, at(b, j))),
    );
    for (const activation of ACTIVATIONS)
      for (const dropped of [undefined, mask]) {
        const a = forward(setting, shape, { x, w, b, mask: dropped }, activation);
        for (const [i, { value, magnitude }] of z.entries()) {
          const scale = dropped === undefined ? 1 : at(dropped, i) / kept;
          const g =
            activation === "relu" ? Math.max(0, value) : activation === "sigmoid" ? sigmoid(value) : value;
          const bound = ((inputs + 2) * magnitude + 4) * EPSILON[dtype] * scale;
          expectNear(at(a, i), g * scale, bound, () => `A[${i}] of ${JSON.stringify(shape)}, ${activation}`);
        }
      }
  }
}

function forward(
  setting: Setting,
  { rows, inputs, outputs }: Shape,
  given: { x: Float64Array; w: Float64Array; b: Float64Array; mask: Float64Array | undefined },
  activation: Activation,
  panel = 1,
): Float64Array {
  return withMemory(setting, (memory) => {
    const { kernels, threads } = memory;
    const w = given.w.slice();
    intoPanels(w, given.w, { inputs, outputs, panel });
    const a = memory.output(rows * outputs);
    const workspaceLength = kernels.workspaceLength(rows, inputs, outputs, threads) >>> 0;
    const workspace = memory.output(workspaceLength);
    kernels.denseForward(
      a,
      memory.input(given.x),
      memory.input(w),
      memory.input(given.b),
      given.mask === undefined ? 0 : memory.input(given.mask),
      workspace,
      workspaceLength,
      rows,
      inputs,
      outputs,
      panel,
      ACTIVATION_CODE[activation],
      KEEP_FORWARD,
      threads,
    );
    return memory.read(a, rows * outputs);
  });
}

interface Backward {
  readonly dz: Float64Array;
  readonly x: Float64Array;
  readonly w: Float64Array;
  /** Of the layer whose output X is. */
  readonly activation: Activation;
  readonly keepProb: number;
  readonly l2OverM: number;
}

/** dW ← dZᵀ·X + λ/m·W, db ← column sums of dZ, dX ← (dZ·W) ⊙ g'(X) / keepProb. */
export function backwardFollowsPlainLoops(setting: Setting): void {
  for (const [number, shape] of shapes().entries())
    for (const activation of ACTIVATIONS) {
      // A linear layer has no dropout: its mask can't be told from its output.
      const keepProb = activation === "linear" || number % 2 === 0 ? 1 : 0.5;
      compareBackward(setting, shape, activation, keepProb, number % 5 < 2 ? 0 : 0.3);
    }
}

function compareBackward(
  setting: Setting,
  shape: Shape,
  activation: Activation,
  keepProb: number,
  l2OverM: number,
): void {
  const { dtype } = setting;
  const { rows, inputs, outputs } = shape;
  const mask = keepProb === 1 ? new Float64Array(rows * inputs).fill(1) : maskOf(rows * inputs);
  const before = { linear: (z: number) => z, relu: (z: number) => Math.max(0, z), sigmoid: Math.abs };
  // 1/keepProb is a power of 2: X is exact.
  const a = numbers(dtype, rows * inputs, 4).map(before[activation]);
  const x = a.map((ai, i) => (ai * at(mask, i)) / keepProb);
  const dz = numbers(dtype, rows * outputs, 5);
  const w = numbers(dtype, outputs * inputs, 6);
  const given = { dz, x, w, activation, keepProb, l2OverM };
  const got = backward(setting, shape, given, true);
  const compare = (name: string, block: Float64Array, expected: readonly Sum[], terms: number) => {
    for (const [i, { value, magnitude }] of expected.entries()) {
      const place = () => `${name}[${i}] of ${JSON.stringify(shape)}, ${activation}, keep ${keepProb}`;
      expectNear(at(block, i), value, (terms + 6) * magnitude * EPSILON[dtype], place);
    }
  };
  const ones = new Float64Array(rows).fill(1);
  const sums = columnsOf(dz, rows, outputs).map((column) => dot(column, ones));
  compare("db", got.db, sums, rows);
  compare("dW", got.dw, plainWeightGradients(shape, given), rows);
  compare("dX", got.dx, plainInputGradients(shape, given, a, mask), outputs);
}

function plainWeightGradients({ rows, inputs, outputs }: Shape, { dz, x, w, l2OverM }: Backward): Sum[] {
  const columns = columnsOf(x, rows, inputs);
  return columnsOf(dz, rows, outputs).flatMap((dzColumn, j) =>
    columns.map((column, p) => dot(dzColumn, column, l2OverM * at(w, j * inputs + p))),
  );
}

/** `a` is the layer before's output before its dropout. */
function plainInputGradients(shape: Shape, given: Backward, a: Float64Array, mask: Float64Array): Sum[] {
  const { rows, inputs, outputs } = shape;
  const columns = columnsOf(given.w, outputs, inputs);
  const derivative = {
    linear: () => 1,
    relu: (ai: number) => (ai > 0 ? 1 : 0),
    sigmoid: (ai: number) => ai * (1 - ai),
  }[given.activation];
  return rowsOf(given.dz, rows, outputs).flatMap((row, i) =>
    columns.map((column, p) => {
      const place = i * inputs + p;
      const slope = (derivative(at(a, place)) * at(mask, place)) / given.keepProb;
      const { value, magnitude } = dot(row, column);
      return { value: slope * value, magnitude: slope * magnitude };
    }),
  );
}

function backward(
  setting: Setting,
  { rows, inputs, outputs }: Shape,
  given: Backward,
  withDx: boolean,
  panel = 1,
) {
  return withMemory(setting, (memory) => {
    const { kernels, threads } = memory;
    const w = given.w.slice();
    intoPanels(w, given.w, { inputs, outputs, panel });
    const [dx, dw, db] = [rows * inputs, outputs * inputs, outputs].map((length) => memory.output(length));
    const workspaceLength = kernels.workspaceLength(rows, inputs, outputs, threads) >>> 0;
    const workspace = memory.output(workspaceLength);
    kernels.denseBackward(
      withDx ? (dx ?? 0) : 0,
      dw ?? 0,
      db ?? 0,
      memory.input(given.dz),
      memory.input(given.x),
      memory.input(w),
      workspace,
      workspaceLength,
      rows,
      inputs,
      outputs,
      panel,
      ACTIVATION_CODE[given.activation],
      given.keepProb,
      given.l2OverM,
      threads,
    );
    const byRows = new Float64Array(outputs * inputs);
    outOfPanels(byRows, memory.read(dw ?? 0, outputs * inputs), { inputs, outputs, panel });
    return {
      dx: memory.read(dx ?? 0, rows * inputs),
      dw: byRows,
      db: memory.read(db ?? 0, outputs),
    };
  });
}

/** The first layer needs no dX, and its dW and db are the same without; so are all three on one thread. */
export function backwardIsTheSameWithoutDxAndOnOneThread(setting: Setting): void {
  for (const shape of LARGE) {
    const { rows, inputs, outputs } = shape;
    const given: Backward = {
      dz: numbers(setting.dtype, rows * outputs, 5),
      x: numbers(setting.dtype, rows * inputs, 4),
      w: numbers(setting.dtype, outputs * inputs, 6),
      activation: "relu",
      keepProb: 1,
      l2OverM: 0.1,
    };
    const whole = backward(setting, shape, given, true);
    const first = backward(setting, shape, given, false);
    const alone = backward({ ...setting, threads: 1 }, shape, given, true);
    expectSame(first.dw, whole.dw, "dW without dX");
    expectSame(first.db, whole.db, "db without dX");
    const untouched = new Float64Array(rows * inputs).fill(Number.NaN);
    expectSame(first.dx, untouched, "the dX that wasn't asked for");
    for (const name of ["dw", "db", "dx"] as const)
      expectSame(alone[name], whole[name], `${name}, one thread`);
  }
}

/** The same bits, whether W and dW lie in panels or row-major. */
export function panelsChangeNoBit(setting: Setting): void {
  const { dtype } = setting;
  const panel = withMemory(setting, ({ kernels }) => kernels.panelWidth());
  for (const shape of [
    { rows: 1, inputs: 1, outputs: panel },
    { rows: 5, inputs: 300, outputs: 17 * panel },
    { rows: 129, inputs: 65, outputs: 32 * panel },
    { rows: 700, inputs: 31, outputs: 2 * panel },
  ]) {
    const { rows, inputs, outputs } = shape;
    const [x, w, b] = [rows * inputs, outputs * inputs, outputs].map((length, i) =>
      numbers(dtype, length, i),
    );
    const given = { x: x ?? NONE, w: w ?? NONE, b: b ?? NONE, mask: undefined };
    expectSame(
      forward(setting, shape, given, "relu", panel),
      forward(setting, shape, given, "relu"),
      `A of ${JSON.stringify(shape)}`,
    );
    const dz = numbers(dtype, rows * outputs, 5);
    for (const l2OverM of [0, 0.3]) {
      const step = { ...given, dz, activation: "linear" as const, keepProb: 1, l2OverM };
      const byRows = backward(setting, shape, step, false);
      const inPanels = backward(setting, shape, step, false, panel);
      for (const name of ["dw", "db"] as const)
        expectSame(inPanels[name], byRows[name], `${name} of ${JSON.stringify(shape)}`);
    }
  }
}

const NONE = new Float64Array(0);
