// Options of what runs on several processes or machines.
import type { OptionRow } from "./option-row.js";

/** Where the server is. Its password is better left to the environment: a command line can be read by others. */
export const SERVER: readonly OptionRow[] = [
  {
    key: "redis",
    value: { kind: "text" },
    help: "redis://host:6379, or rediss:// for TLS; user and password also by LAYERWISE_REDIS_USERNAME and …_PASSWORD",
    default: "LAYERWISE_REDIS of the environment, for train and sweep where --queue is given",
  },
  { key: "queue", value: { kind: "text" }, help: "whose jobs", default: "default" },
];

/** A folder in the server's place for what is large. */
export const STORE: OptionRow = {
  key: "store",
  value: { kind: "text" },
  help: "folder for data, checkpoints and models that all machines share",
  default: "the server",
};

/** One network in rounds. */
export const ROUNDS: readonly OptionRow[] = [
  {
    key: "rounds",
    value: { kind: "integer", least: 1 },
    help: "train one network in so many rounds of shards side by side (local SGD, DiLoCo)",
  },
  {
    key: "localSteps",
    value: { kind: "integer", least: 1 },
    help: "steps of each shard in a round",
    default: "50",
  },
  {
    key: "shards",
    value: { kind: "integer", least: 1, most: 4096 },
    help: "parts of the rows that are trained on side by side",
    default: "4",
  },
  {
    key: "outerLearningRate",
    value: { kind: "number", above: 0 },
    help: "of the step to the shards' mean (DiLoCo: 0.7)",
    default: "1",
  },
  {
    key: "outerMomentum",
    value: { kind: "number", least: 0, below: 1 },
    help: "of that step (DiLoCo: 0.9)",
    default: "0, so that it is a plain average",
  },
  {
    key: "processes",
    value: { kind: "integer", least: 1, most: 1024 },
    help: "of this machine, where rounds have no --redis",
    default: "one a processor",
  },
  ...SERVER,
  STORE,
];
