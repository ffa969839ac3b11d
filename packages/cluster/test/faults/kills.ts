// What ends workers and their trainings at random, as a power cut would.
import { existsSync, readFileSync } from "node:fs";
import { type Cluster, pause } from "./cluster.js";

/** A trial's process of a worker: its only child. */
export function childOf(pid: number | undefined): number | undefined {
  const path = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(path)) return undefined;
  const child = Number(readFileSync(path, "utf8").trim().split(" ")[0]);
  return child > 0 ? child : undefined;
}

/** Ends workers and their trainings until so many have died; `planned`: to what `cluster.done` goes. */
export async function killAtRandom(cluster: Cluster, planned: number, most: number): Promise<string> {
  let [kills, ofWorkers, seed] = [0, 0, 7];
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  while (!cluster.isOver) {
    await pause(0.05 + 0.2 * random());
    // As many of them as the study's share that is done, and all before its last tenth, which may end quickly.
    if (kills >= most || kills > (most * (cluster.done + 0.05 * planned)) / (0.9 * planned)) continue;
    const worker = cluster.workers[Math.floor(random() * cluster.workers.length)];
    if (worker === undefined) continue;
    const child = childOf(worker.process.pid);
    if (child !== undefined && random() < 0.5) process.kill(child, "SIGKILL");
    else {
      await cluster.kill(worker);
      cluster.startWorker(worker.host);
      ofWorkers++;
    }
    kills++;
  }
  const all = kills === most ? "" : "NOT ALL: ";
  return `${all}${kills} kills -9, ${ofWorkers} of workers and ${kills - ofWorkers} of their trainings`;
}
