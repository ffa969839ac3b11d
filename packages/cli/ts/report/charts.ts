// The report's pictures, as SVG whose colours are the page's.
import { axisX, axisY, FAINT, FIRST, INK, labels, line, picture, SECOND } from "./picture.js";
import type { ClassesReport, Curve, Importance, NumbersReport, Point } from "./report-data.js";

/** Loss of training and validation by epoch, of every network. */
export function learningCurves(curves: readonly Curve[]): string {
  const series = curves.flatMap(({ loss, validation, best }) => [
    line(
      "training",
      FIRST,
      loss.map((value, i) => [i + 1, value]),
      { lineStyle: { color: FIRST, width: 1.5, opacity: 0.75 } },
    ),
    line(
      "validation",
      SECOND,
      validation.map(({ epoch, loss: value }) => [epoch, value]),
    ),
    {
      type: "scatter",
      name: "best",
      symbolSize: 9,
      itemStyle: { color: SECOND },
      data: validation.filter(({ epoch }) => epoch === best).map(({ epoch, loss: value }) => [epoch, value]),
    },
  ]);
  const all = curves.flatMap(({ loss, validation }) => [...loss, ...validation.map((at) => at.loss)]);
  const isSteep = Math.min(...all) > 0 && Math.max(...all) > 20 * Math.min(...all);
  return picture("Loss by epoch", {
    xAxis: axisX("epoch", {
      min: 1,
      max: Math.max(...curves.map(({ loss }) => loss.length)),
      minInterval: 1,
    }),
    yAxis: axisY("loss", isSteep ? { type: "log" } : { scale: true }),
    series,
  });
}

/** A step-like curve in the unit square, with what guessing gives. */
function inUnitSquare(
  label: string,
  names: [x: string, y: string],
  points: readonly Point[],
  guess: Point[],
): string {
  return picture(label, {
    legend: { show: false },
    xAxis: axisX(names[0], { min: 0, max: 1 }),
    yAxis: axisY(names[1], { min: 0, max: 1, nameGap: 36 }),
    series: [
      line(
        "guessing",
        FAINT,
        guess.map(({ x, y }) => [x, y]),
        { lineStyle: { color: FAINT, type: "dashed", width: 1.5 } },
      ),
      line(
        "model",
        FIRST,
        points.map(({ x, y }) => [x, y]),
      ),
    ],
  });
}

export function rocCurve(points: readonly Point[]): string {
  const guess = [
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ];
  return inUnitSquare("ROC curve", ["false positive rate", "true positive rate"], points, guess);
}

export function precisionRecallCurve(points: readonly Point[], share: number): string {
  const guess = [
    { x: 0, y: share },
    { x: 1, y: share },
  ];
  return inUnitSquare("Precision and recall", ["recall", "precision"], points, guess);
}

/** How often what was said with a probability was right. */
export function calibrationCurve(points: ClassesReport["calibration"]): string {
  const most = Math.max(...points.map(({ count }) => count));
  return picture("Calibration", {
    legend: { show: false },
    xAxis: axisX("probability that was said", { min: 0, max: 1 }),
    yAxis: axisY("share that came true", { min: 0, max: 1, nameGap: 36 }),
    series: [
      line(
        "perfect",
        FAINT,
        [
          [0, 0],
          [1, 1],
        ],
        { lineStyle: { color: FAINT, type: "dashed", width: 1.5 } },
      ),
      line(
        "model",
        FIRST,
        points.map(({ x, y }) => [x, y]),
      ),
      {
        type: "scatter",
        itemStyle: { color: FIRST },
        data: points.map(({ x, y, count }) => ({
          value: [x, y],
          symbolSize: 5 + 13 * Math.sqrt(count / most),
        })),
      },
    ],
  });
}

/** Predicted against true, with the line of no error. */
export function predictedAgainstTrue({ target, predictions }: NumbersReport): string {
  const all = predictions.flatMap(({ x, y }) => [x, y]);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return picture("Predicted against true", {
    legend: { show: false },
    xAxis: axisX(`true ${target}`, { min: least, max: most, axisLabel: labels() }),
    yAxis: axisY("predicted", { min: least, max: most, axisLabel: labels() }),
    series: [
      points(predictions),
      line(
        "no error",
        FAINT,
        [
          [least, least],
          [most, most],
        ],
        { lineStyle: { color: FAINT, type: "dashed", width: 1.5 } },
      ),
    ],
  });
}

/** How far predictions are off, by what was predicted. */
export function residuals({ target, predictions }: NumbersReport): string {
  return picture("Residuals", {
    legend: { show: false },
    xAxis: axisX(`predicted ${target}`, { scale: true, axisLabel: labels() }),
    yAxis: axisY("true − predicted", { axisLabel: labels() }),
    series: [points(predictions.map(({ x, y }) => ({ x: y, y: x - y })))],
  });
}

function points(of: readonly Point[]) {
  const data = of.map(({ x, y }) => [x, y]);
  return {
    type: "scatter",
    symbolSize: 4,
    itemStyle: { color: FIRST, opacity: data.length > 500 ? 0.35 : 0.7 },
    data,
  };
}

/** The columns that matter most, the first on top. */
export function importanceBars(importance: readonly Importance[], score: string): string {
  const shown = importance.slice(0, MOST_BARS).reverse();
  const longest = Math.max(...shown.map(({ column }) => column.length));
  const left = Math.min(210, 30 + 7 * longest);
  return picture(
    "Importance of columns",
    {
      legend: { show: false },
      grid: { left, right: 24, top: 8, bottom: 52 },
      xAxis: axisX(`${score} added when the column is shuffled`, { axisLabel: labels() }),
      yAxis: {
        type: "category",
        data: shown.map(({ column }) => column),
        axisLabel: { color: INK, fontSize: 12, width: left - 20, overflow: "truncate" },
        axisLine: { lineStyle: { color: FAINT } },
        axisTick: { show: false },
      },
      series: [
        { type: "bar", barMaxWidth: 16, itemStyle: { color: FIRST }, data: shown.map(({ drop }) => drop) },
      ],
    },
    { height: 80 + 22 * shown.length },
  );
}

const MOST_BARS = 15;
