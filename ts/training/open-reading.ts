import { type Dataset, isStream, type Stream } from "../data/dataset.js";
import { ConfigError, describe } from "../errors/errors.js";
import { DatasetReading } from "./dataset-reading.js";
import type { Observer } from "./observer.js";
import type { Reading } from "./reading.js";
import type { EpochSettings, History, Trainee } from "./state.js";
import { StreamReading } from "./stream-reading.js";

/** Data as they are read. Raises ShapeError for a data set of no length. */
export function readingOf(
  data: Dataset | Stream,
  trainee: Trainee,
  signal: AbortSignal | undefined,
): DatasetReading | StreamReading {
  return isStream(data)
    ? new StreamReading(data, trainee, signal)
    : new DatasetReading(data, trainee, signal);
}

/** Begins to read, with all that observers want of the data. Says why where there is nothing to do. */
export async function openReading(
  data: Dataset | Stream,
  trainee: Trainee,
  { epochs, signal, sampleWeight }: EpochSettings,
  observers: readonly Observer[],
): Promise<Reading | History["stoppedBy"]> {
  checkNoWeights(sampleWeight);
  let reading: Reading = readingOf(data, trainee, signal);
  if (epochs === 0) return "epochs";
  if (signal?.aborted) return "signal";
  try {
    for (const observer of observers) {
      if (observer.beginRead === undefined) continue;
      const left = await observer.beginRead(reading);
      if (left === undefined) {
        reading.close();
        return "signal";
      }
      reading = left;
    }
  } catch (error) {
    reading.close();
    throw error;
  }
  return reading;
}

/** Raises ConfigError for weights beside data that carry their own. */
export function checkNoWeights(sampleWeight: unknown): void {
  if (sampleWeight === undefined) return;
  const expected = "none beside data that are read: each batch brings its own, { x, y, sampleWeight }";
  throw new ConfigError("sampleWeight", expected, describe(sampleWeight));
}
