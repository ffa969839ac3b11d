import { percentage, roundNumber, wholeNumber } from "../numbers.js";
import { pageElement } from "../page-element.js";
import { StreamChart } from "../stream-chart.js";
import { BoundaryView } from "./boundary-view.js";
import type { Snapshot } from "./messages.js";

/** The numbers of a network that isn't there yet. */
const NOTHING = {
  epoch: "0",
  "train-loss": "–",
  "train-accuracy": "–",
  "test-loss": "–",
  "test-accuracy": "–",
  speed: "–",
  fingerprint: "–",
};

const PLANE = "The plane with its examples and the decision boundary";

/** What a snapshot looks like: the plane, the curves and the numbers. */
export class Results {
  readonly #boundary = new BoundaryView(pageElement("boundary", HTMLCanvasElement));
  readonly #chart = new StreamChart(pageElement("loss-chart", HTMLElement), "Epoch", [
    { label: "Training loss", color: "--curve-0", scale: "loss" },
    { label: "Test loss", color: "--curve-1", scale: "loss", dashed: true },
  ]);
  #lastEpoch = -1;
  #latest: Snapshot | undefined;

  /** Of a network that is gone; the plane keeps its picture until the next is there, unless none follows. */
  clear(isNoneToFollow: boolean): void {
    this.#latest = undefined;
    this.#showTexts(NOTHING);
    this.#chart.clear();
    this.#lastEpoch = -1;
    pageElement("fingerprint", HTMLOutputElement).removeAttribute("data-epoch");
    pageElement("points", HTMLCanvasElement).ariaLabel = PLANE;
    pageElement("loss-chart", HTMLElement).ariaLabel = "Loss by epoch";
    if (isNoneToFollow) this.#boundary.clear();
  }

  /** Shows it with the next frame; `drawn` is called then. */
  show(snapshot: Snapshot, drawn: () => void): void {
    this.#latest = snapshot;
    if (snapshot.epoch > this.#lastEpoch) {
      this.#chart.add(snapshot.epoch, snapshot.train.loss, snapshot.test?.loss ?? null);
      this.#lastEpoch = snapshot.epoch;
    }
    requestAnimationFrame(() => {
      if (this.#latest === snapshot) this.#draw(snapshot);
      drawn();
    });
  }

  /** Training has stopped: shows the last snapshot at once, also in words for those who don't see the pictures. */
  finish(): void {
    if (this.#latest === undefined) return;
    this.#draw(this.#latest);
    const { epoch, train, test } = this.#latest;
    const onTest = test === undefined ? "" : `, and ${percentage(test.accuracy)} of the test examples`;
    const right = `${percentage(train.accuracy)} of the training examples${onTest}`;
    pageElement("points", HTMLCanvasElement).ariaLabel =
      `${PLANE}. After ${epoch} epochs ${right} lie on the right side.`;
    pageElement("loss-chart", HTMLElement).ariaLabel =
      `Loss by epoch. After ${epoch} epochs: training ${loss(train.loss)}${test === undefined ? "" : `, test ${loss(test.loss)}`}.`;
  }

  #draw(snapshot: Snapshot): void {
    this.#boundary.show(snapshot.answers);
    this.#showNumbers(snapshot);
  }

  #showNumbers({ epoch, train, test, examplesPerSecond, fingerprint }: Snapshot): void {
    pageElement("fingerprint", HTMLOutputElement).setAttribute("data-epoch", String(epoch));
    this.#showTexts({
      fingerprint: fingerprint ?? "needs a secure page (https)",
      epoch: wholeNumber(epoch),
      "train-loss": loss(train.loss),
      "train-accuracy": percentage(train.accuracy),
      "test-loss": test === undefined ? "–" : loss(test.loss),
      "test-accuracy": test === undefined ? "–" : percentage(test.accuracy),
      speed: examplesPerSecond === 0 ? "–" : roundNumber(examplesPerSecond),
    });
  }

  /** By the ids of their elements. */
  #showTexts(texts: Record<keyof typeof NOTHING, string>): void {
    for (const [id, text] of Object.entries(texts)) pageElement(id, HTMLElement).textContent = text;
  }
}

function loss(value: number): string {
  return value.toPrecision(3);
}
