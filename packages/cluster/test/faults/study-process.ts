// A coordinator as a process of its own, which tells its parent whom it may kill. Arguments: study, journal, store, processes.
import { readFileSync } from "node:fs";
import { FolderStore, LocalRunner, runStudy, type Study } from "@layerwise/cluster";

const [, , study = "", journal = "", store = "", processes = "1"] = process.argv;
const runner = new LocalRunner({ store, processes: Number(processes) });
let done = 0;
const timer = setInterval(() => process.send?.({ pids: runner.busyPids, done }), 100);
try {
  await runStudy(JSON.parse(readFileSync(study, "utf8")) as Study, {
    runner,
    store: new FolderStore(store),
    journal,
    onProgress: (progress) => {
      done = progress.done;
    },
  });
} finally {
  clearInterval(timer);
  await runner.close();
}
process.disconnect?.();
