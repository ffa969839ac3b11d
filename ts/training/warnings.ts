import { lossParameters, lossRow, targetsOf } from "../catalog/losses.js";
import type { Examples } from "../data/examples.js";
import { numbersOf } from "../data/scaled.js";
import type { Layers } from "../model/layers.js";
import { type Penalties, penaltiesOf } from "../model/penalty.js";
import { scaledCopy } from "../model/scaling.js";

import { warn } from "../platform/warning.js";

/** Columns whose scales lie further apart are warned of: the curvature along them is 10⁶ times as different. */
const FURTHEST = 1e3;

/**
 * A first loss this many times that of equal chances is warned of: logits are then some ±15 before anything was
 * learnt, where standardised inputs and he's weights make them some ±1.4.
 */
const FAR_ABOVE = 10;

/** Columns of a smaller scale aren't what makes a first loss large. */
const LARGE_SCALE = 3;

/** A last batch of a smaller part of the others' size is warned of where L2 is used. */
const SMALLEST_PART = 1 / 10;

/** At most these rows, spread evenly, and about these numbers of a data set are looked at: in a millisecond, once. */
const MOST_ROWS = 4096;
const LEAST_ROWS = 16;
const ABOUT_NUMBERS = 1 << 18;

/**
 * Targets of numbers whose scale is this many times larger or smaller than 1 are warned of: a new network answers by numbers
 * of some 1, and the step to others is a long one, or one in which all errors look alike.
 */
const FAR_FROM_1 = 100;

/** Columns that are named from either end. */
const NAMED = 3;

const STANDARDISE =
  "Standardise each column: subtract its mean and divide by its standard deviation (before predict, by the same " +
  'two numbers), or let fitScaling("standard", x) be the first of layers, which does both. warnings: false silences this.';

const STANDARDISE_TARGETS =
  "Standardise each unit's y: subtract its mean and divide by its standard deviation (and bring what predict gives back " +
  "by the same two numbers), or take another unit of measurement. warnings: false silences this.";

type Kind = "inputs" | "targets" | "lastBatch" | "classes";

/** What each network was warned of: once is enough. */
const warned: Record<Kind, WeakSet<Layers>> = {
  inputs: new WeakSet(),
  targets: new WeakSet(),
  lastBatch: new WeakSet(),
  classes: new WeakSet(),
};

function warnOnce(layers: Layers, kind: Kind, text: string): void {
  if (warned[kind].has(layers)) return;
  warned[kind].add(layers);
  warn(text);
}

/** The data that each network's columns were looked for in: many fits of one epoch each look once. */
const looked = new WeakMap<Layers, WeakSet<object>>();

/**
 * Warns of columns whose scales lie far apart, and of targets whose scale is far from 1; returns the columns' scales, where
 * they were looked at.
 */
export function warnOfScales(layers: Layers, examples: Examples): Float64Array | undefined {
  const seen = looked.get(layers) ?? new WeakSet();
  if (warned.inputs.has(layers) || seen.has(examples.x)) return undefined;
  looked.set(layers, seen.add(examples.x));
  warnOfTargets(layers, examples);
  const { x, m, scale } = inputsAsTrained(layers, examples);
  const scales = columnScales(x, m, examples.inputs).map((found) => found * Math.abs(scale));
  let [smallest, largest] = [Infinity, 0];
  for (const scale of scales) {
    if (scale > 0) smallest = Math.min(smallest, scale);
    largest = Math.max(largest, scale);
  }
  const ratio = largest / smallest;
  if (ratio <= FURTHEST) return scales;
  const columns = largestFirst(scales);
  const text =
    `x's columns differ ${brief(ratio)} times in scale, and training goes badly so: ` +
    `largest ${named(columns.slice(0, NAMED))}; smallest ${named(columns.slice(-NAMED).reverse())}. `;
  warnOnce(layers, "inputs", text + STANDARDISE);
  return scales;
}

function warnOfTargets(layers: Layers, { labels, m, labelWidth }: Examples): void {
  if (targetsOf(layers.config.loss) !== "numbers") return;
  const far = largestFirst(columnScales(labels, m, labelWidth)).filter(
    ({ scale }) => scale > FAR_FROM_1 || scale < 1 / FAR_FROM_1,
  );
  const [unit] = far;
  if (unit === undefined) return;
  const others = far.length === 1 ? "" : ` (and those of ${far.length - 1} more units)`;
  const text = `y's numbers of unit ${unit.index} are about ${brief(unit.scale)}${others}, far from 1, and training goes badly so. `;
  warnOnce(layers, "targets", text + STANDARDISE_TARGETS);
}

