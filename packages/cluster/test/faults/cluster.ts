// A server on one host, workers on others and a study that runs on them, for what may befall them.
import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { runStudy } from "../../ts/coordinator/run-study.js";
import type { RunStudyOptions, StudyOutcome } from "../../ts/coordinator/run-study-options.js";
import { readAddress } from "../../ts/redis/address.js";
import { BullRunner } from "../../ts/runner/bull-runner.js";
import type { Method } from "../../ts/study/study.js";
import { MemoryBlobs } from "../memory-blobs.js";
import { newFolder, PROGRAM, RedisServer } from "../servers.js";
import { contentOf, inline, smallStudy } from "../study-in-folder.js";
import type { Hosts } from "./hosts.js";

export interface HostedWorker {
  readonly host: string;
  readonly process: ChildProcess;
  readonly ready: Promise<void>;
}

export interface WorkerSetting {
  /** What runs it, behind the host's own command: another clock. */
  readonly under?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Everything of one scenario; ended by `end`. */
export class Cluster {
  readonly hosts: Hosts;
  readonly server: RedisServer;
  readonly folder = newFolder();
  readonly workers: HostedWorker[] = [];
  readonly notes: string[] = [];
  url = "";
  done = 0;
  isOver = false;
  readonly #port: number;
  readonly #method: Method | undefined;

  constructor(hosts: Hosts, port: number, isPersistent: boolean, method: Method | undefined) {
    this.hosts = hosts;
    this.#port = port;
    this.#method = method;
    const kept = isPersistent ? ["--appendonly", "yes", "--appendfsync", "always"] : [];
    this.server = new RedisServer(
      port,
      ["--protected-mode", "no", ...kept],
      hosts.on("redis"),
      hosts.address("redis"),
    );
  }

  async start(workers: readonly string[], setting: WorkerSetting = {}): Promise<void> {
    await this.server.start();
    const { host, port } = await this.hosts.reach("redis", this.#port);
    this.url = `redis://${host}:${port}`;
    for (const name of workers) this.startWorker(name, setting);
    await Promise.all(this.workers.map(({ ready }) => ready));
  }

  startWorker(host: string, { under = [], env = {} }: WorkerSetting = {}): HostedWorker {
    const options = ["worker", "--threads", "1", "--lock-seconds", "2"];
    const command = [...this.hosts.on(host), ...under, process.execPath, PROGRAM, ...options];
    const [program = "", ...rest] = command;
    const child = spawn(program, rest, {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, LAYERWISE_REDIS: this.url, ...env },
    });
    const ready = new Promise<void>((resolve) => {
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        if (text.includes("worker of build")) resolve();
      });
      child.once("exit", () => resolve());
    });
    const worker = { host, process: child, ready };
    this.workers.push(worker);
    return worker;
  }

  /** Ends a worker as a power cut would, and forgets it. */
  async kill(worker: HostedWorker): Promise<void> {
    const at = this.workers.indexOf(worker);
    if (at >= 0) this.workers.splice(at, 1);
    if (worker.process.exitCode !== null || worker.process.signalCode !== null) return;
    const ended = new Promise((resolve) => worker.process.once("exit", resolve));
    worker.process.kill("SIGKILL");
    await ended;
  }

  runner(): Promise<BullRunner> {
    return BullRunner.open({
      address: readAddress(this.url, {}),
      onNote: (text) => this.notes.push(text),
    });
  }

  /** A study as `layerwise sweep --redis` runs it. */
  async study(trials: number, options: object, more: Partial<RunStudyOptions> = {}): Promise<StudyOutcome> {
    const runner = await this.runner();
    try {
      return await runStudy(smallStudy(this.folder, trials, options, this.#method), {
        runner,
        store: runner.store,
        storeData: true,
        journal: this.journal,
        onProgress: ({ done }) => {
          this.done = done;
        },
        ...more,
      });
    } finally {
      await runner.close();
    }
  }

  get journal(): string {
    return join(this.folder, "journal.jsonl");
  }

  content(): Promise<string[]> {
    return contentOf(this.journal);
  }

  /** What the same study says when nothing befalls it, on one process. */
  async expected(trials: number, options: object): Promise<string[]> {
    const store = new MemoryBlobs();
    const journal = join(this.folder, "expected.jsonl");
    await runStudy(smallStudy(this.folder, trials, options, this.#method), {
      runner: inline(store),
      store,
      journal,
    });
    return contentOf(journal);
  }

  async end(): Promise<void> {
    this.isOver = true;
    for (const worker of [...this.workers]) await this.kill(worker);
    await this.server.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Resolves when `is`, looked at ten times a second, is so; after a minute it isn't to be. */
export async function until(is: () => boolean, seconds = 120): Promise<void> {
  for (let waited = 0; !is(); waited += 0.1) {
    if (waited > seconds) throw new Error("waited in vain");
    await pause(0.1);
  }
}

export function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
}
