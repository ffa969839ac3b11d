import { activationFacts, activationRow, HIDDEN_ACTIVATIONS } from "../../ts/catalog/activations.js";
import { intoPanels, outOfPanels } from "../../ts/model/panels.js";
import { REFERENCE_ACTIVATIONS, referenceKept } from "../reference.js";
import {
  at,
  EDGES,
  EPSILON,
  engineOf,
  expectNear,
  expectSame,
  numbers,
  read,
  rounding,
  type Setting,
  withMemory,
} from "./memory.js";
import { columnsOf, dot, rowsOf, type Sum } from "./plain.js";

/** Of the output layer, whose loss works on logits, and of a hidden layer. */
const ACTIVATIONS = ["linear", ...HIDDEN_ACTIVATIONS] as const;
type LayerActivation = (typeof ACTIVATIONS)[number];

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

interface Case {
  readonly shape: Shape;
  readonly activation: LayerActivation;
  readonly dropped: boolean;
}

/**
 * The large shapes with every activation, with dropout and without or as `drops` says of a shape. The many small ones with
 * each of these in turn: since their number and that of a side's sizes have no divisor in common, each meets every size
 * of each side several times.
 */
function cases(drops?: (large: number) => boolean): Case[] {
  const settings = [false, true].flatMap((dropped) =>
    ACTIVATIONS.map((activation) => ({ activation, dropped })),
  );
  const edges = SOME_EDGES.filter((rows) => rows > 0).flatMap((rows) =>
    SOME_EDGES.flatMap((inputs) => SOME_EDGES.map((outputs) => ({ rows, inputs, outputs }))),
  );
  return [
    ...edges.flatMap((shape, i) =>
      settings.slice(i % settings.length, (i % settings.length) + 1).map((one) => ({ shape, ...one })),
    ),
    ...LARGE.flatMap((shape, large) =>
      settings
        .filter(({ dropped }) => drops === undefined || drops(large) === dropped)
        .map((one) => ({ shape, ...one })),
    ),
  ];
}

/** Zeros and ones. */
function maskOf(length: number): Float64Array {
  return numbers("float64", length, 9).map((x) => (x < 0.4 ? 1 : 0));
}

const KEEP_FORWARD = 0.7;

/** A ← g(X·Wᵀ + b) ⊙ mask / keepProb, and what g keeps: its slope, its gate, or its argument. */
export function forwardFollowsPlainLoops(setting: Setting): void {
  const { dtype } = setting;
  const keepProb = rounding(dtype)(KEEP_FORWARD);
  for (const { shape, activation, dropped } of cases()) {
    const { rows, inputs, outputs } = shape;
    const x = numbers(dtype, rows * inputs, 1);
    const w = numbers(dtype, outputs * inputs, 2);
    const b = numbers(dtype, outputs, 3);
    const mask = dropped ? maskOf(rows * outputs) : undefined;
    const z = rowsOf(x, rows, inputs).flatMap((row) =>
      rowsOf(w, outputs, inputs).map((weights, j) => dot(row, weights, at(b, j))),
    );
    const { a, kept } = forward(setting, shape, { x, w, b, mask }, activation);
    const { g } = REFERENCE_ACTIVATIONS[activation];
    const { keeps } = activationRow(activation);
    const keptOf = keeps === undefined ? (z: number) => z : referenceKept(REFERENCE_ACTIVATIONS[activation]);
    for (const [i, { value, magnitude }] of z.entries()) {
      const scale = mask === undefined ? 1 : at(mask, i) / keepProb;
      const bound = ((inputs + 2) * magnitude + 4) * EPSILON[dtype];
      const place = (name: string) => () => `${name}[${i}] of ${JSON.stringify(shape)}, ${activation}`;
      expectNear(at(a, i), g(value) * scale, bound * scale, place("A"));
      expectNear(at(kept, i), keptOf(value), bound, place("what is kept")); // |g″| ≤ 1
    }
  }
}

function forward(
  setting: Setting,
  { rows, inputs, outputs }: Shape,
  given: { x: Float64Array; w: Float64Array; b: Float64Array; mask: Float64Array | undefined },
  activation: LayerActivation,
  panel = 1,
) {
  return withMemory(setting, (memory) => {
    const w = given.w.slice();
    intoPanels(w, given.w, { inputs, outputs, panel });
    const [a, kept] = [memory.output(rows * outputs), memory.output(rows * outputs)];
    const blocks = {
      a,
      kept,
      x: memory.input(given.x),
      w: memory.input(w),
      b: memory.input(given.b),
    };
    const mask = given.mask === undefined ? null : memory.input(given.mask);
    const layer = { inputs, outputs, panel, workspace: memory.workspace(rows, inputs, outputs) };
    const g = activationFacts(activation);
    const packed = { packed: null, products: null };
    memory.run(rows, [
      { op: "denseForward", ...packed, ...blocks, mask, keepProb: KEEP_FORWARD, ...layer, ...g },
    ]);
    return { a: read(a), kept: read(kept) };
  });
}

interface Backward {
  readonly dz: Float64Array;
  readonly x: Float64Array;
  /** X or what the activation's row says that it keeps. */
  readonly seen: Float64Array;
  readonly w: Float64Array;
  /** Of the layer whose output X is, after its dropout. */
  readonly activation: LayerActivation;
  readonly mask: Float64Array | undefined;
  readonly keepProb: number;
  readonly l2: number;
}

