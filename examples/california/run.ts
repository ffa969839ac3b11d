import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { adam, createNetwork, type NumberScores } from "layerwise";
import { standardiser } from "../standardiser.js";
import { readCalifornia } from "./data.js";
import { scatterSvg } from "./scatter.js";

export interface Options {
  readonly epochs: number;
  readonly seed: number;
  /** The folder that the picture is written to. */
  readonly out: string;
}

export interface Results {
  /** Of the test's block groups, in dollars. */
  readonly rootMeanSquaredError: number;
  readonly meanAbsoluteError: number;
  readonly r2: number;
  readonly predicted: readonly number[];
  /** The SVG file. */
  readonly picture: string;
}

/** Points that are drawn: all of the test's would hide one another. */
const DRAWN = 1500;

/** The example: what a house costs, by where it stands and who lives there. */
export async function run({ epochs, seed, out }: Options, print: (line: string) => void): Promise<Results> {
  const { train, test, columns } = await readCalifornia(seed);
  print(`${train.x.length} block groups to learn from, ${test.x.length} to test, ${columns.length} columns`);

  // Scaled by hand, x and y, by the mean and deviation of the rows to learn from.
  const scaled = standardiser(train.x);
  const { mean, deviation } = meanAndDeviation(train.dollars);
  const answers = ({ dollars }: { readonly dollars: readonly number[] }) =>
    dollars.map((value) => (value - mean) / deviation);

  const layerDims = [columns.length, 64, 64, 1];
  using network = await createNetwork({ layerDims, outputActivation: "linear", seed });
  await network.fit(train.x.map(scaled), answers(train), {
    epochs,
    batchSize: 64,
    optimizer: adam({ learningRate: 0.002 }),
    onEpoch: ({ epoch, loss }) => {
      if (epoch % 5 === 0 || epoch === epochs) print(`epoch ${epoch}/${epochs}  loss ${loss.toFixed(4)}`);
    },
  });

  const x = test.x.map(scaled);
  const { r2, rootMeanSquaredError, meanAbsoluteError } = inDollars(
    network.evaluate(x, answers(test)),
    deviation,
  );
  const predicted = Array.from(network.predict(x).data, (value) => value * deviation + mean);
  print(
    `Test RMSE $${Math.round(rootMeanSquaredError)}, mean absolute error $${Math.round(meanAbsoluteError)}, R² ${r2.toFixed(3)}`,
  );

  const points = test.dollars
    .slice(0, DRAWN)
    .map((dollars, i) => [dollars, predicted[i] ?? Number.NaN] as const);
  mkdirSync(out, { recursive: true });
  const picture = join(out, "california-housing.svg");
  const subtitle = `${test.x.length} block groups that it hasn't seen: RMSE $${Math.round(rootMeanSquaredError)}, R² ${r2.toFixed(3)}`;
  writeFileSync(
    picture,
    scatterSvg(points, { title: "California housing: predicted and true values", subtitle }),
  );
  print(`Predicted against true: ${picture}`);
  return { rootMeanSquaredError, meanAbsoluteError, r2, predicted, picture };
}

/** Errors of scaled answers are so many deviations; r² has no unit. */
function inDollars(scores: NumberScores, deviation: number): NumberScores {
  return {
    ...scores,
    rootMeanSquaredError: scores.rootMeanSquaredError * deviation,
    meanAbsoluteError: scores.meanAbsoluteError * deviation,
  };
}

function meanAndDeviation(numbers: readonly number[]): { mean: number; deviation: number } {
  const average = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const mean = average(numbers);
  return { mean, deviation: Math.sqrt(average(numbers.map((value) => (value - mean) ** 2))) };
}
