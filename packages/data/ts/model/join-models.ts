import { ConfigError } from "layerwise";
import { describe } from "../platform/describe.js";
import { Model } from "./model.js";

/**
 * One model whose answers are the mean of these models' networks: of models that were trained from seeds s, s + 1, … on the same table with
 * the same `layers`, one network each, it is to the byte the one that `trainModel` makes of seed s with so many networks. The networks
 * are the new model's from then on: dispose of it alone. Raises ConfigError where the preparations differ.
 */
export function joinModels(models: readonly Model[]): Model {
  const [first] = models;
  if (first === undefined) throw new ConfigError("models", "at least one", "none");
  const preparation = JSON.stringify(first.pipeline);
  models.forEach(({ pipeline }, i) => {
    if (JSON.stringify(pipeline) === preparation) return;
    throw new ConfigError(`models[${i}]`, "the first one's preparation", describe(pipeline));
  });
  const { rows, seed, notes } = first.training;
  const networks = models.flatMap((model) => model.networks);
  const summaries = models.flatMap(({ training }) => training.networks);
  return new Model(first.pipeline, networks, { rows, seed, networks: summaries, notes });
}
