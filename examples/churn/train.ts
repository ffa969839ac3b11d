// node scripts/program.mjs examples/churn/train.ts: which customers leave? --runs 5 --epochs 200
import { parseArgs } from "node:util";
import { LayerwiseError } from "layerwise";
import { run } from "./run.js";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    epochs: { type: "string", default: "200" },
  },
});

try {
  const { runs, epochs } = values;
  await run({ runs: Number(runs), epochs: Number(epochs) }, (line) => console.log(line));
} catch (error) {
  console.error(error instanceof LayerwiseError ? `${error.name}: ${error.message}` : error);
  process.exitCode = 1;
}
