// Workers that start together, while memory grows, all start: the short form of `npm run test:starts`.
import { expect, it } from "vitest";
import { runStarts } from "./starts/starts.js";

it("12 fresh processes get the 16 threads that they ask for, and the same loss", async () => {
  const { faults } = await runStarts({ times: 12, atOnce: 4, threads: 16, node: process.execPath });
  expect(faults).toEqual([]);
}, 300_000);
