// A worker as `layerwise worker` is one, with locks short enough for tests.
import { readAddress } from "../ts/redis/address.js";
import { startWorker } from "../ts/worker/worker.js";

const worker = await startWorker({
  address: readAddress(undefined),
  processes: Number(process.argv[2] ?? 1),
  lockSeconds: 2,
  onNote: (text) => console.error(text),
});
process.once("SIGTERM", () => void worker.close().then(() => process.exit(0)));
console.log(`ready ${worker.build}`);