/** dW ← dZᵀ·X + λ/m·W, db ← column sums of dZ, dX ← (dZ·W) ⊙ mask / keepProb ⊙ g'. */
export function backwardFollowsPlainLoops(setting: Setting): void {
  const all = cases((large) => large % 2 === 1);
  for (const [number, { shape, activation, dropped }] of all.entries())
    compareBackward(setting, shape, activation, dropped, number % 5 < 2 ? 0 : 0.3 * shape.rows);
}

function compareBackward(
  setting: Setting,
  shape: Shape,
  activation: LayerActivation,
  dropped: boolean,
  l2: number,
): void {
  const { dtype } = setting;
  const { rows, inputs, outputs } = shape;
  const keepProb = dropped ? 0.5 : 1;
  const mask = dropped ? maskOf(rows * inputs) : undefined;
  // 1/keepProb is a power of 2: X is exact.
  const z = numbers(dtype, rows * inputs, 4);
  const round = rounding(dtype);
  const x = z.map((zi, i) => (round(REFERENCE_ACTIVATIONS[activation].g(zi)) * kept(mask, i)) / keepProb);
  const dz = numbers(dtype, rows * outputs, 5);
  const w = numbers(dtype, outputs * inputs, 6);
  const seen = seenOf(activation, z, x).map(round);
  const given = { dz, x, seen, w, activation, mask, keepProb, l2 };
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
  compare("dX", got.dx, plainInputGradients(shape, given, z), outputs);
}

/** What g's backward pass sees: x is its output, after dropout. */
function seenOf(activation: LayerActivation, z: Float64Array, x: Float64Array): Float64Array {
  const { keeps } = activationRow(activation);
  return keeps === undefined ? x : z.map(referenceKept(REFERENCE_ACTIVATIONS[activation]));
}

/** Whether unit i is kept: 1 or 0. */
function kept(mask: Float64Array | undefined, i: number): number {
  return mask === undefined ? 1 : at(mask, i);
}

function plainWeightGradients({ rows, inputs, outputs }: Shape, { dz, x, w, l2 }: Backward): Sum[] {
  const columns = columnsOf(x, rows, inputs);
  return columnsOf(dz, rows, outputs).flatMap((dzColumn, j) =>
    columns.map((column, p) => dot(dzColumn, column, (l2 / rows) * at(w, j * inputs + p))),
  );
}

/** `z` is the argument of the layer before's activation. */
function plainInputGradients(shape: Shape, given: Backward, z: Float64Array): Sum[] {
  const { rows, inputs, outputs } = shape;
  const columns = columnsOf(given.w, outputs, inputs);
  return rowsOf(given.dz, rows, outputs).flatMap((row, i) =>
    columns.map((column, p) => {
      const place = i * inputs + p;
      const derivative = REFERENCE_ACTIVATIONS[given.activation].slope(at(z, place));
      const scale = kept(given.mask, place) / given.keepProb;
      const { value, magnitude } = dot(row, column);
      // Of z, g′ is a sum whose terms cancel where g turns.
      const terms = Math.abs(derivative) + (activationRow(given.activation).keeps === undefined ? 0 : 0.25);
      return { value: derivative * scale * value, magnitude: terms * scale * magnitude };
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
    const w = given.w.slice();
    intoPanels(w, given.w, { inputs, outputs, panel });
    const dx = memory.output(rows * inputs);
    const [dw, db] = [memory.output(outputs * inputs), memory.output(outputs)];
    const x = memory.input(given.x);
    const layer = { inputs, outputs, workspace: memory.workspace(rows, inputs, outputs) };
    const common = { dz: memory.input(given.dz), w: memory.input(w), ...layer };
    const mask = given.mask === undefined ? null : memory.input(given.mask);
    const seen = memory.input(given.seen);
    const before = { seen, mask, keepProb: given.keepProb, ...activationFacts(given.activation) };
    memory.run(rows, [
      { op: "weightGradient", packed: null, ...common, dw, db, x, panel, l2: given.l2 },
      ...(withDx ? [{ op: "inputGradient", ...common, dx, ...before } as const] : []),
    ]);
    const byRows = new Float64Array(outputs * inputs);
    outOfPanels(byRows, read(dw), { inputs, outputs, panel });
    return { dx: read(dx), dw: byRows, db: read(db) };
  });
}

/** The first layer needs no dX, and its dW and db are the same without; so are all three on one thread. */
export function backwardIsTheSameWithoutDxAndOnOneThread(setting: Setting): void {
  for (const shape of LARGE) {
    const { rows, inputs, outputs } = shape;
    const given: Backward = {
      dz: numbers(setting.dtype, rows * outputs, 5),
      x: numbers(setting.dtype, rows * inputs, 4),
      seen: numbers(setting.dtype, rows * inputs, 4),
      w: numbers(setting.dtype, outputs * inputs, 6),
      activation: "relu",
      mask: undefined,
      keepProb: 1,
      l2: 0.1 * rows,
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
  const panel = engineOf(setting).panelWidth(dtype);
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
      forward(setting, shape, given, "relu", panel).a,
      forward(setting, shape, given, "relu").a,
      `A of ${JSON.stringify(shape)}`,
    );
    const dz = numbers(dtype, rows * outputs, 5);
    for (const l2 of [0, 0.3 * rows]) {
      const step = { ...given, seen: given.x, dz, activation: "linear" as const, keepProb: 1, l2 };
      const byRows = backward(setting, shape, step, false);
      const inPanels = backward(setting, shape, step, false, panel);
      for (const name of ["dw", "db"] as const)
        expectSame(inPanels[name], byRows[name], `${name} of ${JSON.stringify(shape)}`);
    }
  }
}

const NONE = new Float64Array(0);
