import type { OutputActivation } from "../../ts/catalog/activations.js";
import { LOSS_ROWS, LOSSES, type LossName, lossParameters } from "../../ts/catalog/losses.js";
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

/** 1/n · Σ ℓ(z, y) of the losses that are means over units, and dZ ← ℓ′(z, y) / (m·n). */
export function lossesOfNumbersFollowTheirFormulas(setting: Setting): void {
  for (const loss of LOSSES.filter((name) => LOSS_ROWS[name].targets === "numbers")) {
    for (const size of SIZES) {
      compareNumbers(setting, loss, size, 1);
      if (size > 0) compareNumbers(setting, loss, 5, size);
    }
  }
}

function compareNumbers(setting: Setting, loss: LossName, rows: number, outputs: number): void {
  const [z, y] = [logits(rows * outputs, 1), logits(rows * outputs, 3)];
  const got = withMemory(setting, (memory) => {
    const dz = memory.output(rows * outputs);
    const facts = { outputs, z: memory.input(z), targets: memory.input(y) };
    const operation = { op: "loss", loss, parameters: lossParameters(loss), ...facts } as const;
    const { sum } = memory.run(rows, [{ ...operation, dz }]);
    return { sum, alone: memory.run(rows, [{ ...operation, dz: null }]).sum, dz: read(dz) };
  });
  const shape = `${loss} of ${rows}×${outputs}`;
  const { value, slope } = REFERENCE_LOSSES[loss];
  let sum = 0;
  for (let i = 0; i < rows; i++) {
    const [zi, yi] = [z, y].map((all) => [...all.subarray(i * outputs, (i + 1) * outputs)]) as [
      number[],
      number[],
    ];
    sum += value(zi, yi);
    slope(zi, yi).forEach((expected, j) => {
      const bound = (32 / (rows * outputs)) * EPSILON[setting.dtype];
      expectNear(at(got.dz, i * outputs + j), expected / rows, bound, () => `dZ[${i}][${j}] of ${shape}`);
    });
  }
  expectNear(got.sum, sum, 1e-13 * (1 + sum), () => shape);
  expectSame([got.alone], [got.sum], `${shape} without dZ`);
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
  const loss = { op: "loss", loss: names.loss, parameters: {}, ...facts } as const;
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
