import uPlot from "uplot";
import { onThemeChange, themeColor } from "./theme.js";

export interface StreamSeries {
  readonly label: string;
  readonly color: `--${string}`;
  /** "share": 0 … 1, drawn against an axis of its own on the right. */
  readonly scale: "loss" | "share";
}

/** Beyond this many points every second one is dropped: the curve keeps its shape, and drawing its speed. */
const MOST_POINTS = 1600;
const HEIGHT = 220;

/** Curves that grow while training runs. Drawn once a frame at most. */
export class StreamChart {
  readonly #chart: uPlot;
  readonly #columns: (number | null)[][];
  /** Which columns are shares. */
  readonly #shares: readonly number[];
  #drawing = false;

  constructor(container: HTMLElement, xLabel: string, series: readonly StreamSeries[]) {
    this.#columns = Array.from({ length: series.length + 1 }, () => []);
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
        height: HEIGHT,
        scales: {
          x: { time: false, range: (_, __, max) => [0, max ?? 1] },
          loss: { range: (_, __, max) => [0, (max ?? 1) > 0 ? (max ?? 1) * 1.05 : 1] },
          share: { range: [0, 1] },
        },
        series: [
          { label: xLabel },
          ...series.map(({ label, color, scale }) => ({
            label,
            scale,
            stroke: () => themeColor(color),
            width: 2,
            points: { show: scale === "share", size: 6, fill: () => themeColor(color) },
            spanGaps: true,
            value: (_: uPlot, __: number | null, column: number, row: number | null) =>
              format(this.#lastValue(column, row), scale),
          })),
        ],
        axes: [
          { ...axis, size: 32 },
          { ...axis, scale: "loss", size: 48 },
          ...(this.#shares.length > 0
            ? [{ ...axis, scale: "share", side: 1, size: 56, grid: { show: false }, values: percentages }]
            : []),
        ],
        legend: { live: true },
      },
      this.#data(),
      container,
    );
    new ResizeObserver(() => {
      if (container.clientWidth > 0) this.#chart.setSize({ width: container.clientWidth, height: HEIGHT });
    }).observe(container);
    onThemeChange(() => this.#chart.redraw(false));
  }

  /** A value of each series at x, null where there is none. */
  add(x: number, ...values: (number | null)[]): void {
    [x, ...values].forEach((value, i) => {
      this.#columns[i]?.push(value);
    });
    if ((this.#columns[0]?.length ?? 0) > MOST_POINTS) this.#thinOut();
    this.#draw();
  }

  clear(): void {
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

  #draw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#chart.setData(this.#data());
      const isHovered = (this.#chart.cursor.left ?? -1) >= 0;
      if (!isHovered) this.#chart.setLegend({ idx: (this.#columns[0]?.length ?? 0) - 1 });
    });
  }

  /** The column's value in this row, or the last one before. */
  #lastValue(column: number, row: number | null): number | undefined {
    const values = this.#columns[column]?.slice(0, (row ?? -1) + 1) ?? [];
    return values.filter((value) => value !== null).at(-1);
  }

  #data(): uPlot.AlignedData {
    const [x = [], ...ys] = this.#columns;
    return [x.map((value) => value ?? 0), ...ys];
  }
}

function percentages(_: uPlot, values: number[]): string[] {
  return values.map((value) => `${Math.round(100 * value)} %`);
}

function format(value: number | undefined, scale: StreamSeries["scale"]): string {
  if (value === undefined) return "–";
  return scale === "share" ? `${(100 * value).toFixed(1)} %` : value.toPrecision(3);
}
