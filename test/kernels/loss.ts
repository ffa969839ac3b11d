import type { OutputActivation } from "../../ts/catalog/activations.js";
import {
  LOSSES,
  type LossName,
  lossName,
  lossParameters,
  lossRow,
  type TableLoss,
  type Targets,
  targetsOf,
} from "../../ts/catalog/losses.js";
import type { Cells, Span } from "../../ts/engine/memory.js";
import { REFERENCE_LOSSES } from "../reference.js";
import {
  at,
  EDGES,
  EPSILON,
  expectNear,
  expectSame,
  type Memory,
  numbers,
  read,
  type Setting,
  withMemory,
} from "./memory.js";

const SIZES = [...EDGES, 63, 64, 65, 257];

/** Logits of up to ±8, which are numbers of either dtype. */
function logits(length: number, seed: number): Float64Array {
  return numbers("float32", length, seed).map((x) => 8 * x);
}

/** Σ max(z, 0) − z·y + log(1 + e^−|z|), dZ ← (σ(Z) − Y)/m, and how many answers are right. */
export function binaryCrossEntropyFollowsItsFormula(setting: Setting): void {
  for (const size of SIZES) {
    compareBinary(setting, size, 1);
    if (size > 0) compareBinary(setting, 5, size);
  }
}

function compareBinary(setting: Setting, rows: number, outputs: number): void {
  const length = rows * outputs;
  const z = logits(length, 1);
  const y = z.map((_, i) => Number(i % 3 === 0));
  const got = withMemory(setting, (memory) =>
    scored(memory, rows, {
      facts: { outputs, z: memory.input(z), targets: memory.input(y) },
      names: { loss: "binaryCrossEntropy", correct: "correctUnits", activation: "sigmoid" },
    }),
  );
  let [loss, right] = [0, 0];
  const shape = `${rows}×${outputs}`;
  for (let i = 0; i < length; i++) {
    const [zi, yi] = [at(z, i), at(y, i)];
    const a = 1 / (1 + Math.exp(-zi));
    loss += Math.max(zi, 0) - zi * yi + Math.log1p(Math.exp(-Math.abs(zi)));
    right += Number(zi > 0 === (yi === 1));
    const place = (name: string) => () => `${name}[${i}] of ${shape}`;
    expectNear(at(got.dz, i), (a - yi) / rows, (10 / rows) * EPSILON[setting.dtype], place("dZ"));
    expectNear(at(got.a, i), a, 4 * EPSILON[setting.dtype] * a, place("A"));
  }
  expectNear(got.sum, loss, (length + 1) * EPSILON[setting.dtype], () => `the loss of ${shape}`);
  expectSame(
    [got.loss, got.sumAlone, got.right],
    [got.sum / rows, got.sum, right],
    `${shape}: the mean loss, the loss without dZ, right answers`,
  );
}

/** Σ ℓ and dZ ← ∂ℓ/∂Z / m of every loss, from targets in the form that its row says. */
export function everyLossFollowsItsFormula(setting: Setting): void {
  for (const loss of SETTINGS) {
    for (const size of SIZES.filter((size) => size > 0)) {
      if (lossRow(loss).of !== "softmax") compareLoss(setting, loss, size, 1);
      compareLoss(setting, loss, 5, size);
    }
  }
}

/** Every loss with its defaults, and with other parameters. */
const SETTINGS: readonly TableLoss[] = [
  ...LOSSES,
  { type: "huber", delta: 0.5 },
  { type: "quantile", quantile: 0.9 },
  { type: "focal", gamma: 0.5 },
  { type: "binaryCrossEntropy", labelSmoothing: 0.1, positiveWeight: 3 },
  { type: "binaryCrossEntropy", softLabels: true },
  { type: "categoricalCrossEntropy", labelSmoothing: 0.1 },
  { type: "categoricalCrossEntropy", labelSmoothing: 0.1, softLabels: true },
];

/** A row of targets for each row of outputs: a class as its one-hot row. */
function targetRows(loss: TableLoss, rows: number, outputs: number): number[][] {
  const given = numbers("float32", rows * outputs, 3);
  const row: Record<Targets, (i: number) => number[]> = {
    numbers: (i) => Array.from(given.subarray(i * outputs, (i + 1) * outputs), (y) => 8 * y),
    counts: (i) => Array.from({ length: outputs }, (_, j) => (3 * i + j) % 5),
    bits: (i) => Array.from({ length: outputs }, (_, j) => Number((i + j) % 3 === 0)),
    shares: (i) => Array.from({ length: outputs }, (_, j) => ((3 * i + j) % 5) / 4),
    distributions: (i) =>
      outputs === 1 ? [1] : Array.from({ length: outputs }, (_, j) => [0.25, 0.75][(j + i) % outputs] ?? 0),
    classes: (i) => Array.from({ length: outputs }, (_, j) => Number(j === (7 * i) % outputs)),
  };
  return Array.from({ length: rows }, (_, i) => row[targetsOf(loss)](i));
}

/** For as many rows as any of these has. */
const WEIGHTS = Float64Array.from({ length: 257 }, (_, i) => [1, 0, 0.3, 3, 2 ** -40][i % 5] ?? 0);

