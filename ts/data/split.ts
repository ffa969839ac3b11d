import type { Engine } from "../engine/engine.js";
import { gatherRows } from "../engine/rows.js";
import { ConfigError } from "../errors/errors.js";
import type { Examples } from "./examples.js";
import { epochOrder } from "./mini-batches.js";

/** How examples are divided. */
export interface Split {
  /** The share that is held back, in (0, 1). */
  readonly fraction: number;
  /** Whether of each class the same share is: class indices, or the 0 and 1 of one unit. */
  readonly stratify: boolean;
  readonly seed: number;
}

/** No epoch of training has this number: its order is a split's alone. */
const SPLIT_EPOCH = 0;

/**
 * The examples that are kept and those that are held back: round(fraction · m) of them, at least one of either, which
 * follow from the seed. Both keep their order. Raises ConfigError where there are too few.
 */
export function splitExamples(
  engine: Engine,
  examples: Examples,
  { fraction, stratify, seed }: Split,
): { readonly kept: Examples; readonly held: Examples } {
  const { m } = examples;
  const order = epochOrder(engine, m, seed, SPLIT_EPOCH);
  const isHeld = new Uint8Array(m);
  const groups = stratify ? byClass(examples, order) : [order];
  for (const group of groups) {
    const count = Math.round(fraction * group.length);
    for (const i of group.slice(0, count)) isHeld[i] = 1;
  }
  const all = Uint32Array.from({ length: m }, (_, i) => i);
  const [kept, held] = [all.filter((i) => isHeld[i] === 0), all.filter((i) => isHeld[i] === 1)];
  if (kept.length === 0 || held.length === 0) {
    throw new ConfigError(
      "validation.fraction",
      `one that leaves examples on both sides, of ${m}`,
      `${fraction}`,
    );
  }
  return { kept: picked(examples, kept), held: picked(examples, held) };
}

/** The examples of each class, in this order. Raises ConfigError where there are no classes. */
function byClass({ labels, labelWidth }: Examples, order: Uint32Array): readonly number[][] {
  if (labelWidth !== 1) {
    throw new ConfigError(
      "validation.stratify",
      "one class an example to stratify by",
      `${labelWidth} targets`,
    );
  }
  const groups = new Map<number, number[]>();
  for (const i of order) {
    const label = labels[i] ?? 0;
    const group = groups.get(label);
    if (group === undefined) groups.set(label, [i]);
    else group.push(i);
  }
  return [...groups.values()];
}

function picked(examples: Examples, indices: Uint32Array): Examples {
  const { x, labels, inputs, labelWidth } = examples;
  const rows =
    x instanceof Float32Array
      ? new Float32Array(indices.length * inputs)
      : new Float64Array(indices.length * inputs);
  gatherRows(rows, 0, x, inputs, indices);
  const length = indices.length * labelWidth;
  const targets =
    labels instanceof Uint32Array
      ? new Uint32Array(length)
      : labels instanceof Float32Array
        ? new Float32Array(length)
        : new Float64Array(length);
  gatherRows(targets, 0, labels, labelWidth, indices);
  return { ...examples, x: rows, labels: targets, m: indices.length, borrowed: false };
}
