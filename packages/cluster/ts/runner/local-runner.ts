import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { EnvironmentError, StateError, StorageError } from "layerwise";
import { isRoundJob, type Job, keyOfJob, type ResultOf } from "./job.js";
import type { Answer, Order } from "./messages.js";
import { Pace } from "./pace.js";
import type { Runner, RunOptions } from "./runner.js";

export interface LocalRunnerOptions {
  /** The folder of the store, which all processes share, or a server's address without anything secret. */
  readonly store: string;
  /** Variables of their environment besides this one's: how a server lets them in. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: one a processor. */
  readonly processes?: number;
  /** Of each training. Default 1. */
  readonly threads?: number;
  /** Called with a word on a process that died. */
  readonly onNote?: (text: string) => void;
}

/** Jobs that a process has at least besides the one that it trains, where there are so many. */
const LEAST_AHEAD = 1;

/** Milliseconds for a process to give a job up, with its checkpoint. */
const PATIENCE = 10_000;

/** After so many processes in a row died with a job it is taken for what kills them. */
const MOST_DEATHS = 10;

interface Task {
  readonly id: number;
  readonly job: Job;
  readonly options: RunOptions;
  readonly resolve: (result: ResultOf<Job>) => void;
  readonly reject: (error: unknown) => void;
  deaths: number;
  /** Called when it is. */
  ended?: () => void;
}

interface Worker {
  readonly child: ChildProcess;
  /** In the order of their running. */
  readonly tasks: Task[];
  isReady: boolean;
  errors: string;
}

/** Runs jobs on processes of this machine, which live from the first job to close(). */
export class LocalRunner implements Runner {
  readonly slots: number;
  readonly #options: LocalRunnerOptions;
  readonly #workers = new Set<Worker>();
  readonly #waiting: Task[] = [];
  readonly #pace = new Pace();
  #nextId = 0;
  #isClosed = false;
  /** 1: processes don't start here. */
  #falseStarts = 0;

  constructor(options: LocalRunnerOptions) {
    this.#options = options;
    this.slots = options.processes ?? availableParallelism();
  }

  /** How many jobs more than its processes it should be given, for each of them. */
  get ahead(): number {
    return this.#pace.ahead;
  }

