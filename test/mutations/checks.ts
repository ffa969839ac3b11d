import { adam } from "../../ts/index.js";
import { checkGolden, FLOAT64_REACH, goldenCases } from "../golden.js";
import {
  followsReference,
  lossHoldsAtLargeLogits,
  passesGradientCheck,
  reluPassesNothingAtZero,
  startsWithDeviation,
} from "../oracles.js";
import {
  fitFollowsMiniBatches,
  masksDifferEachStep,
  ordersDifferEachEpoch,
  stepIsWhole,
  visitsEachExampleOnce,
} from "../training-oracles.js";
import { variantOf } from "../update-rules.js";

/** The checks of the other tests, on few examples each. All pass as long as no bug is planted. */
export const checks = {
  golden: async () => {
    for (const golden of goldenCases) await checkGolden(golden, "float64", FLOAT64_REACH);
  },
  gradients: async () => {
    for (const outputActivation of ["sigmoid", "softmax", "linear"] as const)
      for (const hiddenActivation of ["relu", "sigmoid"] as const) {
        const shape = { seed: 5, depth: 3, batch: 7, hiddenActivation, outputActivation };
        await passesGradientCheck({ l2: 0.7, keepProb: 1, ...shape });
        await passesGradientCheck({ l2: 0.7, keepProb: 0.7, ...shape });
      }
  },
  reference: async () => {
    for (const outputActivation of ["sigmoid", "softmax", "linear"] as const)
      for (const hiddenActivation of ["relu", "sigmoid"] as const)
        for (const name of ["gradientDescent", "momentum", "adam"] as const) {
          const rule = variantOf(name);
          const shape = { seed: 5, depth: 3, batch: 7, hiddenActivation, outputActivation };
          await followsReference({ l2: 0.7, keepProb: 1, rule, ...shape });
          await followsReference({ l2: 0.7, keepProb: 0.7, rule, ...shape });
        }
  },
  reluAtZero: reluPassesNothingAtZero,
  coverage: () => visitsEachExampleOnce(23, 5),
  orders: ordersDifferEachEpoch,
  replay: () => fitFollowsMiniBatches({ m: 23, batchSize: 5, epochs: 6, dtype: "float64" }),
  masks: masksDifferEachStep,
  he: () => startsWithDeviation("he", (inputs) => Math.sqrt(2 / inputs)),
  randomNormal: () => startsWithDeviation("randomNormal", () => 1),
  largeLogits: lossHoldsAtLargeLogits,
  wholeStep: () =>
    stepIsWhole({ layerDims: [3, 4, 1], dtype: "float64", optimizer: () => adam(), x: 1e200, layer: 2 }),
};
export type CheckName = keyof typeof checks;
