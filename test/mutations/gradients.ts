import type { Span } from "../../ts/engine/memory.js";
import { after, change, type Mutation, on, update } from "./plant.js";

/** Bugs in the loss, in backward propagation and in regularization. */
export const gradientMutations: readonly Mutation[] = [
  {
    name: "1/m is missing",
    caughtBy: ["golden", "gradients", "reference", "coverage"],
    plant: () =>
      after("loss", ({ dz, outputs }, { rows }) => {
        if (dz !== null) update(dz.part(0, rows * outputs), (value) => value * rows);
      }),
  },
  {
    name: "1/m with the m of full batches in the smaller last batch",
    caughtBy: ["golden", "reference", "coverage"],
    plant: () => {
      let largest = 1;
      after("loss", ({ dz, outputs }, { rows }) => {
        largest = Math.max(largest, rows);
        if (dz !== null) update(dz.part(0, rows * outputs), (value) => (value * rows) / largest);
      });
    },
  },
  {
    name: "the loss's own 1/m once more in db",
    caughtBy: ["golden", "gradients", "reference"],
    plant: () =>
      after("weightGradient", ({ db }, { rows }) => {
        if (db !== null) update(db, (value) => value / rows);
      }),
  },
  {
    name: "the loss is taken from clipped probabilities",
    caughtBy: ["largeLogits"],
    plant: () =>
      on("loss", (operation, { engine }) => {
        const { type, length } = operation.z;
        const { clipped } = engine.room("clipped logits", { clipped: { type, length } }).spans;
        const most = Math.log((1 - 1e-15) / 1e-15);
        const clip = () => {
          clipped.write(operation.z.read().map((z) => Math.min(Math.max(z, -most), most)));
        };
        return [operation, clip, { ...operation, z: clipped, dz: null }];
      }),
  },
  {
    name: "dW is transposed",
    caughtBy: ["golden", "gradients", "reference"],
    plant: () =>
      after("weightGradient", ({ dw, inputs, outputs }) => {
        const right = dw.read();
        const transposed = (i: number) => (i % outputs) * inputs + Math.floor(i / outputs);
        update(dw, (_value, i) => right[transposed(i)] ?? 0);
      }),
  },
  {
    name: "stale dZ: every layer takes the output layer's",
    caughtBy: ["golden", "gradients", "reference"],
    plant: () => {
      let first: Span | undefined;
      on("loss", (operation) => {
        first = operation.dz ?? first;
        return [operation];
      });
      change("weightGradient", ({ dz }) => ({ dz: first ?? dz }));
      change("inputGradient", ({ dz, dx }) => ({ dz: first ?? dz, dx: dx === first ? dz : dx }));
    },
  },
  {
    name: "dW from the layer's own output, not from its input",
    caughtBy: ["golden", "gradients", "reference"],
    plant: () => {
      const outputOf = new Map<Span, Span>();
      on("denseForward", (operation) => {
        outputOf.set(operation.w, operation.a);
        return [operation];
      });
      change("weightGradient", ({ w, x }) => ({ x: outputOf.get(w) ?? x }));
    },
  },
  {
    name: "relu' is always 1",
    caughtBy: ["golden", "gradients", "reference"],
    plant: () =>
      change("inputGradient", ({ activation, keepProb }) =>
        activation === "relu" && keepProb === 1 ? { activation: "linear" } : {},
      ),
  },
  {
    name: "relu'(0) is 1",
    caughtBy: ["reluAtZero"],
    plant: () =>
      on("inputGradient", (operation) => {
        const { seen, activation } = operation;
        if (activation !== "relu") return [operation];
        let right = seen.read();
        const lift = () => {
          right = seen.read();
          update(seen, (a) => (a === 0 ? Number.MIN_VALUE : a));
        };
        return [lift, operation, () => seen.write(right)];
      }),
  },
  {
    name: "sigmoid' of hidden layers is that of relu",
    caughtBy: ["gradients", "reference"],
    plant: () =>
      change("inputGradient", ({ activation }) => (activation === "sigmoid" ? { activation: "relu" } : {})),
  },
  {
    name: "λ on biases",
    caughtBy: ["golden", "gradients", "reference"],
    plant: () => {
      const biasesOf = new Map<Span, Span>();
      on("denseForward", (operation) => {
        biasesOf.set(operation.w, operation.b);
        return [operation];
      });
      after("weightGradient", ({ w, db, l2 }, { rows }) => {
        const biases = biasesOf.get(w)?.read();
        if (db !== null) update(db, (value, j) => value + (l2 / rows) * (biases?.[j] ?? 0));
      });
    },
  },
  {
    name: "L2's gradient without 1/m",
    caughtBy: ["golden", "gradients", "reference"],
    plant: () =>
      after("weightGradient", ({ w, dw, l2 }, { rows }) => {
        const weights = w.read();
        update(dw, (value, i) => value + (l2 - l2 / rows) * (weights[i] ?? 0));
      }),
  },
  {
    name: "L2's loss without 1/2",
    caughtBy: ["golden", "gradients", "reference"],
    plant: () => change("penalty", ({ l2 }) => ({ l2: 2 * l2 })),
  },
  {
    name: "masks aren't scaled by 1/keepProb",
    caughtBy: ["golden", "reference"],
    plant: () => {
      change("denseForward", () => ({ keepProb: 1 }));
      change("inputGradient", () => ({ keepProb: 1 }));
    },
  },
  {
    name: "masks are scaled forward only",
    caughtBy: ["golden", "gradients", "reference"],
    plant: () => change("inputGradient", () => ({ keepProb: 1 })),
  },
  {
    name: "masks aren't applied backward",
    caughtBy: ["golden", "gradients", "reference"],
    plant: () => {
      const unmasked = new Map<Span, ArrayLike<number>>();
      on("denseForward", (operation) => {
        const { a, mask } = operation;
        if (mask === null) return [operation];
        return [{ ...operation, mask: null }, () => void unmasked.set(a, a.read()), operation];
      });
      on("inputGradient", (operation) => {
        const { seen, dx, inputs, activation, mask, keepProb } = operation;
        if (activation !== "relu" || mask === null) return [operation];
        const open = ({ rows }: { readonly rows: number }) => {
          const a = unmasked.get(seen);
          update(dx.part(0, rows * inputs), (value, i) => ((a?.[i] ?? 0) > 0 ? value / keepProb : 0));
        };
        return [{ ...operation, activation: "linear", mask: null }, open];
      });
    },
  },
  {
    name: "dropout in predictions too",
    caughtBy: ["golden", "reference"],
    plant: () => {
      const last = new Map<Span, { readonly mask: Span | null; readonly keepProb: number }>();
      change("denseForward", ({ w, mask, keepProb }) => {
        if (mask !== null) last.set(w, { mask, keepProb });
        return last.get(w) ?? {};
      });
    },
  },
];
