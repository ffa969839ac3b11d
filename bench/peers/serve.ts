import { createInterface } from "node:readline";
import { fromMessage, type Problem } from "./problem.js";
import type { Answer, Hello, Request } from "./protocol.js";

/** A peer at work on one problem. */
export interface Trainer {
  /** Answers `check`. */
  check(steps: number): Answer | Promise<Answer>;
  /** Does `train`. */
  train(steps: number): void | Promise<void>;
}

/** A peer's process: says hello, then answers requests until standard input ends. */
export async function serve(hello: Hello, create: (problem: Problem) => Trainer): Promise<void> {
  say(hello);
  const trainers = new Map<string, Trainer>();
  for await (const line of createInterface({ input: process.stdin })) {
    const request: Request = JSON.parse(line);
    const trainer = trainers.get(request.work);
    try {
      if (request.op === "prepare") {
        trainers.set(request.work, create(fromMessage(request.problem)));
        say({});
      } else if (trainer === undefined) {
        say({ error: `expected prepare first, got ${request.op}` });
      } else if (request.op === "check") {
        say(await trainer.check(request.steps));
      } else {
        await trainer.train(request.steps);
        say({});
      }
    } catch (error) {
      say({ error: String(error) });
    }
  }
}

function say(message: Hello | Answer): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
