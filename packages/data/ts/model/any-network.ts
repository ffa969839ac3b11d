import type { loadNetwork } from "layerwise";

/** Any network of the core, however it was made. */
export type AnyNetwork = Awaited<ReturnType<typeof loadNetwork>>;

/** How many numbers it takes. */
export function inputsOf({ config }: AnyNetwork): number {
  return "inputs" in config ? config.inputs : (config.layerDims[0] ?? 0);
}
