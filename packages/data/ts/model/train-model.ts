import { createNetwork, type History } from "layerwise";
import type { Table } from "../table/table.js";
import type { AnyNetwork } from "./any-network.js";
import type { Model } from "./model.js";
import { type PreparedTraining, prepareTraining } from "./prepared-training.js";
import type { TrainOptions } from "./train-options.js";
import type { NetworkSummary } from "./training-summary.js";

/**
 * From a table to a model: fits the preparation, trains networks with early stopping, each with validation rows of its own, and
 * averages them. Give it the training rows: rows for a test are to be taken off before. With the same table, options and seed
 * the model is the same to the bit. Raises ConfigError for options, DataError for a table that nothing can be learnt from.
 */
export async function trainModel(table: Table, options: TrainOptions): Promise<Model> {
  const training = prepareTraining(table, options);
  const networks: AnyNetwork[] = [];
  const summaries: NetworkSummary[] = [];
  try {
    for (let k = 0; k < training.settings.networks; k++) {
      const { network, history } = await trainOne(training, k);
      networks.push(network);
      summaries.push(summaryOf(history));
      if (history.stoppedBy === "signal") break;
    }
  } catch (error) {
    for (const network of networks) network.dispose();
    throw error;
  }
  return training.model(networks, summaries);
}

/** Network k: its weights, its order of the rows and its validation rows follow from the seed and k. */
async function trainOne(training: PreparedTraining, k: number) {
  const { x, y, settings, stratify } = training;
  const { epochs, batchSize, validation, earlyStopping, signal, onEpoch, metrics } = settings;
  const network = await createNetwork(training.network(k));
  const held = validation === false ? 0 : Math.round(validation.fraction * x.rows);
  const steps = Math.max(1, Math.ceil((x.rows - held) / batchSize)) * epochs;
  const history = await network.fit(x, y, {
    ...training.fit,
    epochs,
    optimizer: training.optimizer(steps),
    ...(validation === false ? {} : { validation: { ...validation, stratify }, ...(metrics && { metrics }) }),
    ...(earlyStopping === false || validation === false ? {} : { earlyStopping }),
    ...(signal === undefined ? {} : { signal }),
    ...(onEpoch === undefined
      ? {}
      : {
          onEpoch: ({ epoch, loss, validation }) =>
            onEpoch({
              network: k,
              networks: settings.networks,
              epoch,
              epochs,
              loss,
              validation,
              rows: x.rows - held,
            }),
        }),
    warnings: false,
  });
  return { network, history };
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
