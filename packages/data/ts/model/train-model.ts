import { createNetwork, type FitOptions, type History, resumeTraining } from "layerwise";
import type { Table } from "../table/table.js";
import type { AnyNetwork } from "./any-network.js";
import type { Model } from "./model.js";
import { type PreparedTraining, prepareTraining } from "./prepared-training.js";
import { littleRoomFor } from "./room-on-disk.js";
import type { TrainOptions } from "./train-options.js";
import { checkpointOf, openFolder } from "./training-checkpoint.js";
import type { NetworkSummary } from "./training-summary.js";

/**
 * From a table to a model: fits the preparation, trains networks with early stopping, each with validation rows of its own, and
 * averages them. Give it the training rows: rows for a test are to be taken off before. With the same table, options and seed
 * the model is the same to the bit. Raises ConfigError for options, DataError for a table that nothing can be learnt from.
 */
export async function trainModel(table: Table, options: TrainOptions): Promise<Model> {
  const training = prepareTraining(table, options);
  const { settings } = training;
  if (settings.checkpoint !== undefined) {
    const { folder, onLittleRoom } = settings.checkpoint;
    await openFolder(settings.checkpoint);
    const little = onLittleRoom && (await littleRoomFor(training, folder));
    if (little !== undefined) onLittleRoom?.(little);
  }
  const networks: AnyNetwork[] = [];
  const summaries: NetworkSummary[] = [];
  try {
    for (let k = 0; k < settings.networks; k++) {
      const { network, history } = await trainOne(training, k);
      const isCut = history.stoppedBy === "signal";
      // One that is half trained would make the average of those that are trained worse.
      if (isCut && k > 0) {
        network.dispose();
        break;
      }
      networks.push(network);
      summaries.push(summaryOf(history));
      await settings.onNetwork?.({ network: k, networks: settings.networks, history });
      if (isCut) break;
    }
  } catch (error) {
    for (const network of networks) network.dispose();
    throw error;
  }
  return training.model(networks, summaries, mathNotes(training, networks));
}

/** Network k: its weights, its order of the rows and its validation rows follow from the seed and k. */
async function trainOne(
  training: PreparedTraining,
  k: number,
): Promise<{ readonly network: AnyNetwork; readonly history: History }> {
  const { x, y, settings } = training;
  const { checkpoint } = settings;
  const options = fitOptions(training, k);
  if (checkpoint === undefined) return fitNew(training, k, options);
  const { folder, everySeconds, resume } = checkpoint;
  const { path, isThere } = await checkpointOf(folder, k);
  const written = { ...options, checkpoint: { path, everySeconds, keep: 0 } };
  if (!resume || !isThere) return fitNew(training, k, written);
  const { math = "exact" } = settings.compute; // Else the checkpoint's would do, whatever it is.
  return resumeTraining(path, x, y, { ...training.network(k), math, ...written });
}

async function fitNew(training: PreparedTraining, k: number, options: FitOptions) {
  const network = await createNetwork(training.network(k));
  try {
    return { network, history: await network.fit(training.x, training.y, options) };
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/** Where other math than "exact" was asked for, a word on what it was. */
function mathNotes({ settings }: PreparedTraining, [network]: readonly AnyNetwork[]): string[] {
  const { math = "exact" } = settings.compute;
  if (math === "exact" || network === undefined) return [];
  const { runtime } = network;
  if (runtime.math === math) {
    return [
      `math "${math}" (${runtime.backend}, ${runtime.instructionSet}): not to the bit the model of math "exact"`,
    ];
  }
  return [`math "${runtime.math}" in place of "${math}": ${runtime.mathReason}`];
}

function fitOptions({ x, settings, stratify, fit, optimizer }: PreparedTraining, k: number): FitOptions {
  const { networks, epochs, batchSize, validation, earlyStopping, signal, onEpoch, metrics } = settings;
  const held = validation === false ? 0 : Math.round(validation.fraction * x.rows);
  const rows = x.rows - held;
  const steps = Math.max(1, Math.ceil(rows / batchSize)) * epochs;
  return {
    ...fit,
    epochs,
    optimizer: optimizer(steps),
    ...(validation === false ? {} : { validation: { ...validation, stratify }, ...(metrics && { metrics }) }),
    ...(earlyStopping === false || validation === false ? {} : { earlyStopping }),
    ...(signal === undefined ? {} : { signal }),
    ...(onEpoch === undefined
      ? {}
      : {
          onEpoch: ({ epoch, loss, validation }) =>
            onEpoch({ network: k, networks, epoch, epochs, loss, validation, rows }),
        }),
    warnings: false,
  };
}

function summaryOf(history: History): NetworkSummary {
  const { best, stoppedBy, loss } = history;
  return {
    epochs: loss.length,
    bestEpoch: best?.epoch ?? loss.length,
    validationLoss: best?.value ?? null,
    stoppedBy,
  };
}
