import { checkSeed } from "../config/config.js";
import { checkBoolean, checkNumber, readOptions } from "../config/validation.js";
import { type Dataset, isRead, type Stream } from "../data/dataset.js";
import { type Examples, type Inputs, type Labels, toExamples } from "../data/examples.js";
import type { Numbers } from "../data/numbers.js";
import { splitExamples } from "../data/split.js";
import { ConfigError, DataError, describe, ShapeError } from "../errors/errors.js";
import type { ResolvedMetric } from "../metrics/metric.js";
import { breathing } from "../platform/breath.js";
import { evaluation, metricsOf, ownScores, PlaceAside, type Scores } from "./evaluation.js";
import type { Observer, Watch, WatchedFit } from "./observer.js";
import { readingOf } from "./open-reading.js";
import { evaluationOfRead } from "./read-evaluation.js";
import type { Reading } from "./reading.js";
import type { ValidationState } from "./watch-state.js";

/** What {@link Network.fit} evaluates the network on after each epoch: other examples, or a part of these. */
export type Validation =
  | {
      readonly x: Inputs;
      readonly y: Labels;
      /** w >= 0 of each of these examples. Default: all 1. The training's `classWeight` isn't theirs. */
      readonly sampleWeight?: Numbers;
    }
  | {
      /** Examples that are read batch by batch at each validation, with weights if these bring some. */
      readonly data: Dataset | Stream;
    }
  | {
      /** The share of the examples that is held back, in (0, 1), with the `sampleWeight` that they have. */
      readonly fraction: number;
      /** Whether each class is held back by the same share. Default false. */
      readonly stratify?: boolean;
      /** Which are: follows from this. Default: the network's seed. */
      readonly seed?: number;
    };

/** {@link Validation} and what goes with it, checked. */
export interface ValidationSettings {
  readonly source:
    | { readonly x: unknown; readonly y: unknown; readonly sampleWeight: unknown }
    | { readonly data: Dataset | Stream }
    | { readonly fraction: number; readonly stratify: boolean; readonly seed: number | undefined };
  readonly every: number;
  /** Not yet looked at: what they may be depends on the network. */
  readonly metrics: unknown;
}

/** Examples of its own. */
type Own = Extract<ValidationSettings["source"], { readonly x: unknown }>;

/** Checks the option `validation`. Raises ConfigError. */
export function resolveValidation(given: unknown): ValidationSettings["source"] {
  if (typeof given === "object" && given !== null && "fraction" in given) {
    refuse(
      given,
      ["x", "y", "sampleWeight", "data"],
      "none beside fraction, which divides fit's own examples",
    );
    const {
      fraction,
      stratify = false,
      seed,
    } = readOptions(
      "validation",
      "validation",
      given as { fraction: number; stratify?: boolean; seed?: number },
    );
    return {
      fraction: checkNumber(
        "validation.fraction",
        fraction,
        "a number in (0, 1)",
        (value) => value > 0 && value < 1,
      ),
      stratify: checkBoolean("validation.stratify", stratify),
      seed: seed === undefined ? undefined : checkSeed("validation.seed", seed),
    };
  }
  const { x, y, sampleWeight, data } = readOptions(
    "validation",
    "validation",
    given as { x: unknown; y: unknown; sampleWeight?: unknown; data?: unknown },
  );
  if (data !== undefined) {
    const others = ["x", "y", "sampleWeight", "stratify", "seed"];
    refuse(given, others, "none beside data, whose batches are { x, y, sampleWeight }");
    if (isRead(data)) return { data };
    const expected = "a data set { length, read } or a stream(…)";
    throw new ConfigError("validation.data", expected, describe(data));
  }
  if (x === undefined || y === undefined) {
    throw new ConfigError("validation", "{ x, y } or { fraction } or { data }", describe(given));
  }
  refuse(given, ["stratify", "seed"], "none beside x and y, which are whole");
  return { x, y, sampleWeight };
}

/** Raises ConfigError for options that would have no effect. */
function refuse(given: unknown, names: readonly string[], expected: string): void {
  const read: Readonly<Record<string, unknown>> = { ...(given as object) };
  const name = names.find((name) => read[name] !== undefined);
  if (name !== undefined) throw new ConfigError(`validation.${name}`, expected, describe(read[name]));
}

/** Evaluates the network on validation examples. `before`: what was found, in a fit that is taken up again. */
export function validation(settings: ValidationSettings, before: ValidationState | undefined): Watch {
  return (fit) => new ValidationObserver(settings, before, fit);
}

