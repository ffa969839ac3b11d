import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Problem, toMessage } from "./problem.js";
import type { Answer, Hello, Request } from "./protocol.js";

/** How a peer is started. */
export interface PeerCommand {
  /** Its name among the results. */
  readonly backend: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Seconds that a peer may take to load. */
const LONGEST_START = 120;

/** The end of what a peer wrote to standard error: as much as helps. */
const SHOWN_ERROR = 300;

/** Thrown by {@link PeerProcess.start}: the peer is not there, for this reason. */
export class PeerAbsent extends Error {}

/**
 * A peer in a process of its own, where no other peer fills its heap or spoils what its compiler has learnt.
 * It idles, reading, while another one's turn is timed.
 */
export class PeerProcess {
  readonly backend: string;
  readonly hello: Exclude<Hello, { absent: string }>;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #complaints: () => string;

  /** Raises {@link PeerAbsent} where it can't be started. */
  static async start(command: PeerCommand): Promise<PeerProcess> {
    const { program, args, env, backend } = command;
    const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    let complaints = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaints = (complaints + text).slice(-SHOWN_ERROR);
    });
    child.stdin.on("error", () => undefined); // its end is seen where it is read from
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const failed = new Promise<never>((_, reject) => {
      child.on("error", ({ message }) => reject(new PeerAbsent(message)));
      const late = () => reject(new PeerAbsent(`it did not start within ${LONGEST_START} s`));
      setTimeout(late, LONGEST_START * 1000).unref();
    });
    failed.catch(() => undefined); // late failures are seen where it is read from
    try {
      const { value, done } = await Promise.race([lines.next(), failed]);
      if (done) throw new PeerAbsent(complaints.trim().split("\n").at(-1) || "it ended at once");
      const hello: Hello = JSON.parse(value);
      if ("absent" in hello) throw new PeerAbsent(hello.absent);
      return new PeerProcess(backend, hello, child, lines, () => complaints);
    } catch (error) {
      child.kill();
      throw error;
    }
  }

  private constructor(
    backend: string,
    hello: Exclude<Hello, { absent: string }>,
    child: ChildProcess,
    lines: AsyncIterator<string>,
    complaints: () => string,
  ) {
    this.backend = backend;
    this.hello = hello;
    this.#child = child;
    this.#lines = lines;
    this.#complaints = complaints;
  }

  async prepare(work: string, problem: Problem): Promise<void> {
    await this.#ask({ op: "prepare", work, problem: toMessage(problem) });
  }

  /** The losses before each of the first `steps` updates, or its outputs where its loss is another. */
  async check(work: string, steps: number): Promise<Answer> {
    return await this.#ask({ op: "check", work, steps });
  }

  async train(work: string, steps: number): Promise<void> {
    await this.#ask({ op: "train", work, steps });
  }

  stop(): void {
    this.#child.stdin?.end();
    this.#child.kill();
  }

  async #ask(request: Request): Promise<Answer> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.backend} ended at ${request.op}: ${this.#complaints().trim()}`);
    const answer: Answer = JSON.parse(value);
    if (answer.error !== undefined) throw new Error(`${this.backend}, ${request.op}: ${answer.error}`);
    return answer;
  }
}
