import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  forgetCheckpoint,
  isSecretPlace,
  type LittleRoom,
  type NetworkReport,
  shownPlace,
  type Table,
  type TrainCheckpoint,
  type TrainOptions,
  trainModel,
} from "@layerwise/data";
import type { Command } from "commander";
import { ConfigError, StateError } from "layerwise";
import { EXIT } from "../exit-codes.js";
import { ROUNDS } from "../options/cluster-rows.js";
import type { OptionRow } from "../options/option-row.js";
import { addOptions, readConfigFile, readValues, type Values } from "../options/read-options.js";
import { COLUMNS, COMPUTE, OUTPUT, READING, SAYING, SPLIT, TRAINING } from "../options/rows.js";
import { openOutput } from "../output/open-output.js";
import { divide } from "../reading/divide.js";
import { readTable } from "../reading/read-table.js";
import type { Curve, Decision } from "../report/report-data.js";
import { type Saying, sayingOf } from "../terminal/saying.js";
import { type Plan, planOf } from "./plan.js";
import { TRAINED_FILES, writeTraining } from "./train-output.js";
import { isInRounds, trainInRounds } from "./train-rounds.js";
import { CHECKPOINT, littleRoomText, roundsStore, withWhatIsKept } from "./what-is-kept.js";

export const TRAIN_ROWS: readonly OptionRow[] = [
  ...COLUMNS,
  ...SPLIT,
  ...TRAINING,
  ...COMPUTE,
  ...ROUNDS,
  ...READING,
  ...SAYING,
  OUTPUT,
];

/** `layerwise train data.csv --target price` */
export function addTrain(program: Command): void {
  const command = program
    .command("train")
    .description("learn a column from the others, and write model.safetensors, report.html and metrics.json")
    .argument(
      "<data...>",
      "files of one format: CSV, TSV, JSON lines or Parquet, .gz too; * and ? in their names",
    )
    .option("-c, --config <file>", "JSON with the options' names as keys; flags come first")
    .option("--dry-run", "print what would be done, and end")
    .option("--resume", "go on with the same command's training where it was interrupted");
  addOptions(command, TRAIN_ROWS).action(async (data: readonly string[], how: How & { config?: string }) => {
    const config = how.config === undefined ? {} : readConfigFile(how.config, TRAIN_ROWS);
    process.exitCode = await train(data, readValues(command, TRAIN_ROWS, config), how);
  });
}

/** What is asked of this run, and is no part of the training. */
interface How {
  readonly dryRun?: boolean;
  readonly resume?: boolean;
}

/** Between two writings of where training is: that much is lost at worst. */
const SECONDS_BETWEEN_CHECKPOINTS = 10;

