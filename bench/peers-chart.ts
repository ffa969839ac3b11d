import type { EChartsOption } from "echarts";
import type { Measurement } from "./measurement.js";
import { IN_CHROMIUM, NATIVE } from "./peers/list.js";
import type { Results } from "./results.js";
import { ACCENT, FAINT, INK, MUTED, OTHER, PALE, renderSvg } from "./svg.js";
import { number } from "./table.js";
import { BY_FAST_MATH, BY_FIT, ON_NATIVE } from "./training.js";
import { describeWork, WORKS, type Work } from "./works.js";

const WIDTH = 940;
const COLUMNS = 2;
const NAMES = 146;
const LABELS = 112;
const TITLE = 62;
const PANEL_TITLE = 44;
const BAR = 22;
const AXIS = 34;

/**
 * Bars of examples/s on one thread for Layerwise and each peer, a panel for each work. Undefined where none was
 * timed.
 */
export function peersChart({ measurements, machine }: Results): string | undefined {
  const ofSuite = measurements.filter(({ suite, threads }) => suite === "peers" && threads === 1);
  const panels = WORKS.flatMap((work) => {
    const bars = ofSuite
      .filter((it) => it.work === work.name)
      .sort((a, b) => a.examples_per_s - b.examples_per_s); // the first category is the lowest
    return bars.length < 2 ? [] : [{ work, bars }];
  });
  if (panels.length === 0) return undefined;
  const barsHigh = Math.max(...panels.map(({ bars }) => bars.length)) * BAR;
  const panelHeight = PANEL_TITLE + barsHigh + AXIS;
  const panelWidth = WIDTH / COLUMNS;
  const places = panels.map((_, i) => ({
    left: (i % COLUMNS) * panelWidth,
    top: TITLE + Math.floor(i / COLUMNS) * panelHeight,
  }));
  const option: EChartsOption = {
    title: [
      {
        text: "Training, examples a second on one thread",
        subtext: `Logarithmic. In brackets: how many times as fast Layerwise is. Pale: native code, which no browser runs. ${machine.cpu}, Node ${machine.node}.`,
        left: 16,
        top: 10,
        textStyle: { color: INK, fontSize: 17 },
        subtextStyle: { color: MUTED, fontSize: 12 },
      },
      ...panels.map(({ work }, i) => panelTitle(work, places[i]?.left ?? 0, places[i]?.top ?? 0)),
    ],
    grid: places.map(({ left, top }) => ({
      left: left + NAMES,
      width: panelWidth - NAMES - LABELS,
      top: top + PANEL_TITLE,
      height: barsHigh,
    })),
    xAxis: panels.map(({ bars }, i) => rateAxis(bars, i)),
    yAxis: panels.map(({ bars }, i) => ({
      type: "category",
      gridIndex: i,
      data: bars.map(({ backend }) => backend),
      axisLine: { lineStyle: { color: FAINT } },
      axisTick: { show: false },
      axisLabel: { color: INK, fontSize: 12, interval: 0 },
    })),
    series: panels.map(({ bars }, i) => ({
      type: "bar",
      xAxisIndex: i,
      yAxisIndex: i,
      barWidth: "68%",
      data: bars.map((it) => ({
        value: it.examples_per_s,
        itemStyle: { color: colorOf(it.backend) },
        label: { show: true, position: "right", formatter: labelOf(it), color: INK, fontSize: 11 },
      })),
    })),
  };
  return renderSvg(option, WIDTH, TITLE + Math.ceil(panels.length / COLUMNS) * panelHeight);
}

function panelTitle(work: Work, left: number, top: number) {
  const textStyle = { color: INK, fontSize: 13 };
  const subtextStyle = { color: MUTED, fontSize: 11 };
  return {
    text: work.name,
    subtext: describeWork(work),
    left: left + 16,
    top,
    itemGap: 2,
    textStyle,
    subtextStyle,
  };
}

function rateAxis(bars: readonly Measurement[], gridIndex: number) {
  const lowest = Math.min(...bars.map((it) => it.examples_per_s));
  return {
    type: "log",
    gridIndex,
    min: 10 ** Math.floor(Math.log10(lowest / 2)), // even the shortest bar can be seen
    axisLabel: { color: MUTED, fontSize: 10, formatter: shortNumber },
    splitLine: { lineStyle: { color: FAINT } },
  } as const;
}

const OURS: ReadonlySet<string> = new Set([BY_FIT, ON_NATIVE, BY_FAST_MATH, IN_CHROMIUM]);

function colorOf(backend: string): string {
  if (OURS.has(backend)) return ACCENT;
  return NATIVE.has(backend) ? PALE : OTHER;
}

function labelOf({ examples_per_s, layerwise_is }: Measurement): string {
  const times = layerwise_is === undefined ? "" : ` (${number(layerwise_is.times)} ×)`;
  return `${number(examples_per_s)}${times}`;
}

/** 100, 1k, 10k, 1M */
function shortNumber(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1e3 ? `${value / 1e3}k` : `${value}`;
}
