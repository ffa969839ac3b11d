import { OPTIMIZERS, UPDATE_RULES, type UpdateRule } from "../../ts/catalog/optimizers.js";
import type { Cells, Span } from "../../ts/engine/memory.js";
import { type ReferenceRule, updatedParameter } from "../reference.js";
import {
  at,
  EDGES,
  EPSILON,
  expectNear,
  expectSame,
  numbers,
  read,
  type Setting,
  withMemory,
} from "./memory.js";

const [RATE, BETA1, BETA2, SMALL] = [0.01, 0.9, 0.999, 1e-8];

/** Every rule of the catalogue with its hyperparameters. */
const RULES = {
  gradientDescent: { name: "gd", learningRate: RATE },
  momentum: { name: "momentum", learningRate: RATE, beta: BETA1 },
  adam: { name: "adam", learningRate: RATE, beta1: BETA1, beta2: BETA2, epsilon: SMALL },
} as const satisfies Record<UpdateRule, ReferenceRule>;

/** Every update rule over some steps. The last length is cut for two threads. */
export function updatesFollowTheirFormulas(setting: Setting): void {
  for (const rule of UPDATE_RULES) {
    for (const length of [...EDGES, 63, 64, 65, 257]) compareUpdate(setting, rule, length, 20);
    compareUpdate(setting, rule, 70_001, 3);
  }
}

function compareUpdate(setting: Setting, rule: UpdateRule, length: number, steps: number): void {
  const start = numbers(setting.dtype, length, 1);
  const gradients = Array.from({ length: steps }, (_, t) => numbers(setting.dtype, length, 100 + t));
  const got = updated(setting, rule, start, gradients);
  for (let i = 0; i < length; i++) {
    const expected = plainUpdates(
      RULES[rule],
      at(start, i),
      gradients.map((g) => at(g, i)),
    );
    const place = () => `${rule}, ${length} numbers, number ${i}`;
    expectNear(at(got, i), expected, steps * EPSILON[setting.dtype], place);
  }
  if (setting.threads > 1) {
    expectSame(updated({ ...setting, threads: 1 }, rule, start, gradients), got, `${rule}, one thread`);
  }
}

/** The parameters after a step by each of the gradients. */
function updated(
  setting: Setting,
  rule: UpdateRule,
  start: Float64Array,
  gradients: readonly Float64Array[],
): Float64Array {
  return withMemory(setting, (memory) => {
    const { length: len } = start;
    const [w, g] = [memory.input(start), memory.output(len)];
    const momentsLen = OPTIMIZERS[rule].moments.length * len;
    const moments = momentsLen === 0 ? null : memory.input(new Float64Array(momentsLen));
    const state = memory.output(3, "float64") as Span<Cells> as Span<Float64Array>;
    state.write(Float64Array.of(0, 1, 1));
    const { name, ...hyperparameters } = RULES[rule];
    const program = memory.bind([
      { op: "update", rule, w, g, len, moments, momentsLen, state, hyperparameters },
    ]);
    for (const gradient of gradients) {
      g.write(gradient);
      program.run(0, 0, 0);
    }
    return read(w);
  });
}

/** One parameter, in float64. */
function plainUpdates(rule: ReferenceRule, start: number, gradients: readonly number[]): number {
  const moments = { v: 0, s: 0 };
  return gradients.reduce((w, g, step) => updatedParameter(rule, step + 1, moments, w, g), start);
}
