// Servers and workers for tests: started by them, and ended by them.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why there can be no server here; undefined where there can. */
export function whyNoRedis(): string | undefined {
  for (const program of ["redis-server", "valkey-server"]) {
    try {
      execFileSync(program, ["--version"], { stdio: "ignore" });
      return undefined;
    } catch {
      // The next one.
    }
  }
  return "no redis-server (apt-get install redis-server, or brew install redis)";
}

/** The command line as it is built, whose workers the tests run. */
export const PROGRAM = "packages/cli/dist/layerwise.js";

export function whyNoProgram(): string | undefined {
  return existsSync(PROGRAM) ? undefined : `no ${PROGRAM} (npm run build)`;
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "layerwise-cluster-"));
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** A server of a test's own. */
export class RedisServer {
  readonly port: number;
  readonly folder = newFolder();
  readonly #options: readonly string[];
  readonly #before: readonly string[];
  readonly #host: string;
  #process: ChildProcess | undefined;

  /** `before`: a command that runs it elsewhere, such as in a network namespace, where it is at `host`. */
  constructor(
    port: number,
    options: readonly string[] = [],
    before: readonly string[] = [],
    host = "127.0.0.1",
  ) {
    this.port = port;
    this.#options = options;
    this.#before = before;
    this.#host = host;
  }

  get url(): string {
    return `redis://${this.#host}:${this.port}`;
  }

  async start(): Promise<void> {
    const given = ["--port", `${this.port}`, "--bind", this.#host, "--save", "", "--dir", this.folder];
    const [program = "", ...rest] = [...this.#before, "redis-server", ...given, ...this.#options];
    const process = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = process;
    await said(process, "Ready to accept connections");
  }

  /** With SIGKILL nothing is written down any more but what was. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    if (this.#process === undefined) return;
    const ended = exit(this.#process);
    this.#process.kill(signal);
    await ended;
    this.#process = undefined;
  }

  async end(): Promise<void> {
    await this.stop("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface WorkerSetting {
  /** Trainings at a time. Default 1. */
  readonly processes?: number;
  /** Of the command, besides. */
  readonly options?: readonly string[];
  /** Default {@link PROGRAM}. */
  readonly program?: string;
  /** Variables besides the address. */
  readonly env?: Readonly<Record<string, string>>;
}

/** `layerwise worker` in a process of its own, with locks short enough for tests. */
export class WorkerProcess {
  readonly process: ChildProcess;
  readonly ready: Promise<void>;
  /** All that it said. */
  output = "";

  constructor(url: string, { processes = 1, options = [], program = PROGRAM, env = {} }: WorkerSetting = {}) {
    const given = ["worker", "--threads", `${processes}`, "--lock-seconds", "2", ...options];
    this.process = spawn(process.execPath, [program, ...given], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, LAYERWISE_REDIS: url, ...env },
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    }
    this.ready = said(this.process, "worker of build");
    this.ready.catch(() => {});
  }

  /** Resolves to its exit code. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    const ended = exit(this.process);
    this.process.kill(signal);
    await ended;
    return this.process.exitCode;
  }
}

function exit(process: ChildProcess): Promise<void> {
  return new Promise((resolve) => process.once("exit", () => resolve()));
}

function said(process: ChildProcess, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let all = "";
    for (const stream of [process.stdout, process.stderr]) {
      stream?.on("data", (text: Buffer | string) => {
        all += text;
        if (all.includes(words)) resolve();
      });
    }
    process.once("exit", (code) => reject(new Error(`ended with ${code}: ${all.slice(-500)}`)));
    process.once("error", reject);
  });
}
