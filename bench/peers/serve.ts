import { createInterface } from "node:readline";
import { answering, type Trainer } from "./answering.js";
import type { Problem } from "./problem.js";
import type { Answer, Hello, Request } from "./protocol.js";

/** A peer's process: says hello, then answers requests until standard input ends. */
export async function serve(hello: Hello, create: (problem: Problem) => Trainer): Promise<void> {
  await serveBy(hello, answering(create));
}

/** The same, for a peer that answers elsewhere. */
export async function serveBy(hello: Hello, answer: (request: Request) => Promise<Answer>): Promise<void> {
  say(hello);
  for await (const line of createInterface({ input: process.stdin })) say(await answer(JSON.parse(line)));
}

function say(message: Hello | Answer): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
