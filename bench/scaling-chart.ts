import type { EChartsOption } from "echarts";
import type { Results } from "./results.js";
import { BATCHES, batchName, WIDTHS, widthName } from "./scaling.js";
import { ACCENT, FAINT, INK, MUTED, OTHER, renderSvg } from "./svg.js";
import { number } from "./table.js";

const WIDTH = 940;
const HEIGHT = 330;
const LEFT = 62;
const PLOT = 380;

interface Panel {
  readonly title: string;
  readonly points: readonly { readonly at: string; readonly name: string }[];
}

const PANELS: readonly Panel[] = [
  {
    title: "width of all but the output layer",
    points: WIDTHS.map((s) => ({ at: `×${s}`, name: widthName(s) })),
  },
  { title: "batch size", points: BATCHES.map((size) => ({ at: `${size}`, name: batchName(size) })) },
];

/** GFLOP/s of mnist over its widths and its batch size, beside the peak. Undefined where they weren't timed. */
export function scalingChart({ measurements, machine }: Results): string | undefined {
  const ofSuite = measurements.filter(({ suite }) => suite === "scaling");
  const find = (name: string) => ofSuite.find(({ work }) => work === name);
  const peak = ofSuite[0]?.peak_gflops;
  if (peak === undefined) return undefined;
  const lines = PANELS.map(({ points }) => ({
    at: points.map(({ at }) => at),
    gflops: points.map(({ name }) => find(name)?.gflops ?? null),
  }));
  const option: EChartsOption = {
    title: [
      {
        text: "Does the cost grow as the work does? GFLOP/s of training steps",
        subtext: `[784,128,64,1], batch 128, Adam, and the same wider or with other batches; float32 on one thread. ${machine.cpu}, Node ${machine.node}.`,
        left: 16,
        top: 10,
        textStyle: { color: INK, fontSize: 17 },
        subtextStyle: { color: MUTED, fontSize: 12 },
      },
    ],
    grid: PANELS.map((_, i) => ({ left: leftOf(i), width: PLOT, top: 82, height: HEIGHT - 82 - 58 })),
    xAxis: PANELS.map(({ title }, i) => ({
      type: "category",
      gridIndex: i,
      data: lines[i]?.at ?? [],
      name: title,
      nameLocation: "middle",
      nameGap: 30,
      nameTextStyle: { color: INK, fontSize: 12 },
      axisLine: { lineStyle: { color: FAINT } },
      axisTick: { show: false },
      axisLabel: { color: INK, fontSize: 11, interval: 0 },
    })),
    yAxis: PANELS.map((_, i) => ({
      type: "value",
      gridIndex: i,
      min: 0,
      max: Math.ceil(peak / 5) * 5,
      axisLabel: { color: MUTED, fontSize: 10 },
      splitLine: { lineStyle: { color: FAINT } },
    })),
    series: PANELS.map((_, i) => ({
      type: "line",
      xAxisIndex: i,
      yAxisIndex: i,
      data: lines[i]?.gflops ?? [],
      symbol: "circle",
      symbolSize: 7,
      lineStyle: { color: ACCENT, width: 2 },
      itemStyle: { color: ACCENT },
      label: {
        show: true,
        position: "bottom",
        formatter: ({ value }) => number(Number(value)),
        color: INK,
        fontSize: 11,
      },
      markLine: {
        symbol: "none",
        lineStyle: { color: OTHER, type: "dashed" },
        label: { formatter: `peak ${number(peak)}`, position: "insideEndBottom", color: MUTED, fontSize: 11 },
        data: [{ yAxis: peak }],
      },
    })),
  };
  return renderSvg(option, WIDTH, HEIGHT);
}

function leftOf(panel: number): number {
  return LEFT + panel * (PLOT + LEFT);
}
