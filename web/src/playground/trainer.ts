import { nextTurn } from "../../../ts/platform/breath.js";
import { failureOf } from "../failure.js";
import { arraysOf } from "../fingerprint.js";
import type { DataSet } from "./data-set.js";
import type { Answer, Request, Snapshot } from "./messages.js";
import { pointsOf } from "./plane.js";
import { type Ending, Session } from "./session.js";
import type { Settings } from "./settings.js";

/** Epochs that take about this long are trained in one go, in milliseconds. */
const CHUNK = 12;

/** Milliseconds between two snapshots: a picture for every second frame. */
const SNAPSHOT_INTERVAL = 33;

/** A snapshot may take this share of the time. */
const SNAPSHOT_SHARE = 0.25;

/** Of what was measured for the speed, this share still counts at the next snapshot, so that it doesn't flicker. */
const MEMORY = 0.9;

const NONE = new Float32Array(0);

type Unnumbered<T> = T extends unknown ? Omit<T, "run"> : never;

/**
 * Trains one network after another as the page asks. It stops at ends of epochs only, so that what a network
 * has become depends on the number of epochs and not on when someone paused.
 */
export class Trainer {
  readonly #post: (answer: Answer) => void;
  #session: Session | undefined;
  #data: DataSet | undefined;
  /** Where the network is asked what the plane shows. */
  #points: ReturnType<typeof pointsOf>;
  #run = 0;
  #training: Promise<void> | undefined;
  #stopAsked = false;
  #epochsPerSecond = 60;
  #pageIsDrawing = false;
  /** Requests are served one after the other; only training goes on beside them. */
  #served: Promise<void> = Promise.resolve();

  constructor(post: (answer: Answer) => void) {
    this.#post = post;
  }

  receive(request: Request): void {
    if (request.type === "drawn") this.#pageIsDrawing = false;
    else if (request.type === "pace") this.#epochsPerSecond = request.epochsPerSecond;
    else this.#served = this.#served.then(() => this.#serve(request));
  }

  async #serve(request: Request): Promise<void> {
    try {
      if (request.type === "configure") await this.#configure(request.run, request.settings, request.data);
      else if (request.type === "start") this.#train(request.until);
      else if (request.type === "step") this.#train((this.#session?.epoch ?? 0) + 1);
      else if (request.type === "pause") this.#stopAsked = true;
      else if (request.type === "checkGradients") this.#checkGradients();
    } catch (error) {
      this.#answerFailed(error);
    }
  }

  async #configure(run: number, settings: Settings, data: DataSet): Promise<void> {
    this.#stopAsked = true;
    await this.#training;
    await this.#session?.dispose();
    this.#session = undefined;
    this.#run = run;
    this.#data = data;
    this.#points = pointsOf(data.view);
    if (data.train.labels.length === 0) return;
    const session = await Session.open(settings, data);
    this.#session = session;
    const blocks = arraysOf(session.network.parameters());
    const parameterCount = blocks.reduce((sum, { length }) => sum + length, 0);
    const layerDims = [data.inputs, ...session.network.parameters().flatMap(widthOf)];
    await this.#sendSnapshot(session, 0);
    this.#answer({ type: "ready", layerDims, parameterCount, runtime: session.network.runtime });
  }

  #train(until: number): void {
    const session = this.#session;
    if (session === undefined) throw new Error("There is no network to train.");
    if (this.#training !== undefined) return;
    this.#stopAsked = false;
    this.#training = this.#trainUntil(session, until)
      .catch((error: unknown) => this.#answerFailed(error))
      .finally(() => {
        this.#training = undefined;
      });
  }

  async #trainUntil(session: Session, until: number): Promise<void> {
    const began = performance.now();
    const firstEpoch = session.epoch;
    let perEpoch = CHUNK;
    let recent = { epochs: 0, milliseconds: 0 };
    let shownEpoch = session.epoch;
    let nextSnapshot = 0;
    let speed = 0;
    const examples = this.#data?.train.labels.length ?? 0;
    let ending: Ending | undefined;
    while (!this.#stopAsked && session.epoch < until && ending !== "earlyStopping") {
      const due = Number.isFinite(this.#epochsPerSecond)
        ? firstEpoch + 1 + ((performance.now() - began) / 1000) * this.#epochsPerSecond
        : until;
      const epochs = Math.floor(Math.min(until, due) - session.epoch);
      if (epochs >= 1) {
        const start = performance.now();
        const chunk = Math.max(1, Math.min(epochs, Math.floor(CHUNK / perEpoch)));
        const before = session.epoch;
        await session.train(chunk);
        ending = session.ending;
        const took = performance.now() - start;
        const trained = Math.max(1, session.epoch - before);
        perEpoch = Math.max(took / trained, 1e-3);
        recent = { epochs: recent.epochs + trained, milliseconds: recent.milliseconds + took };
      }
      if (!this.#pageIsDrawing && performance.now() >= nextSnapshot && session.epoch > shownEpoch) {
        const start = performance.now();
        speed = (1000 * examples * recent.epochs) / recent.milliseconds;
        recent = { epochs: MEMORY * recent.epochs, milliseconds: MEMORY * recent.milliseconds };
        shownEpoch = session.epoch;
        await this.#sendSnapshot(session, speed);
        const took = performance.now() - start;
        nextSnapshot = start + Math.max(SNAPSHOT_INTERVAL, took / SNAPSHOT_SHARE);
      }
      await (epochs >= 1 ? nextTurn() : new Promise((resolve) => setTimeout(resolve, 4)));
    }
    const fingerprint = await this.#sendSnapshot(session, speed);
    const restored = ending !== undefined && session.restoresBest ? session.best : undefined;
    this.#answer({ type: "stopped", epoch: session.epoch, fingerprint, ending, restored });
  }

  /** Returns the fingerprint. */
  async #sendSnapshot(session: Session, examplesPerSecond: number): Promise<string | undefined> {
    const fingerprint = await session.fingerprint();
    const answers = this.#points === undefined ? NONE : session.answersAt(this.#points);
    const predictions = this.#predictions(session);
    const snapshot: Snapshot = {
      epoch: session.epoch,
      train: session.scoreTrain(),
      test: session.scoreTest(),
      validationLoss: session.validationLoss,
      best: session.best,
      learningRate: session.learningRate,
      examplesPerSecond,
      answers,
      predictions,
      fingerprint,
    };
    this.#pageIsDrawing = true;
    this.#answer({ type: "snapshot", snapshot });
    return fingerprint;
  }

  #predictions(session: Session): Snapshot["predictions"] {
    if (this.#data?.task !== "numbers") return undefined;
    const { train, validation, test } = this.#data;
    return {
      train: session.answersFor(train),
      validation: session.answersFor(validation),
      test: session.answersFor(test),
    };
  }

  #checkGradients(): void {
    if (this.#session === undefined) return;
    const start = performance.now();
    const { ok, blocks, examples, report } = this.#session.checkGradients();
    const milliseconds = performance.now() - start;
    this.#answer({
      type: "gradientsChecked",
      findings: { ok, blocks, examples, milliseconds, report: report() },
    });
  }

  #answerFailed(error: unknown): void {
    this.#answer({ type: "failed", failure: failureOf(error) });
  }

  #answer(answer: Unnumbered<Answer>): void {
    this.#post({ ...answer, run: this.#run });
  }
}

/** The units of a layer. */
function widthOf(layer: ReturnType<Session["network"]["parameters"]>[number]): number[] {
  return "weights" in layer ? [layer.weights.rows] : [];
}