/** Warns of a first loss (without the L2 term) far above that of equal chances, where no example weighs more than `heaviest`. */
export function warnOfFirstLoss(
  layers: Layers,
  scales: Float64Array | undefined,
  loss: number,
  heaviest: number,
): void {
  const { of } = lossRow(layers.config.loss);
  if (of === "linear") return;
  // A sigmoid unit has two classes, and the loss is summed over units.
  const [classes, units] = of === "sigmoid" ? [2, layers.outputs] : [layers.outputs, 1];
  const { positiveWeight = 1 } = lossParameters(layers.config.loss);
  const equal = units * Math.log(classes) * Math.max(1, positiveWeight) * heaviest;
  if (loss <= FAR_ABOVE * equal || warned.inputs.has(layers)) return;
  const columns = largestFirst(scales ?? new Float64Array()).filter(({ scale }) => scale > LARGE_SCALE);
  const cure =
    columns.length > 0
      ? `the numbers of x are large, of columns most in ${named(columns.slice(0, NAMED))}. ${STANDARDISE}`
      : "weights are large; he and xavier draw smaller ones than randomNormal. warnings: false silences this.";
  const text = `the first loss is ${brief(loss)}, far above the ${brief(equal)} of equal chances: ${cure}`;
  warnOnce(layers, "inputs", text);
}

/** Warns of a last batch in which the λ/m of L2 or L1 is more than ten times as large as in the others. */
export function warnOfLastBatch(layers: Layers, m: number, batchSize: number, call: Penalties): void {
  const last = m % batchSize;
  const penalties = layers.dense.map((layer) => penaltiesOf(layer, call));
  const term = penalties.some(({ l2 }) => l2 > 0) ? "L2" : "L1";
  if (term === "L1" && penalties.every(({ l1 }) => l1 === 0)) return;
  if (last === 0 || last >= batchSize * SMALLEST_PART) return;
  const factor = brief(batchSize / last);
  const text =
    `the last batch of each epoch has ${last} of ${m} examples and the others ${batchSize}: ${term}'s λ/m, m being the ` +
    `batch's examples, is ${factor} times as large in it. Take another batchSize. warnings: false silences this.`;
  warnOnce(layers, "lastBatch", text);
}

/** Warns of classes that `classWeight: "balanced"` finds no example of. */
export function warnOfMissingClasses(layers: Layers, missing: readonly number[]): void {
  const [named, more] = [missing.slice(0, NAMED).join(", "), missing.length - NAMED];
  const which = `${missing.length === 1 ? "class" : "classes"} ${named}${more > 0 ? ` and ${more} more` : ""}`;
  const text = `classWeight "balanced" finds no example of ${which}: weight 0, and the others are balanced among themselves.`;
  warnOnce(layers, "classes", text);
}

/** Rows of x as the first trained layer sees them: where they are scaled before, those that are looked at. */
function inputsAsTrained(layers: Layers, examples: Examples): Pick<Examples, "x" | "m" | "scale"> {
  if (layers.architecture.scaling === undefined) return examples;
  const { m, inputs } = examples;
  const rows = rowsLookedAt(m, inputs);
  const sample = layers.newNumbers(rows * inputs);
  for (let i = 0; i < rows; i++) {
    const start = Math.floor((i * m) / rows) * inputs;
    sample.set(numbersOf(examples, start, start + inputs, layers.dtype), i * inputs);
  }
  return { x: scaledCopy(layers, sample), m: rows, scale: 1 };
}

function rowsLookedAt(m: number, width: number): number {
  return Math.min(m, MOST_ROWS, Math.max(LEAST_ROWS, Math.floor(ABOUT_NUMBERS / width)));
}

interface Column {
  readonly index: number;
  readonly scale: number;
}

/**
 * Each column's scale: the mean magnitude of the numbers that aren't 0, so that columns of rare numbers (one class of
 * many, the edges of images) don't count as small. 0 for a column of zeros.
 */
function columnScales(numbers: Examples["x"] | Examples["labels"], m: number, width: number): Float64Array {
  const rows = rowsLookedAt(m, width);
  const sums = new Float64Array(width);
  const counts = new Uint32Array(width);
  for (let i = 0; i < rows; i++) {
    const start = Math.floor((i * m) / rows) * width;
    for (let j = 0; j < width; j++) {
      const magnitude = Math.abs(numbers[start + j] ?? 0);
      if (magnitude === 0) continue;
      sums[j] = (sums[j] ?? 0) + magnitude;
      counts[j] = (counts[j] ?? 0) + 1;
    }
  }
  return sums.map((sum, j) => sum / Math.max(1, counts[j] ?? 0));
}

/** The columns that have a scale. */
function largestFirst(scales: Float64Array): Column[] {
  return Array.from(scales, (scale, index) => ({ index, scale }))
    .filter(({ scale }) => scale > 0)
    .sort((a, b) => b.scale - a.scale);
}

function named(columns: readonly Column[]): string {
  return columns.map(({ index, scale }) => `column ${index} (about ${brief(scale)})`).join(", ");
}

function brief(value: number): string {
  return String(Number(value.toPrecision(2)));
}
