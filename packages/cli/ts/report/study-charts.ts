// Pictures of a study, as SVG whose colours are the page's.
import type { Parameter, Trial } from "@layerwise/cluster";
import { axisX, axisY, FAINT, FIRST, INK, labels, line, picture, SECOND } from "./picture.js";
import type { ParameterImportance } from "./study-importance.js";
import { canonicalValue } from "./study-values.js";

type Done = Trial & { readonly value: number };

/** Values that lie apart from the others would leave these no room. */
function rangeOf(values: readonly number[]): { min: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const [low, high] = [at(0.05), at(0.95)];
  const room = 0.6 * (high - low) || Math.abs(high) * 0.1 || 1;
  const [least, most] = [at(0), at(1)];
  const edge = 0.05 * (Math.min(most, high + room) - Math.max(least, low - room)) || 0.05;
  return { min: Math.max(least, low - room) - edge, max: Math.min(most, high + room) + edge };
}

function valueAxis(metric: string, done: readonly Done[]) {
  return axisY(metric, { ...rangeOf(done.map(({ value }) => value)), axisLabel: roundLabels() });
}

function roundLabels() {
  return { ...labels(), showMinLabel: false, showMaxLabel: false };
}

/** The value of each trial, and the best so far. */
export function historyChart(done: readonly Done[], metric: string, isLess: boolean): string {
  let best = Number.NaN;
  const steps = done.map(({ trial, value }): [number, number] => {
    if (Number.isNaN(best) || (isLess ? value < best : value > best)) best = value;
    return [trial, best];
  });
  return picture("Value by trial", {
    xAxis: axisX("trial", { minInterval: 1, max: "dataMax" }),
    yAxis: valueAxis(metric, done),
    series: [
      {
        type: "scatter",
        name: "trial",
        symbolSize: 6,
        itemStyle: { color: FIRST, opacity: 0.6 },
        data: pairs(done),
        clip: true,
      },
      line("best so far", SECOND, steps, { step: "end" }),
    ],
  });
}

function pairs(done: readonly Done[]): [number, number][] {
  return done.map(({ trial, value }) => [trial, value]);
}

/** Each trial as a line through its parameters to its value; the best tenth in the second colour. */
export function parallelChart(
  parameters: readonly (readonly [string, Parameter])[],
  done: readonly Done[],
  metric: string,
  isLess: boolean,
): string {
  const order = [...done].sort((a, b) => (isLess ? b.value - a.value : a.value - b.value));
  const good = Math.max(1, Math.round(done.length / 10));
  const axes = [
    ...parameters.map(([name, parameter], dim) => parallelAxis(name, parameter, dim)),
    {
      dim: parameters.length,
      name: metric,
      type: "value",
      ...rangeOf(done.map(({ value }) => value)),
      ...AXIS,
      axisLabel: roundLabels(),
    },
  ];
  const rowOf = (trial: Done) => [
    ...parameters.map(([name, parameter]) => {
      const value = trial.configuration[name];
      return isNumeric(parameter) ? (value ?? "-") : canonicalValue(value) || "–";
    }),
    trial.value,
  ];
  const series = (rows: readonly Done[], color: string, opacity: number, width: number) => ({
    type: "parallel",
    silent: true,
    lineStyle: { color, opacity, width },
    data: rows.map(rowOf),
  });
  return picture(
    "Parallel coordinates",
    {
      legend: { show: false },
      parallel: { left: 40, right: 70, top: 44, bottom: 24 },
      parallelAxis: axes,
      series: [series(order.slice(0, -good), FIRST, 0.35, 1), series(order.slice(-good), SECOND, 0.95, 2)],
    },
    { width: 1080, height: 380 },
  );
}

const AXIS = {
  nameLocation: "end",
  nameGap: 14,
  nameTextStyle: { color: INK, fontSize: 13 },
  axisLabel: { color: INK, fontSize: 12, hideOverlap: true },
  axisLine: { show: true, lineStyle: { color: FAINT } },
  axisTick: { lineStyle: { color: FAINT } },
};

function isNumeric(parameter: Parameter): parameter is Extract<Parameter, { from: number }> {
  return "from" in parameter;
}

