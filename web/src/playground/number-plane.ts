// What the plane shows of a data set of numbers.
import { themeColor } from "../theme.js";
import type { DataSet, Examples } from "./data-set.js";
import type { Predictions } from "./messages.js";
import { curveX } from "./plane.js";
import { LEVELS, levelOf, valueColors } from "./value-colors.js";

/** From the plane to the canvas. */
interface Placing {
  readonly across: (x: number) => number;
  readonly down: (y: number) => number;
}

const RADIUS = 4.5;
const HOLE = 2.6;

/**
 * The examples, those held back hollow: on a curve all of one colour, else each in that of its number, which is its
 * label unless there are predictions.
 */
export function drawValues(
  context: CanvasRenderingContext2D,
  data: DataSet,
  predictions: Predictions | undefined,
  placing: Placing,
): void {
  const isCurve = data.view === "curve";
  const colors = isCurve ? [themeColor("--class-0")] : valueColors();
  const draw = (examples: Examples, hollow: boolean, values: Float32Array | Uint8Array) =>
    drawPart(context, examples, hollow, placing, (i) =>
      isCurve ? colors[0] : colors[levelOf(values[i] ?? 0, data.range)],
    );
  draw(data.train, false, predictions?.train ?? data.train.labels);
  draw(data.validation, true, predictions?.validation ?? data.validation.labels);
  draw(data.test, true, predictions?.test ?? data.test.labels);
}

function drawPart(
  context: CanvasRenderingContext2D,
  { places, labels }: Examples,
  hollow: boolean,
  { across, down }: Placing,
  colorOf: (i: number) => string | undefined,
): void {
  const [rim, inside] = [themeColor("--value-rim"), themeColor("--plane")];
  context.strokeStyle = rim;
  context.lineWidth = 0.75;
  for (let i = 0; i < labels.length; i++) {
    const color = colorOf(i) ?? rim;
    const disc = (radius: number, fill: string) => {
      context.fillStyle = fill;
      context.beginPath();
      context.arc(across(places[2 * i] ?? 0), down(places[2 * i + 1] ?? 0), radius, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    };
    disc(RADIUS, color);
    if (hollow) disc(HOLE, inside);
  }
}

/** The network's answers from left to right, with a rim that keeps them apart from the points. */
export function drawCurve(
  context: CanvasRenderingContext2D,
  answers: Float32Array,
  { across, down }: Placing,
): void {
  context.beginPath();
  answers.forEach((y, i) => void context.lineTo(across(curveX(i)), down(y)));
  context.lineJoin = "round";
  for (const [color, width] of [
    [themeColor("--plane"), 6],
    [themeColor("--class-1"), 3],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = width;
    context.stroke();
  }
}

/** The colours from the smallest number to the largest, as a CSS gradient. */
export function valueGradient(): string {
  const colors = valueColors();
  const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => colors[Math.round(share * (LEVELS - 1))]);
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
