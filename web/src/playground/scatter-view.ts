import { context2d, followSize } from "../canvas-size.js";
import { onThemeChange, themeColor } from "../theme.js";
import type { DataSet } from "./data-set.js";
import type { Predictions } from "./messages.js";

/** Room for the axes' numbers and names, in CSS pixels. */
const LEFT = 46;
const BELOW = 36;
const MARGIN = 8;
const RADIUS = 2.5;
const FONT = "12px system-ui, sans-serif";

/** Predicted against true numbers: right answers lie on the diagonal. */
export class ScatterView {
  readonly #canvas: HTMLCanvasElement;
  #data: DataSet | undefined;
  #predictions: Predictions | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    followSize(canvas, () => this.#draw());
    onThemeChange(() => this.#draw());
  }

  show(data: DataSet | undefined, predictions: Predictions | undefined): void {
    this.#data = data;
    this.#predictions = predictions;
    this.#draw();
  }

  #draw(): void {
    const context = context2d(this.#canvas);
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    context.clearRect(0, 0, width, height);
    if (this.#data === undefined) return;
    const [from, to] = padded(this.#data.range);
    const across = (y: number) => LEFT + ((y - from) / (to - from)) * (width - LEFT - MARGIN);
    const down = (y: number) => height - BELOW - ((y - from) / (to - from)) * (height - BELOW - MARGIN);
    this.#drawAxes(context, from, to, across, down);
    context.save();
    context.beginPath();
    context.rect(LEFT, MARGIN, width - LEFT - MARGIN, height - BELOW - MARGIN);
    context.clip();
    const { train, test } = this.#data;
    const dots = (labels: ArrayLike<number>, answers: Float32Array | undefined, color: string) => {
      context.fillStyle = color;
      for (let i = 0; i < (answers?.length ?? 0); i++) {
        context.beginPath();
        context.arc(across(labels[i] ?? 0), down(answers?.[i] ?? 0), RADIUS, 0, 2 * Math.PI);
        context.fill();
      }
    };
    context.globalAlpha = 0.55;
    dots(train.labels, this.#predictions?.train, themeColor("--curve-0"));
    context.globalAlpha = 0.85;
    dots(test.labels, this.#predictions?.test, themeColor("--curve-1"));
    context.restore();
  }

  #drawAxes(
    context: CanvasRenderingContext2D,
    from: number,
    to: number,
    across: (y: number) => number,
    down: (y: number) => number,
  ): void {
    context.font = FONT;
    context.fillStyle = themeColor("--muted");
    context.strokeStyle = themeColor("--line");
    context.lineWidth = 1;
    for (const tick of ticks(from, to)) {
      line(context, across(tick), down(from), across(tick), down(to));
      line(context, across(from), down(tick), across(to), down(tick));
      context.textBaseline = "middle";
      context.textAlign = "right";
      context.fillText(`${tick}`.replace("-", "−"), LEFT - 6, down(tick));
      context.textBaseline = "top";
      context.textAlign = "center";
      context.fillText(`${tick}`.replace("-", "−"), across(tick), down(from) + 5);
    }
    context.strokeStyle = themeColor("--muted");
    context.setLineDash([5, 4]);
    line(context, across(from), down(from), across(to), down(to));
    context.setLineDash([]);
    context.textAlign = "center";
    context.fillText("true", (across(from) + across(to)) / 2, down(from) + 21);
    context.save();
    context.translate(10, (down(from) + down(to)) / 2);
    context.rotate(-Math.PI / 2);
    context.textBaseline = "middle";
    context.fillText("predicted", 0, 0);
    context.restore();
  }
}

function line(context: CanvasRenderingContext2D, x: number, y: number, toX: number, toY: number): void {
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(toX, toY);
  context.stroke();
}

/** A little more than the numbers' range. */
function padded([low, high]: readonly [number, number]): readonly [number, number] {
  const pad = high > low ? 0.06 * (high - low) : 1;
  return [low - pad, high + pad];
}

/** Some round numbers from … to. */
function ticks(from: number, to: number): number[] {
  const rough = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const first = Math.ceil(from / step);
  const count = Math.floor(to / step) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}
