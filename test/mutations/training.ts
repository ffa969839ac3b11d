import type { Cells, Span } from "../../ts/engine/memory.js";
import { after, change, type Mutation, type Named, on, update } from "./plant.js";

/** Adam's powers β₁ᵗ and β₂ᵗ before each of its updates ← these, which it then multiplies once more. */
function onAdamsPowers(wrong: (t: number, update: Named<"update">) => readonly [number, number]): void {
  on("update", (operation) => {
    const { rule, state } = operation;
    const setPowers = () => {
      const powers = wrong(state.get(0) + 1, operation);
      state.write(Float64Array.from(powers), 1);
    };
    return rule === "adam" ? [setPowers, operation] : [operation];
  });
}

function hyperparameter({ hyperparameters }: Named<"update">, name: string): number {
  return hyperparameters[name] ?? Number.NaN;
}

/** Bugs in what is around the gradients: the start, masks, batches and updates. */
export const trainingMutations: readonly Mutation[] = [
  {
    name: "randomNormal is 10 times too wide",
    caughtBy: ["randomNormal"],
    plant: () => after("initialize", ({ w }) => update(w, (value) => 10 * value)),
  },
  {
    name: "he has xavier's width",
    caughtBy: ["he"],
    plant: () => change("initialize", () => ({ initialization: "xavier" })),
  },
  {
    name: "one mask for the whole training",
    caughtBy: ["masks"],
    plant: () =>
      on("dropoutMask", (operation, { alone }) => [
        ({ rows }) => alone(operation, { rows, epoch: 0, step: 0 }),
      ]),
  },
  {
    name: "units are dropped with probability keepProb",
    caughtBy: ["masks"],
    plant: () => change("dropoutMask", ({ keepProb }) => ({ keepProb: 1 - keepProb })),
  },
  {
    name: "the last example of every batch is dropped",
    caughtBy: ["coverage", "replay"],
    plant: () =>
      on("gather", (operation, { alone }) => [
        (moment) => alone(operation, { ...moment, rows: Math.max(1, moment.rows - 1) }),
      ]),
  },
  {
    name: "x is shuffled and y isn't",
    caughtBy: ["coverage", "replay"],
    plant: () => {
      let gathered = 0;
      on("gather", (operation, { engine }) => {
        gathered++;
        if (gathered % 2 === 1) return [operation]; // x, and the labels after it
        const { m } = operation;
        const room = engine.room("an order", { order: { type: "uint32", length: m } });
        const order = room.spans.order as Span<Cells> as Span<Uint32Array>;
        order.write(Uint32Array.from({ length: m }, (_, i) => i));
        return [{ ...operation, order }];
      });
    },
  },
  {
    name: "every epoch has the order of the first",
    caughtBy: ["orders"],
    plant: () =>
      on("shuffle", (operation, { alone }) => [(moment) => alone(operation, { ...moment, epoch: 1 })]),
  },
  {
    name: "Adam's ε inside the root",
    caughtBy: ["golden", "reference"],
    plant: () =>
      on("update", (operation) => {
        const { rule, w, moments, state } = operation;
        if (rule !== "adam" || moments === null) return [operation];
        let before = w.read();
        const recompute = () => {
          const [v, s] = [moments.part(0, w.length).read(), moments.part(w.length, w.length).read()];
          const [learningRate, epsilon] = [
            hyperparameter(operation, "learningRate"),
            hyperparameter(operation, "epsilon"),
          ];
          update(w, (_right, i) => {
            const root = Math.sqrt((s[i] ?? 0) / (1 - state.get(2)) + epsilon);
            return (before[i] ?? 0) - (learningRate * ((v[i] ?? 0) / (1 - state.get(1)))) / root;
          });
        };
        return [
          () => {
            before = w.read();
          },
          operation,
          recompute,
        ];
      }),
  },
  {
    name: "Adam's t starts at 0",
    caughtBy: ["golden", "reference"],
    plant: () =>
      onAdamsPowers((t, operation) => [
        hyperparameter(operation, "beta1") ** (t - 2),
        hyperparameter(operation, "beta2") ** (t - 2),
      ]),
  },
  {
    name: "Adam's moments aren't corrected",
    caughtBy: ["golden", "reference"],
    plant: () => onAdamsPowers(() => [0, 0]),
  },
  {
    name: "Adam's β₁ and β₂ are swapped",
    caughtBy: ["golden", "reference"],
    plant: () =>
      change("update", (operation) => {
        const [beta1, beta2] = [hyperparameter(operation, "beta2"), hyperparameter(operation, "beta1")];
        return operation.rule === "adam"
          ? { hyperparameters: { ...operation.hyperparameters, beta1, beta2 } }
          : {};
      }),
  },
  {
    name: "momentum's β and 1 − β are swapped",
    caughtBy: ["golden", "reference"],
    plant: () =>
      change("update", (operation) => {
        const beta = 1 - hyperparameter(operation, "beta");
        return operation.rule === "momentum"
          ? { hyperparameters: { ...operation.hyperparameters, beta } }
          : {};
      }),
  },
  {
    name: "gradients aren't looked at before the update",
    caughtBy: ["wholeStep"],
    plant: () => on("gradientGuard", () => []),
  },
];
