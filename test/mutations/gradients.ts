import { after, LINEAR, type Mutation, on, onLoss, RELU } from "./plant.js";

/** Bugs in the loss, in backward propagation and in regularization. */
export const gradientMutations: readonly Mutation[] = [
  {
    name: "1/m is missing",
    caughtBy: ["golden", "gradients", "reference", "coverage"],
    plant: (k) => onLoss(k, (call, run) => run({ ...call, m: 1 })),
  },
  {
    name: "1/m with the m of full batches in the smaller last batch",
    caughtBy: ["golden", "reference", "coverage"],
    plant: (k) => {
      let largest = 1;
      onLoss(k, (call, run) => {
        largest = Math.max(largest, call.m);
        return run({ ...call, m: largest });
      });
    },
  },
  {
    name: "the loss's own 1/m once more in db",
    caughtBy: ["golden", "gradients", "reference"],
    plant: (k, memory) =>
      after(k, "denseBackward", (call) => {
        memory.update(call.db, call.outputs, (db) => db / call.rows);
      }),
  },
  {
    name: "the loss is taken from clipped probabilities",
    caughtBy: ["largeLogits"],
    plant: (k, memory) =>
      onLoss(k, (call, run) => {
        run(call);
        const losses = memory.copy(call.z, call.rows * call.outputs).map((z, i) => {
          const a = Math.min(Math.max(1 / (1 + Math.exp(-z)), 1e-15), 1 - 1e-15);
          return memory.copy(call.labels, i + 1).at(-1) === 1 ? -Math.log(a) : -Math.log(1 - a);
        });
        return losses.reduce((sum, loss) => sum + loss, 0);
      }),
  },
  {
    name: "dW is transposed",
    caughtBy: ["golden", "gradients", "reference"],
    plant: (k, memory) =>
      after(k, "denseBackward", (call) => {
        const { dw, inputs, outputs } = call;
        const right = memory.copy(dw, inputs * outputs);
        const transposed = (i: number) => (i % outputs) * inputs + Math.floor(i / outputs);
        memory.update(dw, right.length, (_value, i) => right[transposed(i)] ?? 0);
      }),
  },
  {
    name: "stale dZ: every layer takes the output layer's",
    caughtBy: ["golden", "gradients", "reference"],
    plant: (k) => {
      let dz = 0;
      onLoss(k, (call, run) => {
        dz = call.dz;
        return run(call);
      });
      on(k, "denseBackward", (call, run) => run({ ...call, dz, dx: call.dx === dz ? call.dz : call.dx }));
    },
  },
  {
    name: "dW from the layer's own output, not from its input",
    caughtBy: ["golden", "gradients", "reference"],
    plant: (k) => {
      const outputOf = new Map<number, number>();
      after(k, "denseForward", (call) => {
        outputOf.set(call.w, call.a);
      });
      on(k, "denseBackward", (call, run) => run({ ...call, x: outputOf.get(call.w) ?? call.x }));
    },
  },
  {
    name: "relu' is always 1",
    caughtBy: ["golden", "gradients", "reference"],
    plant: (k) =>
      on(k, "denseBackward", (call, run) =>
        run(call.keepProb === 1 ? { ...call, activation: LINEAR } : call),
      ),
  },
  {
    name: "relu'(0) is 1",
    caughtBy: ["reluAtZero"],
    plant: (k, memory) =>
      on(k, "denseBackward", (call, run) => {
        const { x, rows, inputs } = call;
        const before = memory.copy(x, rows * inputs);
        run(call);
        if (call.activation !== RELU) return;
        memory.update(x, rows * inputs, (a) => (a === 0 ? Number.MIN_VALUE : a));
        run({ ...call, dw: call.dw, db: call.db });
        memory.write(x, before);
      }),
  },
  {
    name: "sigmoid' of hidden layers is that of relu",
    caughtBy: ["gradients", "reference"],
    plant: (k) =>
      on(k, "denseBackward", (call, run) =>
        run(call.activation === LINEAR ? call : { ...call, activation: RELU }),
      ),
  },
  {
    name: "λ on biases",
    caughtBy: ["golden", "gradients", "reference"],
    plant: (k, memory) =>
      after(k, "denseBackward", (call) => {
        const biases = memory.copy(call.w + 8 * call.inputs * call.outputs, call.outputs);
        memory.update(call.db, call.outputs, (db, j) => db + call.l2OverM * (biases[j] ?? 0));
      }),
  },
  {
    name: "L2's gradient without 1/m",
    caughtBy: ["golden", "gradients", "reference"],
    plant: (k) => on(k, "denseBackward", (call, run) => run({ ...call, l2OverM: call.l2OverM * call.rows })),
  },
  {
    name: "L2's loss without 1/2",
    caughtBy: ["golden", "gradients", "reference"],
    plant: (k) => on(k, "sumOfSquares", (call, run) => 2 * run(call)),
  },
  {
    name: "masks aren't scaled by 1/keepProb",
    caughtBy: ["golden", "reference"],
    plant: (k) => {
      on(k, "denseForward", (call, run) => run({ ...call, keepProb: 1 }));
      on(k, "denseBackward", (call, run) => run({ ...call, keepProb: 1 }));
    },
  },
  {
    name: "masks are scaled forward only",
    caughtBy: ["golden", "gradients", "reference"],
    plant: (k) => on(k, "denseBackward", (call, run) => run({ ...call, keepProb: 1 })),
  },
  {
    name: "masks aren't applied backward",
    caughtBy: ["golden", "gradients", "reference"],
    plant: (k, memory) => {
      const unmasked = new Map<number, number[]>();
      on(k, "denseForward", (call, run) => {
        run({ ...call, mask: 0 });
        unmasked.set(call.a, memory.copy(call.a, call.rows * call.outputs));
        run(call);
      });
      on(k, "denseBackward", (call, run) => {
        const a = unmasked.get(call.x);
        run(call);
        if (call.activation !== RELU || a === undefined) return;
        run({ ...call, activation: LINEAR, keepProb: 1 });
        memory.update(call.dx, a.length, (dx, i) => ((a[i] ?? 0) > 0 ? dx / call.keepProb : 0));
      });
    },
  },
  {
    name: "dropout in predictions too",
    caughtBy: ["golden", "reference"],
    plant: (k) => {
      const last = new Map<number, { mask: number; keepProb: number }>();
      on(k, "denseForward", (call, run) => {
        if (call.mask !== 0) last.set(call.w, call);
        const { mask, keepProb } = last.get(call.w) ?? call;
        run({ ...call, mask, keepProb });
      });
    },
  },
];
