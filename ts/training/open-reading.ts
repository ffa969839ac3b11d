import { type Dataset, isStream, type Stream } from "../data/dataset.js";
import { ConfigError } from "../errors/errors.js";
import { DatasetReading } from "./dataset-reading.js";
import type { Observer } from "./observer.js";
import type { Reading } from "./reading.js";
import type { EpochSettings, History, Trainee } from "./state.js";
import { StreamReading } from "./stream-reading.js";

/** Begins to read, with all that observers want of the data. Says why where there is nothing to do. */
export async function openReading(
  data: Dataset | Stream,
  trainee: Trainee,
  { epochs, signal, sampleWeight }: EpochSettings,
  observers: readonly Observer[],
): Promise<Reading | History["stoppedBy"]> {
  const weighing = sampleWeight !== undefined ? "sampleWeight" : observers.some(isBeginOnly) && "classWeight";
  if (weighing !== false) {
    const expected = "none: the examples of a data set that is read all weigh 1";
    throw new ConfigError(weighing, expected, "one");
  }
  let reading: Reading = isStream(data)
    ? new StreamReading(data, trainee, signal)
    : new DatasetReading(data, trainee, signal);
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

/** Whether it makes something of the examples as a whole: classWeight does. */
function isBeginOnly({ begin, beginRead }: Observer): boolean {
  return begin !== undefined && beginRead === undefined;
}
