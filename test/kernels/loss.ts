import { ACTIVATION_CODE } from "../../ts/activation.js";
import { at, EDGES, EPSILON, expectNear, expectSame, numbers, type Setting, withMemory } from "./memory.js";

const SIZES = [...EDGES, 63, 64, 65, 257];

/** Logits of up to ±8, which are numbers of either dtype. */
function logits(length: number, seed: number): Float64Array {
  return numbers("float32", length, seed).map((x) => 8 * x);
}

/** Σ max(z, 0) − z·y + log(1 + e^−|z|), dZ ← (σ(Z) − Y)/m, and how many answers are right. */
export function binaryCrossEntropyFollowsItsFormula(setting: Setting): void {
  const m = 5;
  for (const length of SIZES) {
    const z = logits(length, 1);
    const y = z.map((_, i) => Number(i % 3 === 0));
    const got = withMemory(setting, (memory) => {
      const { kernels } = memory;
      const [dz, logit, label] = [memory.output(length), memory.input(z), memory.input(y)];
      const loss = kernels.binaryCrossEntropy(dz, logit, label, length, 1, m);
      const lossAlone = kernels.binaryCrossEntropy(0, logit, label, length, 1, m);
      const right = kernels.binaryCorrect(logit, label, length, 1);
      kernels.outputActivation(logit, length, 1, ACTIVATION_CODE.sigmoid);
      return { loss, lossAlone, right, dz: memory.read(dz, length), a: memory.read(logit, length) };
    });
    let [loss, right] = [0, 0];
    for (let i = 0; i < length; i++) {
      const [zi, yi] = [at(z, i), at(y, i)];
      const a = 1 / (1 + Math.exp(-zi));
      loss += Math.max(zi, 0) - zi * yi + Math.log1p(Math.exp(-Math.abs(zi)));
      right += Number(zi > 0 === (yi === 1));
      const place = (name: string) => () => `${name}[${i}] of ${length}`;
      expectNear(at(got.dz, i), (a - yi) / m, 2 * EPSILON[setting.dtype], place("dZ"));
      expectNear(at(got.a, i), a, 4 * EPSILON[setting.dtype] * a, place("A"));
    }
    expectNear(got.loss, loss, (length + 1) * EPSILON[setting.dtype], () => `the loss of ${length}`);
    expectSame(
      [got.lossAlone, got.right],
      [got.loss, right],
      `${length}: the loss without dZ, right answers`,
    );
  }
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
  const got = withMemory(setting, (memory) => {
    const { kernels } = memory;
    const [dz, logit, label] = [memory.output(rows * n), memory.input(z), memory.integers(labels)];
    const loss = kernels.categoricalCrossEntropy(dz, logit, label, rows, n, rows);
    const lossAlone = kernels.categoricalCrossEntropy(0, logit, label, rows, n, rows);
    const right = kernels.categoricalCorrect(logit, label, rows, n);
    kernels.outputActivation(logit, rows, n, ACTIVATION_CODE.softmax);
    return { loss, lossAlone, right, dz: memory.read(dz, rows * n), a: memory.read(logit, rows * n) };
  });
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
  expectNear(got.loss, loss, 100 * EPSILON[setting.dtype], () => `the loss of ${n} classes`);
  expectSame([got.lossAlone, got.right], [got.loss, right], `${n}: the loss without dZ, right answers`);
}
