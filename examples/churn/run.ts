import { adam, createNetwork, dense, fitScaling } from "layerwise";
import { type Customers, readChurn } from "./data.js";

export interface Options {
  /** No training has more. */
  readonly epochs: number;
  /** Networks are trained with the seeds 0 … runs − 1. */
  readonly runs: number;
}

/** Means over the runs, of the test's customers. */
export interface Scores {
  readonly rocAuc: number;
  /** Of those who left, the share that was found; of those who were found, the share that left. */
  readonly recall: number;
  readonly precision: number;
}

export interface Results {
  readonly plain: Scores;
  /** Trained with classWeight: "balanced". */
  readonly balanced: Scores;
}

/** As scikit-learn's MLPClassifier has them by default. */
const UNITS = 100;
const BATCH_SIZE = 200;
const L2 = 1e-4;

/** The example: which customers leave? Of four, one does. */
export async function run({ epochs, runs }: Options, print: (line: string) => void): Promise<Results> {
  const { train, test, columns } = readChurn();
  const leaving = train.left.reduce((sum, left) => sum + left, 0);
  print(`${train.x.length} customers to learn from, of whom ${leaving} left, ${test.x.length} to test`);
  print(`${columns.length} columns`);
  const compare = async (name: string, weights: { readonly classWeight?: "balanced" }) => {
    const all: Scores[] = [];
    for (let seed = 0; seed < runs; seed++)
      all.push(await trainAndTest(train, test, { epochs, seed, ...weights }));
    const mean = (score: keyof Scores) => all.reduce((sum, scores) => sum + scores[score], 0) / runs;
    const scores = { rocAuc: mean("rocAuc"), recall: mean("recall"), precision: mean("precision") };
    const shown = Object.entries(scores).map(([score, value]) => `${score} ${value.toFixed(3)}`);
    print(`${name.padEnd(9)} ${shown.join("  ")}`);
    return scores;
  };
  return {
    plain: await compare("plain", {}),
    balanced: await compare("balanced", { classWeight: "balanced" }),
  };
}

interface Training {
  readonly epochs: number;
  readonly seed: number;
  readonly classWeight?: "balanced";
}

async function trainAndTest(
  train: Customers,
  test: Customers,
  { seed, ...settings }: Training,
): Promise<Scores> {
  using network = await createNetwork({
    inputs: train.x[0]?.length ?? 0,
    layers: [
      fitScaling("standard", train.x),
      dense(UNITS, { activation: "relu" }),
      dense(1, { activation: "sigmoid", initialization: "xavier" }),
    ],
    seed,
  });
  await network.fit(train.x, train.left, {
    ...settings,
    batchSize: BATCH_SIZE,
    l2: L2,
    optimizer: adam(),
    validation: { fraction: 0.1, stratify: true },
    earlyStopping: { patience: 10 },
  });
  return network.evaluate(test.x, test.left, { metrics: ["rocAuc", "recall", "precision"] });
}
