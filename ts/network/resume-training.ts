import { hyperparametersOf } from "../catalog/optimizers.js";
import { checkMetadata, type Metadata } from "../config/metadata.js";
import type { LayersOptions, NetworkOptions } from "../config/network-config.js";
import { checkBoolean, checkCallback, type Given, readOptions } from "../config/validation.js";
import type { Dataset, Stream } from "../data/dataset.js";
import type { Inputs, Labels } from "../data/examples.js";
import type { MathName } from "../engine/math.js";
import { checkCompute, sharedEngine } from "../engine/start.js";
import { withRoom } from "../engine/with-room.js";
import { ConfigError, describe, StateError } from "../errors/errors.js";
import { type CheckpointOptions, resolveCheckpoint } from "../files/checkpoint-options.js";
import { storeOrFiles } from "../files/chosen-store.js";
import { checkIsCheckpoint, decodeOurs, dtypeIn, isOurs, mathIn } from "../files/decode.js";
import { differenceFrom, givenNetworkOptions, withGivenLoss } from "../files/given-options.js";
import { type Recovery, readNewest, warnOfRecovery } from "../files/newest.js";
import type { Checkpoint } from "../files/read-checkpoint.js";
import { parseSafetensors, tensorBytes } from "../files/safetensors.js";
import { unknownFile } from "../files/sequential.js";
import { checkPath, type ModelStore } from "../files/store.js";
import type { AnyLayerParametersInput } from "../model/parameters.js";
import { CLIP_LIMITS } from "../training/clip.js";
import type { Optimizer } from "../training/optimizer.js";
import type { ClassScores, NumberScores } from "../training/scores.js";
import type { FitState, History } from "../training/state.js";
import { makeNetwork } from "./create-network.js";
import type { ComputeOptions } from "./create-options.js";
import { readArguments } from "./fit-arguments.js";
import { type FitOptions, type FitSettings, resolveGivenFitOptions } from "./fit-options.js";
import type { AnyForm, WidthsForm } from "./forms.js";
import type { AnyNetwork, Network } from "./network.js";

/**
 * What {@link resumeTraining} takes. The file holds the options of the network and of fit: those that are
 * given must be the same (a new optimizer with the same hyperparameters takes over the old one's state).
 * What has data of its own is given again: `validation` with its `metrics`, `sampleWeight`, `classWeight`. Callbacks and the signal are new.
 */
export interface ResumeOptions
  extends Partial<NetworkOptions>,
    Partial<LayersOptions>,
    Omit<Partial<FitOptions>, "checkpoint">,
    ComputeOptions {
  /** How the checkpoints go on. Default: as before, to the same path. */
  readonly checkpoint?: Partial<CheckpointOptions>;
  /** Where the path is looked up. Default: `checkpoint.store`, else the file system in Node. */
  readonly store?: ModelStore;
  /**
   * What training goes on from in place of the file's parameters, as {@link Network.setParameters} takes it: such as the mean of
   * several networks in training. The optimizer's state is the file's. Default: the file's.
   */
  readonly parameters?: readonly AnyLayerParametersInput[];
  /** The network's texts, in place of those in the file, with which they aren't compared. */
  readonly metadata?: Metadata;
  /** As in {@link CreateOptions}. Default: the checkpoint's. ConfigError where it is, or has to be, another, unless `changeMath` is true. */
  readonly math?: MathName;
  /** Whether a fit may go on with other math than it was begun with, and so to other bits. Default false. */
  readonly changeMath?: boolean;
  /** Called when the newest generation is missing or damaged and an older one is taken. Default: a warning on the console. */
  readonly onRecovery?: (recovery: Recovery) => void;
}

/** What {@link resumeTraining} resolves to. */
export interface ResumedTraining<
  Scores extends ClassScores | NumberScores = ClassScores,
  Form extends AnyForm = WidthsForm,
> {
  readonly network: Network<Scores, Form>;
  /** Of the whole fit, from its first epoch. */
  readonly history: History;
  /** Has the state that it would have without the interruption. */
  readonly optimizer: Optimizer;
  /** Undefined where the newest checkpoint was taken. */
  readonly recovery: Recovery | undefined;
}

