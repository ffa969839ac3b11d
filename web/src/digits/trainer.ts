import type { StepReport } from "../../../ts/index.js";
import { nextTurn } from "../../../ts/platform/breath.js";
import { failureOf } from "../failure.js";
import { Gate } from "./gate.js";
import type { Answer, DigitSettings, Request } from "./messages.js";
import { type LabelledImages, Mnist } from "./mnist.js";
import { DigitReader } from "./reader.js";

/** Milliseconds between two reports. */
const REPORT_INTERVAL = 80;

/** Milliseconds between two looks at a part of the test images. */
const QUICK_TEST_INTERVAL = 1000;
const QUICK_TEST_EXAMPLES = 1000;

/** Trains a reader of digits as the page asks, and lets it read meanwhile. */
export class DigitsTrainer {
  readonly #post: (answer: Answer) => void;
  readonly #mnist: Mnist;
  readonly #gate = new Gate();
  #reader: DigitReader | undefined;
  #training: Promise<void> = Promise.resolve();
  #abort = new AbortController();

  constructor(mnistFolder: string, post: (answer: Answer) => void) {
    this.#post = post;
    this.#mnist = new Mnist(mnistFolder);
    void this.#guarded(() => this.#mnist.open());
  }

  receive(request: Exclude<Request, { type: "open" }>): void {
    if (request.type === "pause") this.#gate.close();
    else if (request.type === "resume") this.#gate.open();
    else if (request.type === "classify") this.#classify(request.pixels);
    else if (request.type === "testImage") void this.#guarded(() => this.#testImage(request.index));
    else if (request.type === "reset") this.#follow(request.run, () => this.#mnist.open());
    else this.#follow(request.run, (signal) => this.#train(request.run, request.settings, signal));
  }

  /** Ends what runs, forgets the network, then works. */
  #follow(run: number, work: (signal: AbortSignal) => Promise<void>): void {
    this.#abort.abort();
    this.#gate.open();
    const abort = new AbortController();
    this.#abort = abort;
    this.#training = this.#training.then(() =>
      this.#guarded(
        async () => {
          this.#reader?.dispose();
          this.#reader = undefined;
          await work(abort.signal);
        },
        { run, signal: abort.signal },
      ),
    );
  }

  async #train(run: number, settings: DigitSettings, signal: AbortSignal): Promise<void> {
    const { train, test } = await this.#mnist.load(settings.examples, (received, total) =>
      this.#post({ type: "downloading", received, total }),
    );
    if (signal.aborted) return;
    const reader = await DigitReader.open(settings);
    this.#reader = reader;
    const { parameterCount, network } = reader;
    this.#post({ type: "ready", run, parameterCount, runtime: network.runtime });
    const onStep = this.#reporter(run, reader, test);
    while (reader.epoch < settings.epochs) {
      if (!(await reader.trainEpoch(train, signal, onStep))) return;
      this.#post({ type: "tested", run, ...(await reader.test(test)) });
      await nextTurn();
      await this.#gate.passed();
      if (signal.aborted) return;
    }
    this.#post({ type: "finished", run });
  }

  /** Reports now and then; makes the training wait while the gate is closed. */
  #reporter(run: number, reader: DigitReader, test: LabelledImages) {
    const nothing = { loss: 0, examples: 0 };
    let sum = nothing;
    let last = performance.now();
    let lastQuickTest = 0;
    return ({ step, stepsPerEpoch, loss, examples }: StepReport): Promise<void> | undefined => {
      sum = { loss: sum.loss + loss * examples, examples: sum.examples + examples };
      const now = performance.now();
      const pause = this.#gate.passed();
      // The last step too: the curve ends where the epoch does.
      if (now - last >= REPORT_INTERVAL || pause !== undefined || step === stepsPerEpoch) {
        // At an epoch's end all test images are looked at anyhow.
        const isQuickTest = reader.epoch === 0 && now - lastQuickTest >= QUICK_TEST_INTERVAL;
        if (isQuickTest) lastQuickTest = now;
        this.#post({
          type: "progress",
          run,
          epoch: reader.epoch + 1,
          step,
          stepsPerEpoch,
          loss: sum.loss / sum.examples,
          examplesPerSecond: (1000 * sum.examples) / (now - last),
          quickAccuracy: isQuickTest ? reader.accuracyOn(test, QUICK_TEST_EXAMPLES) : undefined,
        });
        sum = nothing;
        last = performance.now();
      }
      return pause?.then(() => {
        last = performance.now();
      });
    };
  }

  #classify(pixels: Uint8Array): void {
    this.#post({ type: "classified", probabilities: this.#reader?.read(pixels) });
  }

  async #testImage(index: number): Promise<void> {
    this.#post({ type: "testImage", ...(await this.#mnist.testImage(index)) });
  }

  /** Tells the page what failed, unless it has asked for something else meanwhile. */
  async #guarded(
    work: () => Promise<void>,
    about: { readonly run?: number; readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (about.signal?.aborted) return;
      const run = about.run === undefined ? {} : { run: about.run };
      this.#post({ type: "failed", ...run, failure: failureOf(error) });
    }
  }
}
