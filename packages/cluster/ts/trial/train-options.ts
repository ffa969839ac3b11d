import type { TrainOptions } from "@layerwise/data";
import type { TrainingOptions } from "../study/study.js";

/** Options under layerwise.json's names as `trainModel` takes them; `groups` only told rows apart and is left out. */
export function trainOptionsOf(
  { softLimit, clipNorm, patience, validation, type, ignore, ...options }: TrainingOptions,
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
    ...(softLimit !== undefined && { limit: unlessNone(softLimit, { soft: softLimit }) }),
    ...(clipNorm !== undefined && { clip: unlessNone(clipNorm, { norm: clipNorm }) }),
    ...(patience !== undefined && { earlyStopping: unlessNone(patience, { patience }) }),
    ...(validation !== undefined && { validation: unlessNone(validation, { fraction: validation }) }),
  } as TrainOptions; // each value was checked by its name
}

/** 0 says that there is to be none. */
function unlessNone<Form>(value: unknown, form: Form): Form | false {
  return value === 0 ? false : form;
}