function compareLoss(setting: Setting, loss: TableLoss, rows: number, outputs: number): void {
  const z = logits(rows * outputs, 1);
  const y = targetRows(loss, rows, outputs);
  const parameters = lossParameters(loss);
  const got = withMemory(setting, (memory) => {
    const dz = memory.output(rows * outputs);
    const isClass = targetsOf(loss) === "classes";
    const targets = isClass ? memory.integers(y.map((row) => row.indexOf(1))) : memory.input(y.flat());
    const facts = { outputs, z: memory.input(z), targets };
    const operation = { op: "loss", loss: lossName(loss), parameters, weights: null, ...facts } as const;
    const { sum } = memory.run(rows, [{ ...operation, dz }]);
    const alone = memory.run(rows, [{ ...operation, dz: null }]).sum;
    const weighted = { ...operation, weights: memory.doubles(WEIGHTS.slice(0, rows)) };
    const dzWeighted = memory.output(rows * outputs);
    const weightedSum = memory.run(rows, [{ ...weighted, dz: dzWeighted }]).sum;
    const weightedAlone = memory.run(rows, [{ ...weighted, dz: null }]).sum;
    return { sum, alone, dz: read(dz), weightedSum, weightedAlone, dzWeighted: read(dzWeighted) };
  });
  const shape = `${JSON.stringify(loss)} of ${rows}×${outputs}`;
  const name = lossName(loss);
  const { value, slope } = REFERENCE_LOSSES[name];
  let [sum, weightedSum, largest] = [0, 0, 0];
  y.forEach((row, i) => {
    const zi = Array.from(z.subarray(i * outputs, (i + 1) * outputs));
    const weight = WEIGHTS[i] ?? 0;
    sum += value(zi, row, parameters);
    weightedSum += weight * value(zi, row, parameters);
    const slopes = slope(zi, row, parameters);
    largest = Math.max(1, ...slopes.map(Math.abs));
    slopes.forEach((expected, j) => {
      const bound = (32 / rows) * EPSILON[setting.dtype] * largest;
      expectNear(at(got.dz, i * outputs + j), expected / rows, bound, () => `dZ[${i}][${j}] of ${shape}`);
      const by = at(got.dzWeighted, i * outputs + j);
      expectNear(by, (weight * expected) / rows, weight * bound, () => `weighted dZ[${i}][${j}] of ${shape}`);
    });
  });
  // exp of float32 in a cross-entropy's loss, float64 in the others'
  const bound = !name.endsWith("CrossEntropy") ? 1e-13 : EPSILON[setting.dtype] * rows * outputs;
  expectNear(got.sum, sum, bound * (1 + Math.abs(sum)), () => shape);
  expectSame([got.alone], [got.sum], `${shape} without dZ`);
  expectNear(
    got.weightedSum,
    weightedSum,
    3 * bound * (1 + Math.abs(weightedSum)),
    () => `weighted ${shape}`,
  );
  expectSame([got.weightedAlone], [got.weightedSum], `weighted ${shape} without dZ`);
}

interface Scored {
  readonly facts: { readonly outputs: number; readonly z: Span; readonly targets: Span<Cells> };
  readonly names: {
    readonly loss: LossName;
    readonly correct: "correctUnits" | "correctClasses";
    readonly activation: OutputActivation;
  };
}

/** The loss with its dZ and without, how many answers are right, and A in the logits' place. */
function scored(memory: Memory, rows: number, { facts, names }: Scored) {
  const { z, outputs } = facts;
  const dz = memory.output(rows * outputs);
  const of = { loss: names.loss, parameters: lossParameters(names.loss), weights: null };
  const loss = { op: "loss", ...of, ...facts } as const;
  const whole = memory.run(rows, [{ ...loss, dz }]);
  const alone = memory.run(rows, [{ ...loss, dz: null }]);
  const { correct } = memory.run(rows, [{ op: names.correct, ...facts }]);
  memory.run(rows, [{ op: "outputActivation", a: z, outputs, activation: names.activation, parameter: 0 }]);
  return {
    loss: whole.loss,
    sum: whole.sum,
    sumAlone: alone.sum,
    right: correct,
    dz: read(dz),
    a: read(z),
  };
}

/** Σ log Σⱼ e^zⱼ − z_label, dZ ← (softmax(Z) − onehot)/m, and how many answers are right. */
export function categoricalCrossEntropyFollowsItsFormula(setting: Setting): void {
  for (const n of SIZES.filter((size) => size > 0)) compareCategorical(setting, n);
}

function compareCategorical(setting: Setting, n: number): void {
  const z = logits(3 * n, 2);
  const largest = z.subarray(n, 2 * n).indexOf(Math.max(...z.subarray(n, 2 * n)));
  const labels = [0, largest, n - 1];
  const rows = labels.length;
  const got = withMemory(setting, (memory) =>
    scored(memory, rows, {
      facts: { outputs: n, z: memory.input(z), targets: memory.integers(labels) },
      names: { loss: "categoricalCrossEntropy", correct: "correctClasses", activation: "softmax" },
    }),
  );
  let [loss, right] = [0, 0];
  for (const [i, label] of labels.entries()) {
    const row = Array.from(z.subarray(i * n, (i + 1) * n));
    const exponentials = row.map((zj) => Math.exp(zj));
    const sum = exponentials.reduce((total, e) => total + e, 0);
    loss += Math.log(sum) - at(row, label);
    right += Number(row.indexOf(Math.max(...row)) === label);
    for (const [j, e] of exponentials.entries()) {
      const place = (name: string) => () => `${name}[${i}][${j}] of ${n}`;
      const dz = (e / sum - Number(j === label)) / rows;
      expectNear(at(got.dz, i * n + j), dz, 8 * EPSILON[setting.dtype], place("dZ"));
      // An exponent of up to 16 in float32 is off by half a unit, which e^z takes for its relative error.
      expectNear(at(got.a, i * n + j), e / sum, 24 * EPSILON[setting.dtype] * (e / sum), place("A"));
    }
  }
  expectNear(got.sum, loss, 100 * EPSILON[setting.dtype], () => `the loss of ${n} classes`);
  expectSame(
    [got.loss, got.sumAlone, got.right],
    [got.sum / rows, got.sum, right],
    `${n}: the mean loss, the loss without dZ, right answers`,
  );
}
