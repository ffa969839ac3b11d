import { momentsOf } from "../../ts/catalog/optimizers.js";
import type { Cells, Span } from "../../ts/engine/memory.js";
import { plainUpdates } from "../reference-rules.js";
import { VARIANTS, type Variant } from "../update-rules.js";
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

/** Every update rule over some steps. The last length is cut for two threads. */
export function updatesFollowTheirFormulas(setting: Setting): void {
  for (const variant of VARIANTS) {
    for (const length of [...EDGES, 63, 64, 65, 257]) compareUpdate(setting, variant, length, 20);
    compareUpdate(setting, variant, 70_001, 3);
  }
}

function compareUpdate(setting: Setting, variant: Variant, length: number, steps: number): void {
  const start = numbers(setting.dtype, length, 1);
  const gradients = Array.from({ length: steps }, (_, t) => numbers(setting.dtype, length, 100 + t));
  const got = updated(setting, variant, start, gradients);
  if (setting.threads > 1) {
    // What one thread computes follows the formulas.
    const alone = updated({ ...setting, threads: 1 }, variant, start, gradients);
    expectSame(alone, got, `${variant.name}, one thread`);
    return;
  }
  for (let i = 0; i < length; i++) {
    const expected = plainUpdates(
      variant,
      at(start, i),
      gradients.map((g) => at(g, i)),
    );
    const place = () => `${variant.name}, ${length} numbers, number ${i}`;
    expectNear(at(got, i), expected, steps * EPSILON[setting.dtype], place);
  }
}

/** The parameters after a step by each of the gradients, none of which decays. */
function updated(
  setting: Setting,
  { rule, options: hyperparameters }: Variant,
  start: Float64Array,
  gradients: readonly Float64Array[],
): Float64Array {
  return withMemory(setting, (memory) => {
    const { length: len } = start;
    const [w, g] = [memory.input(start), memory.output(len)];
    const momentCount = momentsOf(rule, hyperparameters).length;
    const moments = momentCount === 0 ? null : memory.input(new Float64Array(momentCount * len));
    const state = memory.output(5, "float64") as Span<Cells> as Span<Float64Array>;
    state.write(Float64Array.of(0, 1, 1, 1, 0));
    const constant = {
      schedule: "constant",
      scheduleParameters: { rate: hyperparameters.learningRate ?? Number.NaN },
      pieces: [],
    };
    const facts = { rule, w, g, len, moments, momentCount, state, decay: 0, rest: [], hyperparameters };
    const all = { stride: len, first: 1, factor: 1 };
    const program = memory.bind([{ op: "update", ...facts, ...all, ...constant }]);
    for (const gradient of gradients) {
      g.write(gradient);
      program.run(0, 0, 0);
    }
    return read(w);
  });
}
