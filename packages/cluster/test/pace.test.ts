// How many jobs lie ready for a process: none where another process may have time, some where the server would be waited for.
import { expect, it } from "vitest";
import type { ShardJob } from "../ts/rounds/job.js";
import { Pace } from "../ts/runner/pace.js";
import type { TrialJob } from "../ts/trial/job.js";

const trial = { trial: 0 } as TrialJob;

function paceAfter(...seconds: readonly number[]): Pace {
  const pace = new Pace();
  for (const one of seconds) {
    const run = { worker: "here", seconds: one };
    pace.note(trial, { key: "", state: "failed", error: { name: "", message: "" }, run });
  }
  return pace;
}

it.each([
  ["before any has ended", [], 0],
  ["of 10 ms", Array(40).fill(0.01), 8],
  ["of 50 ms", Array(40).fill(0.05), 2],
  ["of 0.4 s", Array(40).fill(0.4), 1],
  ["of 1 s after short ones", [...Array(40).fill(0.01), ...Array(40).fill(1)], 1],
  ["of 3 s after short ones", [...Array(40).fill(0.01), ...Array(40).fill(3)], 0],
] as const)("trials %s", (_, seconds, ahead) => {
  expect(paceAfter(...seconds).ahead).toBe(ahead);
});

it("a shard of a round doesn't wait behind another", () => {
  const pace = paceAfter(...Array(40).fill(0.01));
  pace.note({ kind: "shard" } as ShardJob, { state: "done" });
  expect(pace.ahead).toBe(0);
});
