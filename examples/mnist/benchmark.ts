// node scripts/program.mjs examples/mnist/benchmark.ts: Keras's classic network. --runs 5 --epochs 20 --data <folder>
// With --python <a Python that has PyTorch> the same is trained by PyTorch too, on as many threads.
import { parseArgs } from "node:util";
import { LayerwiseError } from "layerwise";
import { runClassic } from "./classic.js";
import { packagedMnist } from "./data.js";

const { values } = parseArgs({
  options: {
    epochs: { type: "string", default: "20" },
    runs: { type: "string", default: "5" },
    data: { type: "string", default: packagedMnist() },
    python: { type: "string" },
  },
});

try {
  const { epochs, data, python } = values;
  const runs = Number(values.runs);
  let sum = 0;
  for (let seed = 0; seed < runs; seed++) {
    const options = { data, epochs: Number(epochs), seed, python };
    const { accuracy } = await runClassic(options, (line) => console.log(line));
    sum += accuracy;
  }
  console.log(`Layerwise, mean of the seeds 0 to ${runs - 1}: ${((100 * sum) / runs).toFixed(2)} %`);
} catch (error) {
  console.error(error instanceof LayerwiseError ? `${error.name}: ${error.message}` : error);
  process.exitCode = 1;
}
