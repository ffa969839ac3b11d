// npm run example:california: trains a network on house prices. -- --epochs 60 --seed 1 --out folder
import { parseArgs } from "node:util";
import { LayerwiseError } from "layerwise";
import { run } from "./run.js";

const { values } = parseArgs({
  options: {
    epochs: { type: "string", default: "40" },
    seed: { type: "string", default: "0" },
    out: { type: "string", default: "out" },
  },
});

try {
  const { epochs, seed, out } = values;
  await run({ epochs: Number(epochs), seed: Number(seed), out }, (line) => console.log(line));
} catch (error) {
  console.error(error instanceof LayerwiseError ? `${error.name}: ${error.message}` : error);
  process.exitCode = 1;
}