/** Resolves to the exit code. */
async function train(data: readonly string[], values: Values, { dryRun, resume }: How): Promise<number> {
  const saying = sayingOf({ json: values.json === true, quiet: values.quiet === true });
  const targets = values.target as readonly string[] | undefined;
  if (targets === undefined) throw new ConfigError("--target", "the name of the column to predict", "none");
  const folder = resolve((values.output as string | undefined) ?? ".");
  using _output = dryRun === true ? undefined : await openOutput(folder, TRAINED_FILES);
  const begun = performance.now();
  const whole = await readTable(data, values);
  const plan = planOf(whole, targets, values);
  const { training, test, how } = await divide(whole, targets[0] ?? "", plan.isClasses, values);
  const decisions = [...unsaid(data), ...plan.decisions, { what: "test", why: how }];
  for (const { what, why } of decisions) saying.say(`${what}: ${why}`);
  if (dryRun === true) {
    saying.result(
      "plan",
      { decisions, options: plan.options, rows: { training: training.rows, test: test?.rows ?? 0 } },
      `\n${JSON.stringify(plan.options, null, 2)}`,
    );
    return EXIT.done;
  }
  const checkpoint = await checkpointIn(folder, resume === true, isInRounds(values), saying);
  const stop = new AbortController();
  const onInterrupt = () => {
    if (stop.signal.aborted) {
      saying.rest(); // It shows the cursor again.
      process.exit(EXIT.interrupted); // Twice: whoever asks means it.
    }
    saying.say("\nending at the next step; what is best so far is kept (again: end at once)");
    stop.abort();
  };
  process.on("SIGINT", onInterrupt);
  try {
    const { signal } = stop;
    const {
      model: made,
      curves,
      forget,
    } = isInRounds(values)
      ? await trainInRounds(training, plan.options, {
          values,
          folder,
          resume: resume === true,
          signal,
          saying,
        })
      : await trainNetworks(training, { ...plan.options, checkpoint, signal }, saying);
    using model = made;
    saying.rest();
    sayNotes(model.training.notes, plan, saying);
    const isCut = stop.signal.aborted;
    if (isCut) saying.say("the same command with --resume goes on from here");
    if (model.training.networks.every(({ epochs }) => epochs === 0)) {
      saying.say("no epoch was finished: no model is written");
      return EXIT.interrupted;
    }
    const seconds = (performance.now() - begun) / 1000;
    const { data: said, text } = await writeTraining({
      model,
      whole,
      training,
      test,
      curves,
      decisions,
      data,
      targets,
      values,
      plan,
      folder,
      seconds,
      saying,
    });
    if (!isCut) await forget();
    saying.result("trained", said, text);
    return isCut ? EXIT.interrupted : EXIT.done;
  } catch (error) {
    const places = [join(folder, CHECKPOINT), roundsStore(folder, values.store as string | undefined)];
    throw withWhatIsKept(error, places, "the same command with --resume");
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

type Checkpointed = TrainOptions & { readonly checkpoint: TrainCheckpoint };

async function trainNetworks(table: Table, options: Checkpointed, saying: Saying) {
  const curves: Curve[] = [];
  const onNetwork = ({ history }: NetworkReport) => curves.push(curveOf(history));
  try {
    const model = await trainModel(table, { ...options, onEpoch: watcher(saying), onNetwork });
    return { model, curves, forget: () => forgetCheckpoint(options.checkpoint.folder) };
  } catch (error) {
    throw error instanceof StateError ? otherTraining(error) : error;
  }
}

/** A word on URLs that are shown without what is secret in them: a command that is shown won't do as it stands. */
function unsaid(data: readonly string[]): Decision[] {
  const why = "user, password and what stands behind ? in its URL are written nowhere";
  return data.filter(isSecretPlace).map((place) => ({ what: shownPlace(place), why }));
}

/** Where training is written down, beside what it will write. */
async function checkpointIn(output: string, resume: boolean, inRounds: boolean, saying: Saying) {
  const folder = join(output, CHECKPOINT);
  if (resume && !inRounds && !existsSync(folder))
    saying.say(`nothing to go on from in ${folder}: training begins`);
  if (!resume && (await forgetCheckpoint(folder)))
    saying.say(`training begins again, without what was in ${folder} (--resume goes on from it)`);
  const onLittleRoom = (room: LittleRoom) => saying.say(littleRoomText(room));
  return { folder, resume, everySeconds: SECONDS_BETWEEN_CHECKPOINTS, onLittleRoom };
}

function otherTraining({ message }: StateError): ConfigError {
  return new ConfigError("--resume", "the data and options of the training that was interrupted", message);
}

/** What the training found out, as far as nothing of it was said before. */
function sayNotes(notes: readonly string[], { told }: Plan, saying: Saying): void {
  for (const note of notes) if (!told.includes(note)) saying.say(note);
}

/** Shows each epoch. */
function watcher(saying: Saying): NonNullable<TrainOptions["onEpoch"]> {
  let last = performance.now();
  return ({ rows, validation, ...progress }) => {
    const now = performance.now();
    const examplesPerSecond = (1000 * rows) / Math.max(0.01, now - last);
    last = now;
    saying.progress({ ...progress, validationLoss: validation?.loss, examplesPerSecond });
  };
}

function curveOf({ loss, validation, best }: NetworkReport["history"]): Curve {
  const { epochs = [], loss: losses = [] } = validation ?? {};
  return {
    loss,
    validation: epochs.map((epoch, i) => ({ epoch, loss: losses[i] ?? Number.NaN })),
    best: best?.epoch ?? loss.length,
  };
}
