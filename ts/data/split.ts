import type { Engine } from "../engine/engine.js";
import { gatherRows } from "../engine/rows.js";
import { ConfigError } from "../errors/errors.js";
import type { Examples } from "./examples.js";
import { epochOrder } from "./mini-batches.js";
import { checkClasses, grouped, quotas } from "./strata.js";
import { checkSomeWeight } from "./weights.js";

/** How examples are divided. */
export interface Split {
  /** The share that is held back, in (0, 1). */
  readonly fraction: number;
  /** Whether of each class the same share is, to within one row: class indices, or the 0 and 1 of one unit. */
  readonly stratify: boolean;
  readonly seed: number;
}

/** No epoch of training has this number: its order is a split's alone. */
const SPLIT_EPOCH = 0;

/**
 * The examples that are kept and those that are held back: round(fraction · m) of them, at least one of either, which
 * follow from the seed. Both keep their order. Raises ConfigError where there are too few, DataError for a class of one row
 * to stratify by.
 */
export function splitExamples(
  engine: Engine,
  examples: Examples,
  { fraction, stratify, seed }: Split,
): { readonly kept: Examples; readonly held: Examples } {
  const { m } = examples;
  const order = epochOrder(engine, m, seed, SPLIT_EPOCH);
  const size = Math.round(fraction * m);
  const classes = stratify ? byClass(examples, order) : [order];
  const counts = classes.map((rows) => rows.length);
  const rows = quotas(counts, [size, m - size]).flatMap(([quota = 0], c) => [
    ...(classes[c]?.subarray(0, quota) ?? []),
  ]);
  const { kept, held } = sides(rows, m, fraction);
  return { kept: picked(examples, kept), held: picked(examples, held) };
}

/** Which rows are kept and which held back, in their order. */
interface Sides {
  readonly kept: Uint32Array;
  readonly held: Uint32Array;
}

/** The same of m rows that nobody has read. Raises ConfigError where there are too few. */
export function splitRows(engine: Engine, m: number, { fraction, seed }: Omit<Split, "stratify">): Sides {
  const order = epochOrder(engine, m, seed, SPLIT_EPOCH);
  return sides(order.subarray(0, Math.round(fraction * m)), m, fraction);
}

function sides(rows: Iterable<number>, m: number, fraction: number): Sides {
  const isHeld = new Uint8Array(m);
  for (const row of rows) isHeld[row] = 1;
  const all = Uint32Array.from({ length: m }, (_, i) => i);
  const [kept, held] = [all.filter((i) => isHeld[i] === 0), all.filter((i) => isHeld[i] === 1)];
  if (kept.length > 0 && held.length > 0) return { kept, held };
  const expected = `one that leaves examples on both sides, of ${m}`;
  throw new ConfigError("validation.fraction", expected, `${fraction}`);
}

/** The examples of each class, in this order. Raises ConfigError where there are no classes, DataError for one of one row. */
function byClass({ labels, labelWidth }: Examples, order: Uint32Array): readonly Uint32Array[] {
  if (labelWidth !== 1) {
    throw new ConfigError(
      "validation.stratify",
      "one class an example to stratify by",
      `${labelWidth} targets`,
    );
  }
  return checkClasses(grouped(order, (i) => labels[i] ?? 0));
}

function picked(examples: Examples, indices: Uint32Array): Examples {
  const { x, labels, inputs, labelWidth, weights } = examples;
  const rows = x.slice(0, indices.length * inputs);
  gatherRows(rows, 0, x, inputs, indices);
  const length = indices.length * labelWidth;
  const targets =
    labels instanceof Uint32Array
      ? new Uint32Array(length)
      : labels instanceof Float32Array
        ? new Float32Array(length)
        : new Float64Array(length);
  gatherRows(targets, 0, labels, labelWidth, indices);
  const own = weights === undefined ? undefined : Float64Array.from(indices, (i) => weights[i] ?? 0);
  if (own !== undefined) checkSomeWeight(own, "examples on either side of validation.fraction");
  return { ...examples, x: rows, labels: targets, m: indices.length, weights: own, borrowed: false };
}
