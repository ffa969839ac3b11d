import { plot } from "asciichart";
import { type EChartsOption, init, type LineSeriesOption } from "echarts";

/** The loss at one step: what the notebook's save_cost_freq saves. */
export interface SavedLoss {
  /** 1 … steps taken. */
  readonly step: number;
  readonly loss: number;
}

/** The notebook's rule: at step 1 and at every multiple of `every`. */
export function isSaved(step: number, every: number): boolean {
  return step === 1 || step % every === 0;
}

/**
 * Which of the saved losses the axis names: the first and every k-th from there, `most` of them at most.
 * Each tick is a step whose loss was saved (the notebook's axis counted in print_cost_freq instead).
 */
export function axisTicks(saved: readonly SavedLoss[], most: number): number[] {
  const counts = [1, 2, 5].flatMap((digit) => Array.from({ length: 13 }, (_, i) => digit * 10 ** i));
  const fits = counts.sort((a, b) => a - b).find((count) => saved.length / count <= most) ?? saved.length;
  return saved.flatMap((_, i) => (i % fits === 0 ? [i] : []));
}

/** What stands around the curve. */
export interface Captions {
  readonly title: string;
  readonly subtitle: string;
  /** What a step is called: `step`, or the notebook's `iteration`. */
  readonly step: string;
  /** What the loss is called. Default `loss`. */
  readonly loss?: string;
}

/** The mean loss of an epoch, from the step after `from` to the step `to`. */
export interface EpochMean {
  readonly from: number;
  readonly to: number;
  readonly loss: number;
}

const COLORS = {
  title: "#0f172a",
  text: "#334155",
  axis: "#94a3b8",
  grid: "#e2e8f0",
  line: "#2563eb",
  mean: "#c2410c",
};

const AXIS = {
  type: "value",
  nameLocation: "middle",
  nameTextStyle: { color: COLORS.text, fontSize: 13 },
  axisLabel: { color: COLORS.text, fontSize: 12 },
  axisLine: { show: true, lineStyle: { color: COLORS.axis } },
  splitLine: { show: true, lineStyle: { color: COLORS.grid } },
} as const;

/** The curve as an SVG picture, with a level line for the mean of each epoch. */
export function learningCurveSvg(
  saved: readonly SavedLoss[],
  captions: Captions,
  means: readonly EpochMean[] = [],
): string {
  const { step, loss = "loss" } = captions;
  const ticks = axisTicks(saved, 8).map((i) => saved[i]?.step ?? 0);
  const first = saved[0]?.step ?? 0;
  const last = Math.max(...saved.map((at) => at.step), ...means.map((mean) => mean.to));
  const level = ({ from, to, loss }: EpochMean) => [
    [Math.max(first, from), loss],
    [to, loss],
    [to, "-"],
  ];
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 800, height: 480 });
  try {
    chart.setOption({
      ...frame(captions, means.length > 0),
      xAxis: {
        ...AXIS,
        name: step,
        nameGap: 34,
        min: first,
        max: last,
        axisLabel: { ...AXIS.axisLabel, customValues: ticks },
        axisTick: { customValues: ticks },
      },
      yAxis: { ...AXIS, name: loss, nameGap: 46, min: 0 },
      series: [
        line(
          `${loss} of one batch`,
          COLORS.line,
          1.5,
          saved.map((at) => [at.step, at.loss]),
        ),
        line("mean of an epoch", COLORS.mean, 2.5, means.flatMap(level)),
      ],
    });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

/** All but the axes and lines. */
function frame({ title, subtitle }: Captions, hasLegend: boolean): EChartsOption {
  return {
    animation: false,
    backgroundColor: "#ffffff",
    textStyle: { fontFamily: "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" },
    title: {
      text: title,
      subtext: subtitle,
      left: 64,
      top: 14,
      textStyle: { color: COLORS.title, fontSize: 18 },
      subtextStyle: { color: COLORS.text, fontSize: 13 },
    },
    legend: {
      show: hasLegend,
      top: 92,
      right: 40,
      orient: "vertical",
      icon: "rect",
      itemWidth: 22,
      itemHeight: 3,
      textStyle: { color: COLORS.text },
    },
    grid: { left: 70, right: 36, top: 84, bottom: 64 },
  };
}

function line(name: string, color: string, width: number, data: (number | string)[][]): LineSeriesOption {
  return { type: "line", name, data, symbol: "none", lineStyle: { color, width }, itemStyle: { color } };
}

const LABEL_WIDTH = 8;

/** The curve in characters, `columns` wide, with the saved steps' numbers below it. */
export function learningCurveText(
  saved: readonly SavedLoss[],
  columns: number,
  captions: Pick<Captions, "step" | "loss">,
  height = 12,
): string {
  const width = Math.max(20, columns - LABEL_WIDTH - 2);
  const values = fitToWidth(
    saved.map((at) => at.loss),
    width,
  );
  const format = (value: number) => value.toFixed(3).padStart(LABEL_WIDTH);
  const curve = plot(values, { height, format });
  const note = saved.length > width ? "   (each column is the mean of the losses saved in it)" : "";
  const lines = [
    (captions.loss ?? "loss").padStart(LABEL_WIDTH) + note,
    ...curve.split("\n"),
    ...stepAxis(saved, width, captions.step),
  ];
  return lines.map((line) => line.trimEnd()).join("\n");
}

/** As many values as columns: means of neighbours where there are more, lines between them where fewer. */
function fitToWidth(values: readonly number[], width: number): number[] {
  const count = values.length;
  return Array.from({ length: width }, (_, column) => {
    if (count > width) {
      const part = values.slice(
        Math.floor((column * count) / width),
        Math.floor(((column + 1) * count) / width),
      );
      return part.reduce((sum, value) => sum + value, 0) / part.length;
    }
    const place = (column * (count - 1)) / (width - 1);
    const [before = 0, after = before] = values.slice(Math.floor(place), Math.floor(place) + 2);
    return before + (after - before) * (place % 1);
  });
}

/** The line below the curve, the number of every saved step that it marks, and what they count. */
function stepAxis(saved: readonly SavedLoss[], width: number, name: string): string[] {
  const margin = LABEL_WIDTH + 1;
  const line = new Array<string>(width).fill("─");
  let labels = "";
  for (const i of axisTicks(saved, width / 10)) {
    const column =
      saved.length > width
        ? Math.floor((i * width) / saved.length)
        : Math.round((i * (width - 1)) / Math.max(1, saved.length - 1));
    line[column] = column === 0 ? "└" : "┬";
    const label = `${saved[i]?.step ?? 0}`;
    const centred = margin + column - Math.floor((label.length - 1) / 2);
    const at = Math.min(centred, margin + width - label.length);
    if (at > labels.length) labels = labels.padEnd(at) + label;
  }
  const namePlace = margin + Math.floor((width + name.length) / 2);
  return [" ".repeat(margin) + line.join(""), labels, name.padStart(namePlace)];
}
