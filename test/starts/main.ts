// npm run test:starts -- [--times 500] [--threads 16] [--at-once 4] [--node path]: as many fresh processes, none of
// which may get fewer threads than it asks for. Several run at a time, so that the machine is busy.
import { parseArgs } from "node:util";
import { buildDist } from "../../scripts/dist.mjs";
import { runStarts } from "./starts.js";

const { values } = parseArgs({
  options: {
    times: { type: "string", default: "500" },
    threads: { type: "string", default: "16" },
    "at-once": { type: "string", default: "4" },
    node: { type: "string", default: process.execPath },
  },
});
const [times, threads, atOnce] = [values.times, values.threads, values["at-once"]].map(Number);

await buildDist();
const { faults, seconds } = await runStarts(
  { times: times ?? 0, threads: threads ?? 0, atOnce: atOnce ?? 0, node: values.node },
  console.log,
);
console.log(`${times} starts with ${threads} threads in ${seconds.toFixed(0)} s: ${faults.length} faults`);
if (faults.length > 0) process.exitCode = 1;
