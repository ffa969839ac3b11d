// node endless-training.js <path>: trains without an end, writes a checkpoint after every step
// and prints its number once it is reported. A run that finds a checkpoint goes on from it.
import { existsSync, writeSync } from "node:fs";
import { adam, createNetwork, resumeTraining } from "../../ts/index.js";
import { fitOptions, options, x, y } from "./small-files.js";

const [path = ""] = process.argv.slice(2);
const onCheckpoint = ({ steps }: { steps: number }) => void writeSync(1, `${steps}\n`);

if (existsSync(path)) {
  await resumeTraining(path, x, y, { onCheckpoint });
} else {
  const network = await createNetwork(options);
  const checkpoint = { path, everySteps: 1 };
  await network.fit(x, y, { ...fitOptions, optimizer: adam(), epochs: 1e9, checkpoint, onCheckpoint });
}