/**
 * Goes on with the fit that wrote this checkpoint, to its end: parameters, optimizer and history are to
 * the bit those of a fit that wasn't interrupted. x and y must be the same data set.
 * Rejects with StateError naming the field for another configuration or data set, with ConfigError for other math, with FormatError or
 * StorageError where no checkpoint can be read, and as {@link Network.fit} does.
 */
export function resumeTraining<
  Scores extends ClassScores | NumberScores = ClassScores,
  Form extends AnyForm = WidthsForm,
>(path: string | URL, x: Inputs, y: Labels, options?: ResumeOptions): Promise<ResumedTraining<Scores, Form>>;
/** The same of data that are read batch by batch: a stream's are read again up to the place where the fit was. */
export function resumeTraining<
  Scores extends ClassScores | NumberScores = ClassScores,
  Form extends AnyForm = WidthsForm,
>(
  path: string | URL,
  data: Dataset | Stream,
  options?: ResumeOptions,
): Promise<ResumedTraining<Scores, Form>>;
export async function resumeTraining<
  Scores extends ClassScores | NumberScores = ClassScores,
  Form extends AnyForm = WidthsForm,
>(path: string | URL, ...args: readonly unknown[]): Promise<ResumedTraining<Scores, Form>> {
  const { x, y, options = {} } = readArguments<ResumeOptions>("resumeTraining", args);
  const read = readOptions("resumeTraining", "options", options);
  const { onRecovery } = read;
  checkCallback("onRecovery", onRecovery);
  const name = checkPath("path", path);
  // Once: what it holds are the options' own, and not what their getters give later.
  const schedule = readOptions("checkpoint", "checkpoint", read.checkpoint);
  const store = storeOrFiles("store", read.store === undefined ? schedule.store : read.store);
  const given = resolveGivenFitOptions(fitOptions(read));
  const compute = checkCompute(read);
  const changesMath = read.changeMath !== undefined && checkBoolean("changeMath", read.changeMath);
  const metadata = read.metadata === undefined ? undefined : checkMetadata(read.metadata);
  const { decoded, recovery } = await withRoom(() => readNewest(store, name, decodeCheckpoint));
  checkSameOptions(decoded, read, given);
  const asked = read.math === undefined ? decoded.math : compute.math;
  const before = { ...decoded.schedule, path: name, store };
  const checkpoint = resolveCheckpoint(schedule, before);
  if (recovery !== undefined) (onRecovery ?? warnOfRecovery)(recovery);

  const { config } = withGivenLoss(decoded, givenNetworkOptions(read));
  const network = await makeNetwork<Scores, Form>(
    { ...compute, math: asked },
    config,
    decoded.seeds,
    decoded,
    metadata,
  );
  try {
    if (!changesMath) checkSameMath(decoded.math, network.runtime.math, network.runtime.mathReason);
    const optimizer = read.optimizer === undefined ? decoded.optimizer : given.optimizer;
    restore(optimizer, network, decoded);
    if (read.parameters !== undefined) {
      network.setParameters(read.parameters as readonly Form["parametersInput"][]); // checked there
    }
    const own = { optimizer, ownsOptimizer: false, checkpoint };
    const settings = { ...given, ...decoded.settings, ...watchSettings(decoded.state), ...own };
    const history = await network.runFit(x, y, settings, decoded);
    return { network, history, optimizer, recovery };
  } catch (error) {
    network.dispose();
    throw error;
  }
}

async function decodeCheckpoint(bytes: Uint8Array): Promise<Checkpoint> {
  const file = parseSafetensors(bytes);
  if (!isOurs(file)) throw unknownFile(file);
  const decoded = decodeOurs(await sharedEngine(dtypeIn(file), mathIn(file)), file);
  checkIsCheckpoint(decoded);
  return decoded;
}

/** What is given of the options. */
type GivenOptions = Given<ResumeOptions, "resumeTraining">;

/** Fit's options among them; the checkpoint's are resolved apart, and it knows the epochs. */
function fitOptions({ checkpoint: _, ...given }: GivenOptions): Given<FitOptions, "fit"> {
  return { epochs: 0, ...given };
}

