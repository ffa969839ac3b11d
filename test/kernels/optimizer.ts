import type { UpdateRule } from "../../ts/optimizer.js";
import { at, EDGES, EPSILON, expectNear, expectSame, numbers, type Setting, withMemory } from "./memory.js";

const [RATE, BETA1, BETA2, SMALL] = [0.01, 0.9, 0.999, 1e-8];

const RULES: readonly UpdateRule[] = ["gradientDescent", "momentum", "adam"];

/** Every update rule over some steps. The last length is cut for two threads. */
export function updatesFollowTheirFormulas(setting: Setting): void {
  for (const rule of RULES) {
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
      rule,
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
    const { kernels, threads } = memory;
    const { length } = start;
    const w = memory.input(start);
    const [v, s] = [memory.input(start.map(() => 0)), memory.input(start.map(() => 0))];
    for (const [t, gradient] of gradients.entries()) {
      const g = memory.input(gradient);
      if (rule === "gradientDescent") kernels.gradientDescent(w, g, length, RATE, threads);
      else if (rule === "momentum") kernels.momentum(w, v, g, length, RATE, BETA1, threads);
      else {
        const powers = [BETA1 ** (t + 1), BETA2 ** (t + 1)] as const;
        kernels.adam(w, v, s, g, length, RATE, BETA1, BETA2, SMALL, ...powers, threads);
      }
    }
    return memory.read(w, length);
  });
}

/** One parameter, in float64. */
function plainUpdates(rule: UpdateRule, start: number, gradients: readonly number[]): number {
  let [w, v, s] = [start, 0, 0];
  for (const [step, g] of gradients.entries()) {
    const t = step + 1;
    if (rule === "gradientDescent") {
      w -= RATE * g;
      continue;
    }
    v = BETA1 * v + (1 - BETA1) * g;
    s = BETA2 * s + (1 - BETA2) * g * g;
    w -=
      rule === "momentum"
        ? RATE * v
        : (RATE * (v / (1 - BETA1 ** t))) / (Math.sqrt(s / (1 - BETA2 ** t)) + SMALL);
  }
  return w;
}
