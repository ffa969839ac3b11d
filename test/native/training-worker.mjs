import { parentPort } from "node:worker_threads";
import { createNetwork } from "../../dist/index.js";

const network = await createNetwork({ layerDims: [100, 64, 1], threads: 2, engine: "native" });
const x = Array.from({ length: 400 }, (_, i) => Array.from({ length: 100 }, (_, j) => ((i * j) % 7) / 7));
const { loss } = await network.fit(
  x,
  x.map((_, i) => i % 2),
  { epochs: 2, batchSize: 400 },
);
parentPort.postMessage(loss.join(" "));