  /** Of processes that train, for who watches them. */
  get busyPids(): number[] {
    const busy = [...this.#workers].filter(({ isReady, tasks }) => isReady && tasks.length > 0);
    return busy.flatMap(({ child }) => child.pid ?? []);
  }

  run<One extends Job>(job: One, options: RunOptions = {}): Promise<ResultOf<One>> {
    if (this.#isClosed) return Promise.reject(new StateError("runner", "one that isn't closed", "close()"));
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    let onAbort = () => {};
    const result = new Promise<ResultOf<One>>((resolve, reject) => {
      const answered = (result: ResultOf<Job>) => resolve(result as ResultOf<One>); // by the job's id
      const task: Task = { id: this.#nextId++, job, options, resolve: answered, reject, deaths: 0 };
      onAbort = () => this.#drop(task);
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(task);
      this.#deal();
    });
    return result.finally(() => signal?.removeEventListener("abort", onAbort));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const gone = [...this.#workers].map(({ child }) => new Promise((resolve) => child.once("exit", resolve)));
    for (const { child } of this.#workers) child.kill("SIGKILL");
    await Promise.all(gone);
  }

  /** Gives waiting tasks to the processes that have the fewest. */
  #deal(): void {
    const most = 1 + Math.max(LEAST_AHEAD, this.#pace.ahead);
    while (this.#waiting.length > 0 && !this.#isClosed) {
      const free = [...this.#workers].sort((a, b) => a.tasks.length - b.tasks.length)[0];
      const idle = free !== undefined && free.tasks.length === 0;
      if (!idle && this.#workers.size < this.slots) {
        this.#start();
        continue;
      }
      if (free === undefined || free.tasks.length >= most) return;
      const task = this.#waiting.shift();
      if (task === undefined) return;
      free.tasks.push(task);
      send(free, { type: "run", id: task.id, job: task.job });
    }
  }

  #start(): void {
    const { store, threads = 1, environment } = this.#options;
    const child = fork(entry(), [store, `${threads}`], {
      execArgv: execArguments(),
      env: { ...process.env, ...environment },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    const worker: Worker = { child, tasks: [], isReady: false, errors: "" };
    this.#workers.add(worker);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      worker.errors = (worker.errors + text).slice(-2000);
    });
    child.on("message", (answer: Answer) => this.#hear(worker, answer));
    child.once("exit", (code, signal) => this.#lose(worker, code, signal));
    child.once("error", (error) => {
      worker.errors += error.message;
    });
  }

  #hear(worker: Worker, answer: Answer): void {
    if (answer.type === "ready") {
      worker.isReady = true;
      this.#falseStarts = 0;
      return;
    }
    const place = worker.tasks.findIndex(({ id }) => id === answer.id);
    const task = worker.tasks[place];
    if (task === undefined) return;
    if (answer.type === "progress") {
      task.options.onProgress?.(answer.progress);
      return;
    }
    worker.tasks.splice(place, 1);
    task.ended?.();
    if (answer.type === "result") {
      this.#pace.note(task.job, answer.result);
      task.resolve(answer.result);
    } else task.reject(task.options.signal?.aborted ? task.options.signal.reason : errorOf(answer));
    this.#deal();
  }

  /** What a process had that died is run again, by another. */
  #lose(worker: Worker, code: number | null, signal: string | null): void {
    const how = signal ?? `code ${code}`;
    this.#workers.delete(worker);
    if (this.#isClosed) {
      for (const task of worker.tasks)
        task.reject(new StateError("runner", "one that isn't closed", "close()"));
      return;
    }
    // One that ends by itself would each time; another may have been killed.
    if (!worker.isReady) this.#falseStarts += signal === null ? 0.25 : 0.01;
    if (this.#falseStarts >= 1) {
      const error = new EnvironmentError(
        "trial process",
        "one that starts",
        `${how}: ${worker.errors.trim()}`,
      );
      for (const task of [...worker.tasks, ...this.#waiting.splice(0)]) task.reject(error);
      return;
    }
    for (const task of worker.tasks.filter(({ options }) => options.signal?.aborted)) {
      task.ended?.();
      task.reject(task.options.signal?.reason);
    }
    const [first, ...others] = worker.tasks.filter(({ options }) => !options.signal?.aborted);
    if (first !== undefined && worker.isReady) first.deaths += 1;
    if (first !== undefined && first.deaths >= MOST_DEATHS) first.resolve(killed(first.job, how, worker));
    else if (first !== undefined) {
      this.#options.onNote?.(`process ${worker.child.pid} ended (${how}): ${nameOf(first.job)} runs again`);
      this.#waiting.unshift(first);
    }
    this.#waiting.unshift(...others);
    this.#deal();
  }

  /** A task that is given up: its process keeps the checkpoint, and is ended where it takes long. */
  #drop(task: Task): void {
    const place = this.#waiting.indexOf(task);
    if (place >= 0) this.#waiting.splice(place, 1);
    const worker = [...this.#workers].find(({ tasks }) => tasks.includes(task));
    if (place >= 0 || worker === undefined) {
      task.reject(task.options.signal?.reason);
      return;
    }
    send(worker, { type: "giveUp", id: task.id });
    const patience = setTimeout(() => worker.child.kill("SIGKILL"), PATIENCE);
    task.ended = () => clearTimeout(patience);
  }
}

function send({ child }: Worker, order: Order): void {
  child.send(order, () => {}); // Of a process that is gone `exit` tells.
}

/** What keeps a process from running a job that another might run: its data, its memory, its build. */
function errorOf({ name, message, storage }: Extract<Answer, { type: "error" }>): Error {
  if (storage !== undefined) return new StorageError(storage.path, storage.expected, storage.got);
  return new EnvironmentError("trial process", "one that can run its job", `${name}: ${message}`);
}

function nameOf(job: Job): string {
  if (!isRoundJob(job)) return `trial ${job.trial}, rung ${job.rung},`;
  return job.kind === "shard"
    ? `round ${job.round}, shard ${job.shard},`
    : `the average of round ${job.round}`;
}

/** The one result that isn't the job's alone: a training that ends every process, by its memory perhaps. */
function killed(job: Job, how: string, worker: Worker): ResultOf<Job> {
  const message = `ended ${MOST_DEATHS} processes in a row (${how}) ${worker.errors.trim()}`.trim();
  if (isRoundJob(job)) {
    const error = {
      name: "ConfigError",
      path: nameOf(job),
      expected: "a job that a process survives",
      got: message,
    };
    return { state: "failed", error };
  }
  return {
    key: keyOfJob(job),
    state: "failed",
    error: { name: "WorkerError", message },
    run: { worker: `${worker.child.pid}`, seconds: 0 },
  };
}

/** In the built package trial-process.js stands beside this code; among the sources it is a .ts file, which tsx runs. */
const isSource = import.meta.url.endsWith(".ts");

function entry(): string {
  return fileURLToPath(new URL(isSource ? "../trial-process.ts" : "./trial-process.js", import.meta.url));
}

function execArguments(): string[] {
  return isSource ? ["--import", "tsx"] : process.execArgv.filter((one) => !one.startsWith("--inspect"));
}
