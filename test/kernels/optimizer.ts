import { type ReferenceRule, updatedParameter } from "../reference.js";
import { at, EDGES, EPSILON, expectNear, expectSame, numbers, type Setting, withMemory } from "./memory.js";

const [RATE, BETA1, BETA2, SMALL] = [0.01, 0.9, 0.999, 1e-8];

const RULES: readonly ReferenceRule[] = [
  { name: "gd", learningRate: RATE },
  { name: "momentum", learningRate: RATE, beta: BETA1 },
  { name: "adam", learningRate: RATE, beta1: BETA1, beta2: BETA2, epsilon: SMALL },
];

/** Every update rule over some steps. The last length is cut for two threads. */
export function updatesFollowTheirFormulas(setting: Setting): void {
  for (const rule of RULES) {
    for (const length of [...EDGES, 63, 64, 65, 257]) compareUpdate(setting, rule, length, 20);
    compareUpdate(setting, rule, 70_001, 3);
  }
}

function compareUpdate(setting: Setting, rule: ReferenceRule, length: number, steps: number): void {
  const start = numbers(setting.dtype, length, 1);
  const gradients = Array.from({ length: steps }, (_, t) => numbers(setting.dtype, length, 100 + t));
  const got = updated(setting, rule, start, gradients);
  for (let i = 0; i < length; i++) {
    const expected = plainUpdates(
      rule,
      at(start, i),
      gradients.map((g) => at(g, i)),
    );
    const place = () => `${rule.name}, ${length} numbers, number ${i}`;
    expectNear(at(got, i), expected, steps * EPSILON[setting.dtype], place);
  }
  if (setting.threads > 1) {
    expectSame(updated({ ...setting, threads: 1 }, rule, start, gradients), got, `${rule.name}, one thread`);
  }
}

/** The parameters after a step by each of the gradients. */
function updated(
  setting: Setting,
  rule: ReferenceRule,
  start: Float64Array,
  gradients: readonly Float64Array[],
): Float64Array {
  return withMemory(setting, (memory) => {
    const { kernels, threads } = memory;
    const { length } = start;
    const w = memory.input(start);
    const [v, s] = [memory.input(start.map(() => 0)), memory.input(start.map(() => 0))];
    for (const [t, gradient] of gradients.entries()) {
      const g = memory.input(gradient);
      if (rule.name === "gd") kernels.gradientDescent(w, g, length, RATE, threads);
      else if (rule.name === "momentum") kernels.momentum(w, v, g, length, RATE, BETA1, threads);
      else {
        const powers = [BETA1 ** (t + 1), BETA2 ** (t + 1)] as const;
        kernels.adam(w, v, s, g, length, RATE, BETA1, BETA2, SMALL, ...powers, threads);
      }
    }
    return memory.read(w, length);
  });
}

/** One parameter, in float64. */
function plainUpdates(rule: ReferenceRule, start: number, gradients: readonly number[]): number {
  const moments = { v: 0, s: 0 };
  return gradients.reduce((w, g, step) => updatedParameter(rule, step + 1, moments, w, g), start);
}
