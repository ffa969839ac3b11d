import { type Model, prepareTraining, type Table, type TrainOptions } from "@layerwise/data";
import { ConfigError, Matrix, split } from "layerwise";
import { type Examples, takeRows } from "./examples.js";
import { type RoundsOptions, type RoundsOutcome, trainRounds } from "./train-rounds.js";

/** What {@link trainModelInRounds} takes besides trainModel's options. */
export interface ModelRounds
  extends Pick<
    RoundsOptions,
    | "rounds"
    | "localSteps"
    | "shards"
    | "outer"
    | "runner"
    | "store"
    | "build"
    | "signal"
    | "onRound"
    | "onNote"
    | "onLittleRoom"
  > {}

/**
 * `trainModel` in rounds: the same preparation and one network, with validation rows by which the best round is chosen; `earlyStopping.patience`
 * counts rounds. Raises what trainModel and {@link trainRounds} raise.
 */
export async function trainModelInRounds(
  table: Table,
  options: TrainOptions,
  rounds: ModelRounds,
): Promise<{ readonly model: Model; readonly outcome: RoundsOutcome }> {
  for (const [name, expected] of REFUSED) {
    if (options[name] !== undefined)
      throw new ConfigError(name, `none in rounds: ${expected}`, `${options[name]}`);
  }
  checkCompute(options);
  const prepared = prepareTraining(table, { ...options, networks: 1 });
  const { settings, stratify, x, y } = prepared;
  const { training, validation } = await held({ x, y }, settings.validation, stratify, settings.seed);
  const { earlyStopping } = settings;
  const outcome = await trainRounds(training, {
    ...rounds,
    network: prepared.network(0),
    fit: { ...prepared.fit, optimizer: prepared.optimizer(rounds.rounds * rounds.localSteps) },
    ...(validation !== undefined && { validation }),
    ...(validation !== undefined &&
      earlyStopping !== false && { patience: earlyStopping.patience ?? DEFAULT_PATIENCE }),
  });
  const { network, loss, validationLoss, bestRound, stoppedBy } = outcome;
  const summary = {
    epochs: loss.length,
    bestEpoch: bestRound,
    validationLoss: validationLoss[bestRound - 1] ?? null,
    stoppedBy: ({ rounds: "epochs", patience: "earlyStopping", signal: "signal" } as const)[stoppedBy],
  };
  const note = `trained in ${loss.length} rounds of ${rounds.localSteps} steps on each of ${rounds.shards} shards: epochs are rounds here`;
  return { model: prepared.model([network], [summary], [note]), outcome };
}

/** Of earlyStopping, as fit has it. */
const DEFAULT_PATIENCE = 10;

const REFUSED = [
  ["networks", "one network is trained"],
  ["epochs", "rounds and local steps say how long"],
] as const;

/** Workers have engines of their own, which give the same bits. Raises ConfigError for what would be of one machine alone. */
function checkCompute({ engine = "auto", math = "exact" }: TrainOptions): void {
  if (engine !== "auto")
    throw new ConfigError("engine", '"auto" in rounds: each worker takes its own', `"${engine}"`);
  if (math !== "exact")
    throw new ConfigError(
      "math",
      '"exact" in rounds: workers on other machines have the same bits',
      `"${math}"`,
    );
}

/** Rows to validate on apart from the others. */
async function held(
  examples: Examples,
  validation: { readonly fraction: number } | false,
  stratify: boolean,
  seed: number,
): Promise<{ training: Examples; validation: Examples | undefined }> {
  if (validation === false) return { training: examples, validation: undefined };
  const { x, y } = examples;
  const places = new Matrix(new Float64Array(x.rows), x.rows, 1);
  const classes = Float64Array.from(y instanceof Uint32Array ? y : y.data.subarray(0, x.rows));
  const { train, test } = await split(places, classes, { test: validation.fraction, stratify, seed });
  return { training: takeRows(examples, train.indices), validation: takeRows(examples, test.indices) };
}
