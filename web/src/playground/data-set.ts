import { BLOCK_COLUMNS, placeOf } from "./blocks.js";
import { dataSetRow, type Task, type View } from "./data-sets.js";
import { generateNumbers } from "./number-shapes.js";
import type { Point } from "./points.js";
import { Random } from "./random.js";
import type { Settings } from "./settings.js";
import { generate } from "./shapes.js";
import type { Place } from "./turn.js";

export interface Examples {
  /** One row of the data set's inputs per example. */
  readonly x: Float32Array;
  /** The class of each, or its number. */
  readonly labels: Uint8Array | Float32Array;
  /** Where each lies on the plane: two numbers per example. */
  readonly places: Float32Array;
}

export interface DataSet {
  readonly task: Task;
  readonly view: View;
  /** Numbers of an example. */
  readonly inputs: number;
  /** 2 … MAX_CLASSES; of numbers 0. */
  readonly classes: number;
  /** The smallest and the largest of all labels. */
  readonly range: readonly [low: number, high: number];
  readonly train: Examples;
  /** What is held back to say when training gets worse. */
  readonly validation: Examples;
  readonly test: Examples;
}

/** Another stream than the one that made the points. */
const SPLIT_STREAM = 2 ** 40;

interface Example {
  readonly x: readonly number[];
  readonly label: number;
  readonly place: Place;
}

/**
 * The examples of the chosen data set, shuffled by the seed and divided into training, validation and test examples.
 * @param blocks - what {@link loadBlocks} gave, once it is there
 */
export function makeDataSet(
  settings: Settings,
  ownPoints: readonly Point[],
  blocks: Float32Array = new Float32Array(0),
): DataSet {
  const { task, view, inputs } = dataSetRow(settings.data);
  const all = shuffled(examplesOf(settings, ownPoints, blocks), new Random(settings.seed + SPLIT_STREAM));
  const examples = view === "map" ? all.slice(0, settings.examples) : all;
  const share = (percent: number) => Math.floor((examples.length * percent) / 100);
  const tested = share(settings.testShare);
  const held = tested + Math.min(share(settings.validationShare), examples.length - tested);
  const labels = examples.map(({ label }) => label);
  const part = (from: number, to?: number) => toExamples(examples.slice(from, to), task);
  return {
    ...{ task, view, inputs },
    classes: task === "numbers" ? 0 : Math.max(2, ...labels.map((label) => label + 1)),
    range: [Math.min(...labels), Math.max(...labels)],
    train: part(held),
    validation: part(tested, held),
    test: part(0, tested),
  };
}

function examplesOf(settings: Settings, ownPoints: readonly Point[], blocks: Float32Array): Example[] {
  const { data } = settings;
  if (data === "california") return examplesOfBlocks(blocks);
  if (data === "curve") return ownPoints.map(({ x, y }) => ({ x: [x], label: y, place: { x, y } }));
  if (dataSetRow(data).task === "numbers") {
    return generateNumbers(settings, new Random(settings.seed)).map(({ x, y }) => {
      const [across = 0, up = y] = x;
      return { x, label: y, place: { x: across, y: up } };
    });
  }
  const points = data === "points" ? ownPoints : generate(settings);
  return points.map(({ x, y, label }) => ({ x: [x, y], label, place: { x, y } }));
}

function examplesOfBlocks(blocks: Float32Array): Example[] {
  const width = BLOCK_COLUMNS.length;
  return Array.from({ length: blocks.length / width }, (_, i) => {
    const row = [...blocks.subarray(i * width, (i + 1) * width)];
    const [latitude = 0, longitude = 0, value = 0] = row.slice(width - 3);
    return { x: row.slice(0, -1), label: value, place: placeOf(latitude, longitude) };
  });
}

function shuffled(examples: Example[], random: Random): Example[] {
  for (let i = examples.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const [a, b] = [examples[i], examples[j]];
    if (a !== undefined && b !== undefined) [examples[i], examples[j]] = [b, a];
  }
  return examples;
}

function toExamples(examples: readonly Example[], task: Task): Examples {
  const labels = examples.map(({ label }) => label);
  return {
    x: Float32Array.from(examples.flatMap(({ x }) => x)),
    labels: task === "classes" ? Uint8Array.from(labels) : Float32Array.from(labels),
    places: Float32Array.from(examples.flatMap(({ place: { x, y } }) => [x, y])),
  };
}
