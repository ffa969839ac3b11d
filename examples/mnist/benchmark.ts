// node scripts/program.mjs examples/mnist/benchmark.ts: Keras's classic network. --epochs 20 --seed 0 --data <folder>
// With --python <a Python that has PyTorch> the same is trained by PyTorch too, on as many threads.
import { parseArgs } from "node:util";
import { LayerwiseError } from "layerwise";
import { runClassic } from "./classic.js";
import { packagedMnist } from "./data.js";

const { values } = parseArgs({
  options: {
    epochs: { type: "string", default: "20" },
    seed: { type: "string", default: "0" },
    data: { type: "string", default: packagedMnist() },
    python: { type: "string" },
  },
});

try {
  const { epochs, seed, data, python } = values;
  await runClassic({ data, epochs: Number(epochs), seed: Number(seed), python }, (line) => console.log(line));
} catch (error) {
  console.error(error instanceof LayerwiseError ? `${error.name}: ${error.message}` : error);
  process.exitCode = 1;
}
