import {
  type AnyLayerParameters,
  adamW,
  createNetwork,
  dense,
  dropout,
  fitScaling,
  type LayerInput,
  type LayersForm,
  Matrix,
  type Network,
  type NumberScores,
} from "layerwise";
import { type Row, readRows, shuffled } from "./data.js";

/**
 * The benchmark of Gorishniy, Rubachev, Khrulkov & Babenko 2021, "Revisiting deep learning models for tabular data": its
 * tuned multilayer perceptron on California housing, test RMSE 0.499 in units of $100,000.
 */

export interface PaperOptions {
  /** How many networks are trained, with the seeds 0, 1, … */
  readonly runs: number;
  /** No run has more. */
  readonly epochs: number;
}

export interface PaperResults {
  /** Of each run's test, in units of $100,000. */
  readonly errors: readonly number[];
  readonly mean: number;
  readonly seconds: readonly number[];
}

const KEEP_PROB = 1 - 0.197;

const OPTIMIZER = { learningRate: 1.304e-3, weightDecay: 1.517e-4 };

const LAYERS: readonly LayerInput[] = [
  ...[510, 263, 363].flatMap((units) => [
    dense(units, { activation: "relu", initialization: "lecunUniform" }),
    dropout({ keepProb: KEEP_PROB }),
  ]),
  dense(1, { initialization: "lecunUniform" }),
];

const BATCH_SIZE = 256;

/** Epochs without a better validation error that end a run. */
const PATIENCE = 16;

/** The same of all runs, as in the paper: 64 % to learn from, 16 % to stop by, 20 % to test. */
const SPLIT_SEED = 0;
const SHARES = { test: 0.2, validation: 0.16 };

/** scikit-learn's form of the data set: averages per household, in place of totals. */
const COLUMNS: Readonly<Record<string, (row: Row, bedrooms: number) => number>> = {
  "median income": (row) => Number(row.median_income),
  "median age of houses": (row) => Number(row.housing_median_age),
  "rooms per household": (row) => Number(row.total_rooms) / Number(row.households),
  "bedrooms per household": (row, bedrooms) => bedrooms / Number(row.households),
  population: (row) => Number(row.population),
  "people per household": (row) => Number(row.population) / Number(row.households),
  latitude: (row) => Number(row.latitude),
  longitude: (row) => Number(row.longitude),
};

/** What first biases are drawn with, so that they aren't weights' numbers. */
const OTHER_SEED = 1000;

interface Part {
  readonly x: number[][];
  /** In units of $100,000. */
  readonly y: number[];
}

export async function runPaper(
  { runs, epochs }: PaperOptions,
  print: (line: string) => void,
): Promise<PaperResults> {
  const { train, validation, test } = await readParts();
  print(
    `${train.x.length} block groups to learn from, ${validation.x.length} to stop by, ${test.x.length} to test`,
  );
  const { mean: center, deviation } = meanAndDeviation(train.y);
  const answers = ({ y }: Part) => y.map((value) => (value - center) / deviation);
  const scaling = fitScaling("quantileNormal", train.x);

  const errors: number[] = [];
  const seconds: number[] = [];
  for (let seed = 0; seed < runs; seed++) {
    const start = performance.now();
    using network = await createNetwork({
      inputs: Object.keys(COLUMNS).length,
      layers: [scaling, ...LAYERS],
      loss: "meanSquaredError",
      seed,
    });
    network.setParameters(await firstParameters(network, seed));
    const { best, loss } = await network.fit(train.x, answers(train), {
      epochs,
      batchSize: BATCH_SIZE,
      optimizer: adamW(OPTIMIZER),
      validation: { x: validation.x, y: answers(validation) },
      earlyStopping: { patience: PATIENCE },
    });
    const { rootMeanSquaredError } = network.evaluate(test.x, answers(test));
    const taken = (performance.now() - start) / 1000;
    errors.push(rootMeanSquaredError * deviation);
    seconds.push(taken);
    const found = `test RMSE ${(rootMeanSquaredError * deviation).toFixed(4)}`;
    print(`seed ${seed}  ${found}  epoch ${best?.epoch} of ${loss.length}  ${taken.toFixed(1)} s`);
  }
  const { mean, deviation: spread } = meanAndDeviation(errors);
  const total = seconds.reduce((sum, taken) => sum + taken, 0);
  print(`mean of ${runs}: ${mean.toFixed(4)} ± ${spread.toFixed(4)}, ${total.toFixed(1)} s in all`);
  return { errors, mean, seconds };
}

/**
 * Weights and biases as in the paper, which is PyTorch's way: both uniform between ±1/√n of a layer's n inputs. lecunUniform has
 * three times the variance, and biases are 0 here: theirs are the first weight of each unit in a network with another seed.
 */
async function firstParameters(
  network: Network<NumberScores, LayersForm>,
  seed: number,
): Promise<AnyLayerParameters[]> {
  using other = await createNetwork({ ...network.config, seed: OTHER_SEED + seed });
  const others = other.parameters();
  return network.parameters().map((layer, l) => {
    const drawn = others[l];
    if (drawn === undefined || !("weights" in layer) || !("weights" in drawn)) return layer;
    const { rows, cols } = layer.weights;
    const smaller = ({ data }: Matrix) => data.map((weight) => weight / Math.sqrt(3));
    const biases = smaller(drawn.weights).filter((_, i) => i % cols === 0);
    return { weights: new Matrix(smaller(layer.weights), rows, cols), biases };
  });
}

async function readParts(): Promise<Readonly<Record<"train" | "validation" | "test", Part>>> {
  const rows = readRows();
  const known = rows.flatMap(({ total_bedrooms: text = "" }) => (text === "" ? [] : [Number(text)]));
  const median = known.sort((a, b) => a - b)[Math.floor(known.length / 2)] ?? 0;
  const bedrooms = ({ total_bedrooms: text = "" }: Row) => (text === "" ? median : Number(text));
  const order = await shuffled(rows.length, SPLIT_SEED);
  const tested = Math.round(SHARES.test * rows.length);
  const learnt = tested + Math.round(SHARES.validation * rows.length);
  const blocks = rows.map((row) => ({
    x: Object.values(COLUMNS).map((column) => column(row, bedrooms(row))),
    y: Number(row.median_house_value) / 1e5,
  }));
  const part = (indices: readonly number[]): Part => {
    const chosen = indices.flatMap((i) => blocks[i] ?? []);
    return { x: chosen.map(({ x }) => x), y: chosen.map(({ y }) => y) };
  };
  return {
    test: part(order.slice(0, tested)),
    validation: part(order.slice(tested, learnt)),
    train: part(order.slice(learnt)),
  };
}

function meanAndDeviation(numbers: readonly number[]): { mean: number; deviation: number } {
  const average = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const mean = average(numbers);
  return { mean, deviation: Math.sqrt(average(numbers.map((value) => (value - mean) ** 2))) };
}
