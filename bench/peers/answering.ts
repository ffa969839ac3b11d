import { fromMessage, type Problem } from "./problem.js";
import type { Answer, Request } from "./protocol.js";

/** A peer at work on one problem. */
export interface Trainer {
  /** Answers `check`. */
  check(steps: number): Answer | Promise<Answer>;
  /** Does `train`. */
  train(steps: number): void | Promise<void>;
}

/** What answers a peer's requests. */
export function answering(
  create: (problem: Problem) => Trainer | Promise<Trainer>,
): (request: Request) => Promise<Answer> {
  const trainers = new Map<string, Trainer>();
  return async (request) => {
    const trainer = trainers.get(request.work);
    try {
      if (request.op === "prepare") {
        trainers.set(request.work, await create(fromMessage(request.problem)));
        return {};
      }
      if (trainer === undefined) return { error: `expected prepare first, got ${request.op}` };
      if (request.op === "check") return await trainer.check(request.steps);
      await trainer.train(request.steps);
      return {};
    } catch (error) {
      return { error: String(error) };
    }
  };
}