function parallelAxis(name: string, parameter: Parameter, dim: number) {
  if (!isNumeric(parameter)) {
    const data = parameter.choices.map(canonicalValue);
    return {
      dim,
      name,
      type: "category",
      data: parameter.when === undefined ? data : [...data, "–"],
      ...AXIS,
    };
  }
  const { from, to, scale } = parameter;
  return {
    dim,
    name,
    type: scale === "log" ? "log" : "value",
    min: from,
    max: to,
    ...AXIS,
    axisLabel: labels(),
  };
}

export function importanceChart(importance: readonly ParameterImportance[]): string {
  const shown = [...importance].reverse();
  const longest = Math.max(...shown.map(({ name }) => name.length));
  const left = Math.min(210, 30 + 7 * longest);
  return picture(
    "Importance of parameters",
    {
      legend: { show: false },
      grid: { left, right: 24, top: 8, bottom: 52 },
      xAxis: axisX("share of the differences between trials", { min: 0, axisLabel: labels() }),
      yAxis: {
        type: "category",
        data: shown.map(({ name }) => name),
        axisLabel: { color: INK, fontSize: 12, width: left - 20, overflow: "truncate" },
        axisLine: { lineStyle: { color: FAINT } },
        axisTick: { show: false },
      },
      series: [
        { type: "bar", barMaxWidth: 16, itemStyle: { color: FIRST }, data: shown.map(({ share }) => share) },
      ],
    },
    { height: 80 + 26 * shown.length },
  );
}

/** The values of all trials by one parameter. */
export function sliceChart(
  name: string,
  parameter: Parameter,
  done: readonly Done[],
  metric: string,
  best: number,
): string {
  const there = done.filter(({ configuration }) => configuration[name] !== undefined);
  const point = ({ configuration, value }: Done) => [
    isNumeric(parameter) ? Number(configuration[name]) : canonicalValue(configuration[name]),
    value,
  ];
  const dots = (rows: readonly Done[], color: string, size: number) => ({
    type: "scatter",
    symbolSize: size,
    itemStyle: { color, opacity: size > 7 ? 1 : 0.6 },
    data: rows.map(point),
  });
  const x = isNumeric(parameter)
    ? axisX(name, {
        type: parameter.scale === "log" ? "log" : "value",
        min: parameter.from,
        max: parameter.to,
        axisLabel: labels(),
      })
    : axisX(name, {
        type: "category",
        data: parameter.choices.map(canonicalValue),
        splitLine: { show: false },
      });
  return picture(`Value by ${name}`, {
    legend: { show: false },
    xAxis: x,
    yAxis: valueAxis(metric, done),
    series: [
      dots(
        there.filter(({ trial }) => trial !== best),
        FIRST,
        6,
      ),
      dots(
        there.filter(({ trial }) => trial === best),
        SECOND,
        10,
      ),
    ],
  });
}

/** Validation losses of all trials by epoch, or training losses where nothing was validated; the best trial's on top. */
export function curvesChart(trials: readonly Trial[], best: number): string {
  const curves = trials.flatMap(({ trial, results }) => {
    const [first] = results;
    if (first?.state !== "done" || first.curve.length === 0) return [];
    return [
      { trial, points: first.curve.map(([epoch, loss, held]): [number, number] => [epoch, held ?? loss]) },
    ];
  });
  const drawn = curves.slice(-MOST_CURVES);
  const own = curves.filter(({ trial }) => trial === best);
  const all = [...drawn, ...own].flatMap(({ points }) => points.map(([, y]) => y));
  const isLog = Math.min(...all) > 0;
  return picture("Losses by epoch", {
    xAxis: axisX("epoch", { min: 1, max: "dataMax", minInterval: 1 }),
    yAxis: axisY("loss", isLog ? { type: "log", ...logRange(all), axisLabel: labels() } : { scale: true }),
    series: [
      ...drawn.map(({ points }) =>
        line("trials", FIRST, points, { lineStyle: { color: FIRST, width: 1, opacity: 0.35 } }),
      ),
      ...own.map(({ points }) => line("best", SECOND, points)),
    ],
  });
}

const MOST_CURVES = 200;

function logRange(values: readonly number[]) {
  const { min, max } = rangeOf(values.map((value) => Math.log(value)));
  return { min: Number(Math.exp(min).toPrecision(2)), max: Number(Math.exp(max).toPrecision(2)) };
}
