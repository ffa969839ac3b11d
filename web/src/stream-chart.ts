import uPlot from "uplot";
import { ChartLegend } from "./chart-legend.js";
import { percentage, shortNumber, wholeNumber } from "./numbers.js";
import type { StreamSeries } from "./stream-series.js";
import { onThemeChange, themeColor } from "./theme.js";

/** Beyond this many points every second one is dropped: the curve keeps its shape, and drawing its speed. */
const MOST_POINTS = 1600;

/** A point of one of the series. */
export interface Mark {
  readonly x: number;
  readonly y: number;
  /** Its place among the series. */
  readonly series: number;
}

/** Curves that grow while training runs. Drawn once a frame at most. */
export class StreamChart {
  readonly #chart: uPlot;
  readonly #columns: (number | null)[][];
  /** Which columns are shares. */
  readonly #shares: readonly number[];
  readonly #series: readonly StreamSeries[];
  readonly #legend: ChartLegend;
  #drawing = false;
  #mark: Mark | undefined;

  /** @param markName - what the legend calls the marked x, where one is marked */
  constructor(container: HTMLElement, xLabel: string, series: readonly StreamSeries[], markName?: string) {
    this.#columns = Array.from({ length: series.length + 1 }, () => []);
    this.#series = series;
    const curves = document.createElement("div");
    curves.className = "curves";
    container.append(curves);
    this.#legend = new ChartLegend(container, xLabel, series, markName);
    const axis: uPlot.Axis = {
      stroke: () => themeColor("--muted"),
      grid: { stroke: () => themeColor("--line"), width: 1 },
      ticks: { stroke: () => themeColor("--line"), width: 1 },
      font: "12px system-ui, sans-serif",
    };
    this.#shares = series.flatMap(({ scale }, i) => (scale === "share" ? [i + 1] : []));
    this.#chart = new uPlot(
      {
        width: 320,
        height: 220,
        scales: {
          x: { time: false, range: (_, __, max) => [0, max ?? 1] },
          loss: { range: (_, __, max) => [0, (max ?? 1) > 0 ? (max ?? 1) * 1.05 : 1] },
          share: { range: [0, 1] },
        },
        series: [
          { label: xLabel },
          ...series.map(({ label, color, scale, dashed = false }) => ({
            label,
            scale,
            stroke: () => themeColor(color),
            width: 2,
            ...(dashed && { dash: [6, 4] }),
            points: { show: scale === "share", size: 6, fill: () => themeColor(color) },
            spanGaps: true,
          })),
        ],
        axes: [
          { ...axis, size: 32 },
          { ...axis, scale: "loss", size: 48, values: losses },
          ...(this.#shares.length > 0
            ? [{ ...axis, scale: "share", side: 1, size: 56, grid: { show: false }, values: percentages }]
            : []),
        ],
        legend: { show: false },
        hooks: { setCursor: [() => this.#showLegend()], draw: [(chart) => this.#drawMark(chart)] },
      },
      this.#data(),
      curves,
    );
    new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = curves;
      if (width > 0 && height > 0) this.#chart.setSize({ width, height });
    }).observe(curves);
    onThemeChange(() => this.#chart.redraw(false));
  }

  /** A value of each series at x, null where there is none; at the last x again, values join those there. */
  add(x: number, ...values: (number | null)[]): void {
    const isAgain = this.#columns[0]?.at(-1) === x;
    [x, ...values].forEach((value, i) => {
      const column = this.#columns[i] ?? [];
      if (!isAgain) column.push(value);
      else if (value !== null) column[column.length - 1] = value;
    });
    if ((this.#columns[0]?.length ?? 0) > MOST_POINTS) this.#thinOut();
    this.#draw();
  }

  /** Marks a point of a curve by a line down to its x. */
  mark(mark: Mark | undefined): void {
    this.#mark = mark;
    this.#draw();
  }

  clear(): void {
    this.#mark = undefined;
    for (const column of this.#columns) column.length = 0;
    this.#draw();
  }

  /** Keeps the newest point, every second of the others, and all shares, which are rare. */
  #thinOut(): void {
    const newest = (this.#columns[0]?.length ?? 0) - 1;
    const keeps = (i: number) =>
      i % 2 === 0 || i === newest || this.#shares.some((at) => typeof this.#columns[at]?.[i] === "number");
    this.#columns.forEach((column, at) => {
      this.#columns[at] = column.filter((_, i) => keeps(i));
    });
  }

  #drawMark(chart: uPlot): void {
    if (this.#mark === undefined) return;
    const { x, y, series } = this.#mark;
    const { ctx: context, bbox } = chart;
    const { color, scale } = this.#series[series] ?? { color: "--text", scale: "loss" };
    const [across, down] = [chart.valToPos(x, "x", true), chart.valToPos(y, scale, true)];
    context.save();
    context.beginPath();
    context.rect(bbox.left, bbox.top - 8, bbox.width + 8, bbox.height + 16);
    context.clip();
    context.strokeStyle = themeColor("--muted");
    context.lineWidth = devicePixelRatio;
    context.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    context.beginPath();
    context.moveTo(across, bbox.top);
    context.lineTo(across, bbox.top + bbox.height);
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = themeColor(color);
    context.strokeStyle = themeColor("--plane");
    context.lineWidth = 2 * devicePixelRatio;
    context.beginPath();
    context.arc(across, down, 5 * devicePixelRatio, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    context.restore();
  }

  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#chart.setData(this.#data());
      this.#showLegend();
    });
  }

  /** The values under the pointer, else the last ones. */
  #showLegend(): void {
    const newest = (this.#columns[0]?.length ?? 0) - 1;
    const row = Math.min(newest, this.#chart?.cursor.idx ?? newest);
    const texts = this.#series.map(({ scale }, i) => format(this.#lastValue(i + 1, row), scale));
    const x = this.#columns[0]?.[row];
    const marked = this.#mark === undefined ? "–" : wholeNumber(this.#mark.x);
    this.#legend.show([typeof x === "number" ? String(Number(x.toFixed(2))) : "–", ...texts, marked]);
  }

  /** The column's value in this row, or the last one before. */
  #lastValue(column: number, row: number): number | undefined {
    const values = this.#columns[column]?.slice(0, row + 1) ?? [];
    return values.filter((value) => value !== null).at(-1);
  }

  #data(): uPlot.AlignedData {
    const [x = [], ...ys] = this.#columns;
    return [x.map((value) => value ?? 0), ...ys];
  }
}

/** Short enough for the axis, also where a network is far off. */
function losses(_: uPlot, values: number[]): string[] {
  return values.map((value) => (value >= 1000 ? shortNumber(value) : String(Number(value.toPrecision(6)))));
}

function percentages(_: uPlot, values: number[]): string[] {
  return values.map((value) => `${Math.round(100 * value)} %`);
}

function format(value: number | undefined, scale: StreamSeries["scale"]): string {
  if (value === undefined) return "–";
  return scale === "share" ? percentage(value) : value.toPrecision(3);
}
