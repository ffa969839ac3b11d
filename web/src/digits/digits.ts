import type { Runtime } from "../../../ts/index.js";
import type { Address } from "../address.js";
import { context2d } from "../canvas-size.js";
import { ConfusionTable } from "../confusion-table.js";
import { type Failure, NO_WORKER, sentenceOf } from "../failure.js";
import { epochsDone, percentage, roundNumber, wholeNumber } from "../numbers.js";
import { pageElement } from "../page-element.js";
import { StreamChart } from "../stream-chart.js";
import { toDigit } from "./centre.js";
import { Download } from "./download.js";
import { DrawingPad } from "./drawing-pad.js";
import type { Answer, DigitSettings, Progress, Request, TestResult } from "./messages.js";
import { ProbabilityBars } from "./probability-bars.js";

const SIDE = 28;
const CHART = "Training loss and test accuracy";
const DIGIT_NAMES = Array.from({ length: 10 }, (_, digit) => String(digit));

type State = "new" | "training" | "paused" | "finished";
const START_TEXT: Record<State, string> = {
  new: "Train",
  training: "Pause",
  paused: "Resume",
  finished: "Train again",
};

/** The second tab: a network learns to read digits, and reads those that are drawn. */
export class Digits {
  readonly #address: Address;
  readonly #onRuntime: (runtime: Runtime) => void;
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "digits" });
  readonly #chart = new StreamChart(pageElement("digits-chart", HTMLElement), "Epoch", [
    { label: "Training loss", color: "--curve-0", scale: "loss" },
    { label: "Test accuracy", color: "--curve-1", scale: "share", dashed: true },
  ]);
  readonly #bars = new ProbabilityBars(pageElement("probabilities", HTMLElement));
  readonly #confusion = new ConfusionTable(pageElement("confusion", HTMLTableElement));
  readonly #progress = pageElement("digits-progress", HTMLProgressElement);
  readonly #startButton = pageElement("digits-start", HTMLButtonElement);
  readonly #download = new Download();
  readonly #pad: DrawingPad;
  #state: State = "new";
  #run = 0;
  #epochs = 0;
  #pixels: Uint8Array<ArrayBuffer> | undefined;
  /** A question is out; and whether the digit has changed since. */
  #asked: "no" | "yes" | "again" = "no";
  #testImages = 0;

  constructor(address: Address, onRuntime: (runtime: Runtime) => void) {
    this.#address = address;
    this.#onRuntime = onRuntime;
    this.#fillForm();
    this.#pad = new DrawingPad(pageElement("pad", HTMLCanvasElement), (strokes) => {
      pageElement("test-label", HTMLElement).textContent = "";
      this.#showDigit(toDigit(strokes));
    });
    const on = (id: string, act: () => void) => pageElement(id, HTMLElement).addEventListener("click", act);
    on("digits-start", () => this.#startOrPause());
    on("digits-reset", () => this.#reset());
    on("clear-pad", () => this.#pad.clear());
    on("test-digit", () => this.#ask({ type: "testImage", index: 37 * this.#testImages++ }));
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => this.#receive(data));
    this.#worker.addEventListener("error", ({ message }) => {
      this.#setState("new");
      this.#startButton.disabled = true;
      this.#say(message === undefined ? NO_WORKER : sentenceOf({ kind: "other", detail: message }));
    });
    this.#ask({ type: "open", mnistFolder: new URL("mnist/", document.baseURI).href });
  }

  #fillForm(): void {
    const form = pageElement("digits-settings", HTMLFormElement);
    for (const control of form.elements) {
      if (!(control instanceof HTMLInputElement || control instanceof HTMLSelectElement)) continue;
      const opened = this.#address.opened(control.name);
      const before = control.value;
      if (opened !== null) control.value = opened;
      if (control.value === "" || !control.checkValidity()) control.value = before;
    }
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => this.#updateAddress());
    this.#updateAddress();
  }

  #settings(): DigitSettings {
    const threads = pageElement("digit-threads", HTMLSelectElement).value;
    return {
      examples: Number(pageElement("digit-examples", HTMLSelectElement).value),
      epochs: Number(pageElement("digit-epochs", HTMLInputElement).value),
      seed: Number(pageElement("digit-seed", HTMLInputElement).value),
      threads: threads === "auto" ? "auto" : Number(threads),
    };
  }

  #updateAddress(): void {
    const { examples, epochs, seed, threads } = this.#settings();
    this.#address.set("digits", [
      ["digitExamples", String(examples)],
      ["digitEpochs", String(epochs)],
      ["digitSeed", String(seed)],
      ["digitThreads", String(threads)],
    ]);
  }

  #startOrPause(): void {
    if (this.#state === "training") this.#pause();
    else if (this.#state === "paused") this.#resume();
    else this.#train();
  }

  #train(): void {
    if (!pageElement("digits-settings", HTMLFormElement).reportValidity()) return;
    const settings = this.#settings();
    this.#forget();
    this.#epochs = settings.epochs;
    this.#setState("training");
    this.#say("Getting the images…");
    this.#ask({ type: "train", run: this.#run, settings });
  }

  #pause(): void {
    this.#setState("paused");
    this.#say("Paused.");
    this.#ask({ type: "pause" });
  }

  #resume(): void {
    this.#setState("training");
    this.#say("Training…");
    this.#ask({ type: "resume" });
  }

  #reset(): void {
    this.#forget();
    this.#setState("new");
    this.#startButton.disabled = false;
    this.#say("Ready.");
    this.#ask({ type: "reset", run: this.#run });
  }

  #forget(): void {
    this.#run += 1;
    this.#chart.clear();
    this.#confusion.show(DIGIT_NAMES, undefined);
    this.#bars.show(undefined);
    this.#progress.value = 0;
    for (const id of ["digits-epoch", "digits-loss", "digits-accuracy", "digits-speed"]) {
      pageElement(id, HTMLElement).textContent = "–";
    }
    pageElement("digits-fingerprint", HTMLOutputElement).value = "–";
    pageElement("digits-chart", HTMLElement).ariaLabel = CHART;
    this.#sayProgress("Nothing trained yet");
    this.#download.restart();
  }

  #failed(failure: Failure, run: number | undefined): void {
    if (run !== undefined) this.#setState("new");
    this.#say(sentenceOf(failure));
    // Without these there is nothing to train with; but a network that is there has what it needs.
    const isLasting = failure.kind === "images" || failure.kind === "kernels";
    if (isLasting && this.#state === "new") this.#startButton.disabled = true;
  }

  #sayProgress(text: string): void {
    pageElement("digits-progress-text", HTMLElement).textContent = text;
  }

  #receive(answer: Answer): void {
    if ("run" in answer && answer.run !== this.#run) return; // of a network that is gone
    if (answer.type === "downloading") this.#downloading(answer.received, answer.total);
    else if (answer.type === "ready") this.#ready(answer.parameterCount, answer.runtime);
    else if (answer.type === "progress") this.#progressed(answer);
    else if (answer.type === "tested") this.#tested(answer);
    else if (answer.type === "finished") {
      this.#finished();
    } else if (answer.type === "classified") this.#classified(answer.probabilities);
    else if (answer.type === "testImage") {
      this.#pad.clear();
      pageElement("test-label", HTMLElement).textContent = `A test image; it was meant as a ${answer.label}.`;
      this.#showDigit(Uint8Array.from(answer.pixels));
    } else this.#failed(answer.failure, answer.run);
  }

  /** Whoever watches the training is brought to the pad, where it is out of sight. */
  #finished(): void {
    this.#setState("finished");
    this.#say("Finished. Draw a digit.");
    const isSeen = (id: string) => {
      const { top, bottom } = pageElement(id, HTMLElement).getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    };
    const card = pageElement("draw-heading", HTMLElement).parentElement;
    if (isSeen("digits-progress") && !isSeen("pad")) card?.scrollIntoView({ block: "start" });
  }

  #downloading(received: number, total: number): void {
    this.#progress.value = received / total;
    this.#sayProgress(this.#download.note(received, total, performance.now()));
  }

  #ready(parameterCount: number, runtime: Runtime): void {
    this.#onRuntime(runtime);
    this.#say(this.#state === "paused" ? "Paused." : `Training ${wholeNumber(parameterCount)} parameters…`);
  }

  #progressed({ epoch, step, stepsPerEpoch, loss, examplesPerSecond, quickAccuracy }: Progress): void {
    const done = epoch - 1 + step / stepsPerEpoch;
    this.#progress.value = done / this.#epochs;
    this.#sayProgress(
      `Epoch ${epoch} of ${this.#epochs}, step ${wholeNumber(step)} of ${wholeNumber(stepsPerEpoch)}`,
    );
    this.#chart.add(done, loss, quickAccuracy ?? null);
    pageElement("digits-epoch", HTMLElement).textContent = epochsDone(done);
    pageElement("digits-loss", HTMLElement).textContent = loss.toPrecision(3);
    pageElement("digits-speed", HTMLElement).textContent = roundNumber(examplesPerSecond);
    if (quickAccuracy !== undefined) this.#showAccuracy(`≈ ${percentage(quickAccuracy)}`);
    this.#classify();
  }

  #tested({ epoch, accuracy, confusion, fingerprint }: TestResult): void {
    this.#chart.add(epoch, null, accuracy);
    this.#progress.value = epoch / this.#epochs;
    this.#sayProgress(`Epoch ${epoch} of ${this.#epochs} done`);
    pageElement("digits-epoch", HTMLElement).textContent = epochsDone(epoch);
    this.#confusion.show(DIGIT_NAMES, confusion);
    this.#showAccuracy(percentage(accuracy, 2));
    const output = pageElement("digits-fingerprint", HTMLOutputElement);
    output.value = fingerprint ?? "needs a secure page (https)";
    output.setAttribute("data-epoch", String(epoch));
    const chart = pageElement("digits-chart", HTMLElement);
    chart.ariaLabel = `${CHART}. After ${epoch} epochs ${percentage(accuracy)} of the test images are read right.`;
    this.#classify();
  }

  #showAccuracy(text: string): void {
    pageElement("digits-accuracy", HTMLElement).textContent = text;
  }

  #showDigit(pixels: Uint8Array<ArrayBuffer> | undefined): void {
    this.#pixels = pixels;
    const context = context2d(pageElement("seen", HTMLCanvasElement));
    context.clearRect(0, 0, SIDE, SIDE);
    if (pixels !== undefined) {
      const image = context.createImageData(SIDE, SIDE);
      pixels.forEach((pixel, i) => {
        image.data.set([pixel, pixel, pixel, 255], 4 * i);
      });
      context.putImageData(image, 0, 0);
    }
    this.#classify();
  }

  /** Asks for the digit's probabilities, one question at a time. */
  #classify(): void {
    if (this.#pixels === undefined) {
      this.#bars.show(undefined);
      this.#sayRead("");
    } else if (this.#asked !== "no") {
      this.#asked = "again";
    } else {
      this.#asked = "yes";
      this.#ask({ type: "classify", pixels: this.#pixels });
    }
  }

  #classified(probabilities: Float32Array | undefined): void {
    const again = this.#asked === "again";
    this.#asked = "no";
    if (this.#pixels === undefined) return;
    this.#bars.show(probabilities);
    const best = probabilities?.indexOf(Math.max(...probabilities)) ?? -1;
    this.#sayRead(best < 0 ? "Train the network first: it hasn’t seen a digit yet." : `It reads: ${best}`);
    if (again) this.#classify();
  }

  #sayRead(text: string): void {
    const output = pageElement("read", HTMLElement);
    if (output.textContent !== text) output.textContent = text;
  }

  #setState(state: State): void {
    this.#state = state;
    this.#startButton.textContent = START_TEXT[state];
    this.#startButton.classList.toggle("running", state === "training");
  }

  #ask(request: Request): void {
    this.#worker.postMessage(request);
  }

  #say(text: string): void {
    pageElement("digits-status", HTMLElement).textContent = text;
  }
}
