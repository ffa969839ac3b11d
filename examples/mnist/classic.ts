import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createNetwork, dense, dropout, rmsProp } from "layerwise";
import { readMnist } from "./data.js";

/**
 * Keras's example mnist_mlp: 784-512-512-10 with dropout, first weights by Glorot's uniform rule, RMSprop, 20 epochs in batches
 * of 128; 98.40 % there.
 */
export interface ClassicOptions {
  /** The folder of MNIST's four files. */
  readonly data: string;
  readonly epochs: number;
  readonly seed: number;
  /** A Python that has PyTorch, to train the same beside it; undefined: none. */
  readonly python: string | undefined;
}

export interface ClassicResults {
  /** Of the test's images. */
  readonly accuracy: number;
  /** Of training alone, without reading and testing. */
  readonly seconds: number;
  readonly pytorch: Pick<ClassicResults, "accuracy" | "seconds"> | undefined;
}

const UNITS = 512;
const KEEP_PROB = 0.8;
const BATCH_SIZE = 128;
const RMS_PROP = { learningRate: 0.001, decay: 0.9, epsilon: 1e-7 };

export async function runClassic(
  { data, epochs, seed, python }: ClassicOptions,
  print: (line: string) => void,
): Promise<ClassicResults> {
  const { train, test } = readMnist(data);
  const hidden = () => [
    dense(UNITS, { activation: "relu", initialization: "xavierUniform" }),
    dropout({ keepProb: KEEP_PROB }),
  ];
  using network = await createNetwork({
    inputs: train.pixels.cols,
    layers: [...hidden(), ...hidden(), dense(10, { activation: "softmax", initialization: "xavierUniform" })],
    loss: "categoricalCrossEntropy",
    seed,
  });
  const { threads } = network.runtime;
  print(`${train.pixels.rows} images to learn from, ${test.pixels.rows} to test, threads: ${threads}`);
  const start = performance.now();
  await network.fit(train.pixels, train.labels, {
    epochs,
    batchSize: BATCH_SIZE,
    optimizer: rmsProp(RMS_PROP),
    onEpoch: ({ epoch, loss }) => {
      if (epoch % 5 === 0 || epoch === epochs) print(`epoch ${epoch}/${epochs}  loss ${loss.toFixed(4)}`);
    },
  });
  const seconds = (performance.now() - start) / 1000;
  const { accuracy } = network.evaluate(test.pixels, test.labels);
  print(resultLine("Layerwise", { accuracy, seconds }));
  const pytorch =
    python === undefined ? undefined : await trainPyTorch(python, [data, epochs, threads, seed]);
  if (pytorch !== undefined) print(resultLine("PyTorch", pytorch));
  return { accuracy, seconds, pytorch };
}

function resultLine(
  name: string,
  { accuracy, seconds }: Pick<ClassicResults, "accuracy" | "seconds">,
): string {
  return `${name.padEnd(9)}  test accuracy ${(100 * accuracy).toFixed(2)} %  training ${seconds.toFixed(1)} s`;
}

/** What pytorch.py beside this file prints. */
async function trainPyTorch(python: string, options: readonly (string | number)[]) {
  const script = fileURLToPath(new URL("pytorch.py", import.meta.url));
  const { stdout } = await promisify(execFile)(python, [script, ...options.map(String)]);
  return JSON.parse(stdout) as { readonly accuracy: number; readonly seconds: number };
}
