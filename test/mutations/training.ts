import { vi } from "vitest";
import type { BatchSource } from "../../ts/batch-source.js";
import * as batchSources from "../../ts/batch-source.js";
import type { Examples } from "../../ts/data.js";
import { after, type Mutation, on } from "./plant.js";

type Gather = BatchSource["gather"];
type Open = typeof batchSources.openBatchSource;

const { openBatchSource: openRight } = await vi.importActual<typeof batchSources>("../../ts/batch-source.js");

/** Gives every fit from now on another gather, made of what it works on and the right source. */
function onGather(
  wrong: (
    on: { layers: Parameters<Open>[0]; batch: Parameters<Open>[1]; examples: Examples },
    right: BatchSource,
  ) => Gather,
): void {
  vi.mocked(batchSources.openBatchSource).mockImplementation(function* (layers, batch, examples, settings) {
    const source = yield* openRight(layers, batch, examples, settings);
    const gather = wrong({ layers, batch, examples }, source);
    return { begin: (epoch) => source.begin(epoch), gather, release: () => source.release() };
  });
}

/** Bugs in what is around the gradients: the start, masks, batches and updates. */
export const trainingMutations: readonly Mutation[] = [
  {
    name: "randomNormal is 10 times too wide",
    caughtBy: ["randomNormal"],
    plant: (k, memory) =>
      after(k, "initialize", ({ w, inputs, outputs }) =>
        memory.update(w, inputs * outputs, (value) => 10 * value),
      ),
  },
  {
    name: "he has xavier's width",
    caughtBy: ["he"],
    plant: (k) => on(k, "initialize", (call, run) => run({ ...call, method: 1 })),
  },
  {
    name: "one mask for the whole training",
    caughtBy: ["masks"],
    plant: (k) => on(k, "dropoutMask", (call, run) => run({ ...call, epoch: 0, step: 0 })),
  },
  {
    name: "units are dropped with probability keepProb",
    caughtBy: ["masks"],
    plant: (k) => on(k, "dropoutMask", (call, run) => run({ ...call, keepProb: 1 - call.keepProb })),
  },
  {
    name: "the last example of every batch is dropped",
    caughtBy: ["coverage", "replay"],
    plant: () => onGather((_, right) => (start, rows) => right.gather(start, Math.max(1, rows - 1))),
  },
  {
    name: "x is shuffled and y isn't",
    caughtBy: ["coverage", "replay"],
    plant: () =>
      onGather(({ layers, batch, examples }, right) => (start, rows) => {
        right.gather(start, rows);
        const { labels, labelWidth } = examples;
        layers.writeLabels(batch.labels, labels.subarray(start * labelWidth, (start + rows) * labelWidth));
      }),
  },
  {
    name: "every epoch has the order of the first",
    caughtBy: ["orders"],
    plant: (_, __, instance) => {
      const { shuffle } = instance;
      Object.assign(instance, {
        shuffle: (indices: number, m: number, seed: number) => shuffle(indices, m, seed, 1),
      });
    },
  },
  {
    name: "Adam's ε inside the root",
    caughtBy: ["golden", "reference"],
    plant: (k, memory) =>
      on(k, "adam", (call, run) => {
        const before = memory.copy(call.w, call.length);
        run(call);
        const [v, s] = [memory.copy(call.v, call.length), memory.copy(call.s, call.length)];
        memory.update(call.w, call.length, (_right, i) => {
          const root = Math.sqrt((s[i] ?? 0) / (1 - call.power2) + call.epsilon);
          return (before[i] ?? 0) - (call.learningRate * ((v[i] ?? 0) / (1 - call.power1))) / root;
        });
      }),
  },
  {
    name: "Adam's t starts at 0",
    caughtBy: ["golden", "reference"],
    plant: (k) =>
      on(k, "adam", (call, run) =>
        run({ ...call, power1: call.power1 / call.beta1, power2: call.power2 / call.beta2 }),
      ),
  },
  {
    name: "Adam's moments aren't corrected",
    caughtBy: ["golden", "reference"],
    plant: (k) => on(k, "adam", (call, run) => run({ ...call, power1: 0, power2: 0 })),
  },
  {
    name: "Adam's β₁ and β₂ are swapped",
    caughtBy: ["golden", "reference"],
    plant: (k) =>
      on(k, "adam", (call, run) => {
        const { beta1, beta2, power1, power2 } = call;
        run({ ...call, beta1: beta2, beta2: beta1, power1: power2, power2: power1 });
      }),
  },
  {
    name: "momentum's β and 1 − β are swapped",
    caughtBy: ["golden", "reference"],
    plant: (k) => on(k, "momentum", (call, run) => run({ ...call, beta: 1 - call.beta })),
  },
  {
    name: "gradients aren't looked at before the update",
    caughtBy: ["wholeStep"],
    plant: (k) => on(k, "magnitudeBound", () => 0),
  },
];
