import type { LayerParameters } from "../ts/index.js";

/** Weights and biases of each layer, as golden runs have them. */
export type Parameters = readonly (readonly [number[][], number[]])[];

/** The same as setParameters takes them. */
export function asInput(parameters: Parameters) {
  return parameters.map(([weights, biases]) => ({ weights, biases }));
}

/** The largest difference, of each number's size or 1. */
export function difference(got: readonly LayerParameters[], expected: Parameters): number {
  return Math.max(
    ...expected.flatMap(([weights, biases], i) => {
      const layer = got[i];
      const numbers = [...(layer?.weights.data ?? []), ...(layer?.biases ?? [])];
      return [...weights.flat(), ...biases].map(
        (value, at) => Math.abs((numbers[at] ?? Number.NaN) - value) / Math.max(1, Math.abs(value)),
      );
    }),
  );
}
