// node scripts/program.mjs examples/california/benchmark.ts: a published benchmark. --runs 5 --epochs 400
import { parseArgs } from "node:util";
import { LayerwiseError } from "layerwise";
import { runPaper } from "./paper.js";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    epochs: { type: "string", default: "400" },
  },
});

try {
  const { runs, epochs } = values;
  await runPaper({ runs: Number(runs), epochs: Number(epochs) }, (line) => console.log(line));
} catch (error) {
  console.error(error instanceof LayerwiseError ? `${error.name}: ${error.message}` : error);
  process.exitCode = 1;
}