class ValidationObserver implements Observer {
  readonly watchesSteps = false;
  readonly #settings: ValidationSettings;
  readonly #fit: WatchedFit;
  readonly #state: ValidationState;
  readonly #metrics: readonly ResolvedMetric[];
  #reading: Reading | undefined;
  #aside: PlaceAside | undefined;

  constructor(settings: ValidationSettings, before: ValidationState | undefined, fit: WatchedFit) {
    const { layers } = fit.trainee;
    this.#settings = settings;
    this.#fit = fit;
    this.#metrics = metricsOf(layers, settings.metrics);
    for (const metric of this.#metrics) {
      if (metric.own !== undefined || metric.type !== "confusionMatrix") continue;
      throw new ConfigError("metrics", "metrics that are numbers, epoch by epoch", '"confusionMatrix"');
    }
    const names = [...ownScores(layers), ...this.#metrics.map(({ key }) => key)];
    this.#state = before ?? {
      epochs: [],
      scores: Object.fromEntries(names.map((name) => [name, []])),
      examples: undefined,
    };
    fit.state.validation = this.#state;
  }

  /** The examples that are left to train on. */
  *begin(examples: Examples): Generator<void, Examples> {
    const { trainee } = this.#fit;
    const { layers, seeds } = trainee;
    const { source } = this.#settings;
    if ("fraction" in source) {
      const seed = source.seed ?? seeds.shuffle;
      const { kept, held } = splitExamples(layers.engine, examples, { ...source, seed });
      this.#state.examples = held;
      return kept;
    }
    if ("data" in source) this.#open(source.data);
    else yield* this.#readOwn(source);
    return examples;
  }

  #open(data: Dataset | Stream): void {
    const { trainee, settings } = this.#fit;
    try {
      const reading = readingOf(data, trainee, settings.signal);
      this.#reading = reading;
      const first = (rows: number) =>
        reading.first(rows).catch((error: unknown) => {
          throw placed(error, "validation.data, ");
        });
      this.#state.reading = { m: reading.m, first };
    } catch (error) {
      throw placed(error, "validation.data.");
    }
  }

  async beginRead(reading: Reading): Promise<Reading | undefined> {
    const { trainee, breath } = this.#fit;
    const { source } = this.#settings;
    if (!("fraction" in source)) {
      if ("data" in source) this.#open(source.data);
      else await breathing(this.#readOwn(source), breath);
      return reading;
    }
    const sides = await reading.holdBack({ ...source, seed: source.seed ?? trainee.seeds.shuffle });
    this.#state.examples = sides?.held;
    return sides?.kept;
  }

  *#readOwn({ x, y, sampleWeight }: Own): Generator<void> {
    const { config, layers } = this.#fit.trainee;
    try {
      this.#state.examples = yield* toExamples(x, y, config, layers.engine, "copied", sampleWeight);
    } catch (error) {
      throw placed(error);
    }
  }

  async epoch(epoch: number): Promise<void> {
    const { trainee, settings, breath } = this.#fit;
    const { examples, epochs, scores } = this.#state;
    const isDue = epoch % this.#settings.every === 0 || epoch === settings.epochs;
    if (!isDue) return;
    const { layers } = trainee;
    const found =
      examples !== undefined
        ? await breathing(evaluation(layers, examples, this.#metrics, this.#placeFor(examples)), breath)
        : this.#reading && (await this.#evaluateRead(this.#reading));
    if (found === undefined) {
      this.#state.isInterrupted = true;
      return;
    }
    epochs.push(epoch);
    for (const [name, values] of Object.entries(scores)) {
      const value = found[name];
      values.push(typeof value === "number" ? value : Number.NaN);
    }
  }

  #placeFor(examples: Examples): PlaceAside | undefined {
    this.#aside ??= new PlaceAside(this.#fit.trainee.layers);
    return this.#aside.isWorth(examples) ? this.#aside : undefined;
  }

  async #evaluateRead(reading: Reading): Promise<Scores | undefined> {
    const { trainee, breath } = this.#fit;
    const { layers } = trainee;
    try {
      return await evaluationOfRead(layers, reading, this.#metrics, breath, () =>
        layers.engine.checkUsable(),
      );
    } catch (error) {
      throw placed(error, "validation.data, ");
    }
  }

  get isInterrupted(): boolean {
    return this.#state.isInterrupted === true;
  }

  close(): void {
    this.#reading?.close();
    this.#aside?.release();
  }
}

/** The same error of validation's data. */
function placed(error: unknown, prefix = "validation."): unknown {
  if (error instanceof ShapeError) return new ShapeError(prefix + error.path, error.expected, error.got);
  if (!(error instanceof DataError)) return error;
  const { path, expected, got, cause } = error;
  return new DataError(prefix + path, expected, got, { cause });
}
