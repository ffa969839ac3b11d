import type { TrainOptions } from "@layerwise/data";
import type { TrainingOptions } from "../study/study.js";

/** Options under layerwise.json's names as `trainModel` takes them; `groups` only told rows apart and is left out. */
export function trainOptionsOf(
  { clipNorm, patience, validation, type, ignore, ...options }: TrainingOptions,
  target: readonly string[],
  groups: string | null,
): TrainOptions {
  const types = Object.entries((type ?? {}) as Readonly<Record<string, string>>);
  const columns = Object.fromEntries(
    types
      .filter(([name]) => !target.includes(name))
      .map(([name, one]) => [name, one === "ignore" ? "ignore" : { type: one }]),
  );
  const named = typeof ignore === "string" ? [ignore] : ((ignore ?? []) as readonly string[]);
  const left = groups === null ? named : [...named, groups];
  return {
    ...options,
    target: target.length === 1 ? (target[0] ?? "") : target,
    ...(left.length > 0 && { ignore: left }),
    ...(types.length > 0 && { columns }),
    ...(clipNorm !== undefined && { clip: { norm: clipNorm } }),
    ...(patience !== undefined && { earlyStopping: { patience } }),
    ...(validation !== undefined && { validation: { fraction: validation } }),
  } as TrainOptions; // each value was checked by its name
}
