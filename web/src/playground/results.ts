import { roundNumber, wholeNumber } from "../numbers.js";
import { pageElement } from "../page-element.js";
import { StreamChart } from "../stream-chart.js";
import { BoundaryView } from "./boundary-view.js";
import type { DataSet } from "./data-set.js";
import type { Task } from "./data-sets.js";
import type { Snapshot } from "./messages.js";
import type { PointsView } from "./points-view.js";
import { ScoreCard } from "./score-card.js";
import { scoreText } from "./score-text.js";

/** The numbers of a network that isn't there yet. */
const NOTHING = {
  epoch: "0",
  "train-loss": "–",
  "train-score": "–",
  "validation-loss": "–",
  "test-loss": "–",
  "test-score": "–",
  "rate-now": "–",
  speed: "–",
  fingerprint: "–",
};

/** The one number, of all metrics of a task, that stands beside the loss. */
const MAIN = { classes: ["accuracy", "accuracy"], numbers: ["r2", "R²"] } as const;

/** Which of the chart's curves is the validation's. */
const VALIDATION = 1;

/** What a snapshot looks like: the plane, the curves and the numbers. */
export class Results {
  readonly #boundary = new BoundaryView(pageElement("boundary", HTMLCanvasElement));
  readonly #points: PointsView;
  readonly #chart = new StreamChart(
    pageElement("loss-chart", HTMLElement),
    "Loss at epoch",
    [
      { label: "Training", color: "--curve-0", scale: "loss" },
      { label: "Validation", color: "--curve-2", scale: "loss" },
      { label: "Test", color: "--curve-1", scale: "loss", dashed: true },
    ],
    "Best epoch",
  );
  readonly #scores = new ScoreCard();
  #data: DataSet | undefined;
  #lastEpoch = -1;
  #latest: Snapshot | undefined;

  constructor(points: PointsView) {
    this.#points = points;
  }

  /** Of a network that is gone; the plane keeps its picture until the next is there, unless it would be of another kind. */
  clear(data: DataSet): void {
    const keepsPicture = data.view === this.#data?.view && data.train.labels.length > 0;
    this.#data = data;
    this.#latest = undefined;
    this.#showTexts(NOTHING);
    this.#scores.show(data, undefined);
    this.#chart.clear();
    this.#lastEpoch = -1;
    pageElement("fingerprint", HTMLOutputElement).removeAttribute("data-epoch");
    pageElement("points", HTMLCanvasElement).ariaLabel = planeOf(data);
    pageElement("loss-chart", HTMLElement).ariaLabel = "Loss by epoch";
    for (const part of ["train", "test"]) {
      const name = part === "train" ? "Training" : "Test";
      pageElement(`${part}-score-name`, HTMLElement).textContent = `${name} ${MAIN[data.task][1]}`;
    }
    if (!keepsPicture) this.#boundary.clear();
  }

  /** Shows it with the next frame; `drawn` is called then. */
  show(snapshot: Snapshot, drawn: () => void): void {
    this.#latest = snapshot;
    const { epoch, train, test, validationLoss, best } = snapshot;
    if (epoch > this.#lastEpoch) {
      if (best !== undefined && best.epoch > this.#lastEpoch)
        this.#chart.add(best.epoch, null, best.loss, null);
      this.#chart.add(epoch, train.loss, validationLoss ?? null, test?.loss ?? null);
      this.#chart.mark(best && { x: best.epoch, y: best.loss, series: VALIDATION });
      this.#lastEpoch = epoch;
    }
    requestAnimationFrame(() => {
      if (this.#latest === snapshot) this.#draw(snapshot);
      drawn();
    });
  }

  /** Training has stopped: shows the last snapshot at once, also in words for those who don't see the pictures. */
  finish(): void {
    if (this.#latest === undefined || this.#data === undefined) return;
    this.#draw(this.#latest);
    const { epoch, train, test } = this.#latest;
    const [name, words] = MAIN[this.#data.task];
    const of = (part: string, value: number | undefined) => `${scoreText(name, value)} on ${part} examples`;
    const both = [
      of("training", train.values[name]),
      ...(test === undefined ? [] : [of("test", test.values[name])]),
    ];
    pageElement("points", HTMLCanvasElement).ariaLabel =
      `${planeOf(this.#data)}. After ${epoch} epochs: ${words} ${both.join(", ")}.`;
    pageElement("loss-chart", HTMLElement).ariaLabel =
      `Loss by epoch. After ${epoch} epochs: training ${loss(train.loss)}${test === undefined ? "" : `, test ${loss(test.loss)}`}.`;
    pageElement("scatter", HTMLCanvasElement).ariaLabel =
      `Predicted against true numbers; ${words} ${both.join(", ")}.`;
  }

  #draw(snapshot: Snapshot): void {
    if (this.#data === undefined) return;
    const { view, range } = this.#data;
    const { answers, predictions } = snapshot;
    if (view === "classes" || view === "heat")
      this.#boundary.show(answers, view === "heat" ? range : undefined);
    if (view === "curve" || view === "map")
      this.#points.showAnswers(view === "curve" ? answers : undefined, predictions);
    this.#scores.show(this.#data, snapshot);
    this.#showNumbers(snapshot, this.#data.task);
  }

  #showNumbers(snapshot: Snapshot, task: Task): void {
    const { epoch, train, test, validationLoss, learningRate, examplesPerSecond, fingerprint } = snapshot;
    const [main] = MAIN[task];
    pageElement("fingerprint", HTMLOutputElement).setAttribute("data-epoch", String(epoch));
    this.#showTexts({
      fingerprint: fingerprint ?? "needs a secure page (https)",
      epoch: wholeNumber(epoch),
      "train-loss": loss(train.loss),
      "train-score": scoreText(main, train.values[main]),
      "validation-loss": loss(validationLoss),
      "test-loss": loss(test?.loss),
      "test-score": scoreText(main, test?.values[main]),
      "rate-now": learningRate === undefined ? "–" : String(Number(learningRate.toPrecision(3))),
      speed: examplesPerSecond === 0 ? "–" : roundNumber(examplesPerSecond),
    });
  }

  /** By the ids of their elements. */
  #showTexts(texts: Record<keyof typeof NOTHING, string>): void {
    for (const [id, text] of Object.entries(texts)) pageElement(id, HTMLElement).textContent = text;
  }
}

const PLANES = {
  classes: "The plane with its examples and the decision boundary",
  curve: "The examples and the curve of the network’s answers",
  heat: "The plane with its examples, coloured by the network’s answers",
  map: "A map of California, its block groups coloured by the network’s answers",
};

function planeOf({ view }: DataSet): string {
  return PLANES[view];
}

function loss(value: number | undefined): string {
  if (value === undefined) return "–";
  return value > 0 && value < 1e-4 ? value.toExponential(2) : value.toPrecision(3);
}
