import { context2d, followSize } from "../canvas-size.js";
import { onThemeChange, themeColor } from "../theme.js";
import type { DataSet, Examples } from "./data-set.js";
import type { Predictions } from "./messages.js";
import { drawCurve, drawValues } from "./number-plane.js";
import { HALF_WIDTH } from "./plane.js";
import type { Point } from "./points.js";

const RADIUS = 4;

/** The examples over the plane. Each class has a colour and a form; those held back are hollow. */
export class PointsView {
  readonly #canvas: HTMLCanvasElement;
  #data: DataSet | undefined;
  /** What the network answers along the curve, and for the examples. */
  #curve: Float32Array | undefined;
  #predictions: Predictions | undefined;
  /** Where the keyboard would put a point. */
  #cursor: Point | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    followSize(canvas, () => this.#draw());
    onThemeChange(() => this.#draw());
  }

  show(data: DataSet): void {
    this.#data = data;
    this.showAnswers(undefined, undefined);
  }

  /** What the network answers; undefined where there is none. */
  showAnswers(curve: Float32Array | undefined, predictions: Predictions | undefined): void {
    this.#curve = curve;
    this.#predictions = predictions;
    this.#draw();
  }

  showCursor(cursor: Point | undefined): void {
    this.#cursor = cursor;
    this.#draw();
  }

  #draw(): void {
    const context = context2d(this.#canvas);
    context.clearRect(0, 0, this.#canvas.clientWidth, this.#canvas.clientHeight);
    if (this.#data === undefined) return;
    const { train, validation, test, task, view } = this.#data;
    if (task === "numbers") {
      const place = { across: (x: number) => this.#across(x), down: (y: number) => this.#down(y) };
      drawValues(context, this.#data, view === "map" ? this.#predictions : undefined, place);
      if (view === "curve" && this.#curve !== undefined) drawCurve(context, this.#curve, place);
    } else {
      this.#drawExamples(context, train, false);
      for (const held of [validation, test]) this.#drawExamples(context, held, true);
    }
    if (this.#cursor !== undefined) this.#drawCursor(context, this.#cursor);
  }

  #drawExamples(context: CanvasRenderingContext2D, { places, labels }: Examples, hollow: boolean): void {
    const rim = themeColor("--point-rim");
    for (let label = 0; label < 4; label++) {
      const color = themeColor(`--class-${label}`);
      context.fillStyle = hollow ? rim : color;
      context.strokeStyle = hollow ? color : rim;
      context.lineWidth = hollow ? 1.6 : 1;
      labels.forEach((each, i) => {
        if (each !== label) return;
        context.beginPath();
        trace(context, label, this.#across(places[2 * i] ?? 0), this.#down(places[2 * i + 1] ?? 0));
        context.fill();
        context.stroke();
      });
    }
  }

  #drawCursor(context: CanvasRenderingContext2D, { x, y, label }: Point): void {
    const [across, down] = [this.#across(x), this.#down(y)];
    context.strokeStyle = themeColor(`--class-${label}`);
    context.lineWidth = 2;
    context.beginPath();
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      context.moveTo(across + 5 * dx, down + 5 * dy);
      context.lineTo(across + 14 * dx, down + 14 * dy);
    }
    context.stroke();
  }

  #across(x: number): number {
    return ((x + HALF_WIDTH) / (2 * HALF_WIDTH)) * this.#canvas.clientWidth;
  }

  #down(y: number): number {
    return ((HALF_WIDTH - y) / (2 * HALF_WIDTH)) * this.#canvas.clientHeight;
  }
}

/** A class's form: circle, square, triangle, diamond. */
function trace(context: CanvasRenderingContext2D, label: number, x: number, y: number): void {
  if (label === 0) {
    context.arc(x, y, RADIUS, 0, 2 * Math.PI);
  } else if (label === 1) {
    context.rect(x - 3.6, y - 3.6, 7.2, 7.2);
  } else {
    const corners = label === 2 ? TRIANGLE : DIAMOND;
    for (const [dx, dy] of corners) context.lineTo(x + dx, y + dy);
    context.closePath();
  }
}

const TRIANGLE = [
  [0, -5],
  [4.8, 3.6],
  [-4.8, 3.6],
] as const;
const DIAMOND = [
  [0, -5.4],
  [5.4, 0],
  [0, 5.4],
  [-5.4, 0],
] as const;
