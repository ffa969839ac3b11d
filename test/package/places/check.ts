// What a place must give: the bits of the sources, by the engine and on the threads that its row says.
import * as layerwise from "../../../ts/index.js";
import { type Trained, trainEach } from "../train.js";
import type { Outcome, Place } from "./place.js";

/** The trainings of the sources, by {@link Trained.numbers}. */
export type Expected = ReadonlyMap<string, Trained>;

export async function trainSources(): Promise<Expected> {
  const trained = await trainEach(layerwise, 1);
  return new Map(trained.map((each) => [each.numbers, each]));
}

/** Raises an Error that says what is otherwise. */
export function checkOutcome({ threads, backend = "wasm" }: Place, { trained }: Outcome, expected: Expected) {
  if (trained.length === 0) throw new Error("no training");
  for (const { numbers, loss, predictions, backend: found } of trained) {
    if (found !== backend) throw new Error(`expected the engine ${backend}, got ${found}`);
    const sources = expected.get(numbers);
    if (sources === undefined) throw new Error(`${numbers}: nothing to compare with, in this Node`);
    if (String([loss, predictions]) !== String([sources.loss, sources.predictions]))
      throw new Error(`${numbers}: other bits`);
  }
  const most = Math.max(...trained.map((each) => each.threads));
  if (/^(yes|no)\b/.test(threads) && most > 1 !== threads.startsWith("yes"))
    throw new Error(`threads: expected "${threads}", got ${most}`);
}
