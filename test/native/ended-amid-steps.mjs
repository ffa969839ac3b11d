// Ends in the way that its argument says while the native engine takes steps beside JavaScript.
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { tsImport } from "tsx/esm/api";

const way = process.argv[2];

async function train(begun) {
  const { adam, createNetwork, Matrix } = await tsImport("../../ts/index.ts", import.meta.url);
  const network = await createNetwork({ layerDims: [500, 700, 700, 1], engine: "native", threads: 2 });
  const x = new Matrix(new Float32Array(2000 * 500).fill(0.5), 2000, 500);
  const training = network.fit(x, new Uint8Array(2000), { epochs: 1000, batchSize: 500, optimizer: adam() });
  let turns = 0;
  const turn = () => (turns++ < 20 ? setTimeout(turn) : begun());
  turn();
  await training;
}

if (!isMainThread) await train(() => parentPort.postMessage("training"));
else if (way === "the end of its worker") {
  const workers = Array.from({ length: 2 }, () => new Worker(new URL(import.meta.url), { argv: [way] }));
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise((resolve, reject) => {
          worker.on("message", async () => resolve(await worker.terminate()));
          worker.on("error", reject);
        }),
    ),
  );
  console.log("training");
} else {
  await train(() => {
    console.log("training");
    if (way === "process.exit") process.exit(0);
    throw new Error("on purpose");
  });
}