/** Raises ConfigError where a fit would go on with other math than it was begun with. */
function checkSameMath(before: MathName, math: MathName, why?: string): void {
  if (math === before) return;
  const got = why === undefined ? describe(math) : `${describe(math)}: ${why}`;
  throw new ConfigError("math", `${describe(before)}, as in the checkpoint, or changeMath: true`, got);
}

/** Raises StateError for the first option that is given and isn't as in the checkpoint. */
function checkSameOptions(checkpoint: Checkpoint, options: GivenOptions, given: FitSettings): void {
  const difference = differenceFrom(checkpoint.config, givenNetworkOptions(options));
  if (difference !== undefined) throw new StateError(difference.field, difference.expected, difference.got);
  const { settings, data } = checkpoint;
  const batchSize = Math.min(given.batchSize, data.rows);
  const { epochs, accumulate, l1, l2, keepProb } = given;
  const values = { epochs, batchSize, accumulate, l1, l2, keepProb };
  for (const field of ["epochs", "batchSize", "accumulate", "l1", "l2", "keepProb"] as const) {
    if (options[field] === undefined || values[field] === settings[field]) continue;
    throw new StateError(field, `${settings[field]}, as in the checkpoint`, `${values[field]}`);
  }
  for (const name of CLIP_LIMITS) {
    const [before, now] = [settings.clip[name] || "none", given.clip[name] || "none"];
    if (options.clip === undefined || before === now) continue;
    throw new StateError(`clip.${name}`, `${before}, as in the checkpoint`, `${now}`);
  }
  checkSameWatch(checkpoint, given);
  if (options.optimizer !== undefined) checkSameOptimizer(checkpoint.optimizer, given.optimizer);
}

/** What watches the fit by options alone, as the checkpoint has it. */
function watchSettings({ stopping, plateau, average }: FitState) {
  return {
    earlyStopping: stopping?.settings,
    reduceOnPlateau: plateau?.settings,
    weightAverage: average?.settings,
  };
}

/** Raises StateError where what watches the fit isn't as in the checkpoint: the validation must be given again, since it has data. */
function checkSameWatch({ state }: Checkpoint, given: FitSettings): void {
  const [was, is] = [state.validation, given.validation].map((value) => value !== undefined);
  if (was && !is) throw new StateError("validation", "the fit's, as the checkpoint says", "none");
  if (is && !was) throw new StateError("validation", "none, as in the checkpoint", "one");
  const watches = watchSettings(state);
  for (const field of ["earlyStopping", "reduceOnPlateau", "weightAverage"] as const) {
    if (given[field] === undefined) continue;
    const [before = "none", now] = [watches[field], given[field]].map((value) => JSON.stringify(value));
    if (before !== now) throw new StateError(field, `${before}, as in the checkpoint`, `${now}`);
  }
}

function checkSameOptimizer(expected: Optimizer, given: Optimizer): void {
  if (given.rule !== expected.rule) {
    throw new StateError("optimizer", `${expected.rule}, as in the checkpoint`, given.rule);
  }
  if (given.steps > 0) throw new StateError("optimizer", "a new one", `one with ${given.steps} steps`);
  const [rate, now] = [expected.learningRate, given.learningRate].map((value) => JSON.stringify(value));
  if (rate !== now) throw new StateError("optimizer.learningRate", `${rate}, as in the checkpoint`, `${now}`);
  for (const { key } of hyperparametersOf(given.rule)) {
    const [before, now] = [expected.hyperparameters[key], given.hyperparameters[key]];
    if (before !== now) throw new StateError(`optimizer.${key}`, `${before}, as in the checkpoint`, `${now}`);
  }
}

/** The optimizer's state and moments ← the checkpoint's. */
function restore(optimizer: Optimizer, network: AnyNetwork, checkpoint: Checkpoint): void {
  const { layers } = network.trainee;
  optimizer.resume(layers, checkpoint.optimizerState);
  checkpoint.moments.forEach((tensor, i) => {
    const moment = optimizer.moments[i];
    if (moment === undefined) return;
    const numbers = layers.newNumbers(moment.length);
    new Uint8Array(numbers.buffer).set(tensorBytes(checkpoint.file, tensor));
    moment.write(numbers);
    layers.intoPanels(moment);
  });
}
