// What the report's pictures share: axes, lines, and SVG whose colours are the page's.
import { BarChart, HeatmapChart, LineChart, ParallelChart, ScatterChart } from "echarts/charts";
import {
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  ParallelComponent,
  VisualMapComponent,
} from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([
  BarChart,
  HeatmapChart,
  LineChart,
  ParallelChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  ParallelComponent,
  VisualMapComponent,
  SVGRenderer,
]);

/** In the units of the picture, which the page fits to its columns. */
const WIDTH = 520;
const HEIGHT = 340;

/** As style.ts has them, for light and dark. */
export const INK = "var(--ink)";
export const FAINT = "var(--faint)";
export const LINE = "var(--line)";
export const FIRST = "var(--first)";
export const SECOND = "var(--second)";

const AXIS = {
  type: "value",
  nameLocation: "middle",
  nameTextStyle: { color: INK, fontSize: 13 },
  axisLabel: { color: INK, fontSize: 12, hideOverlap: true },
  axisLine: { show: true, lineStyle: { color: FAINT } },
  axisTick: { lineStyle: { color: FAINT } },
  splitLine: { show: true, lineStyle: { color: LINE } },
};

export function axisX(name: string, more: object = {}) {
  return { ...AXIS, name, nameGap: 30, ...more };
}

export function axisY(name: string, more: object = {}) {
  return { ...AXIS, name, nameGap: 50, ...more };
}

export function picture(
  label: string,
  option: EChartsCoreOption,
  { width = WIDTH, height = HEIGHT }: { readonly width?: number; readonly height?: number } = {},
): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" },
      grid: { left: 66, right: 18, top: 36, bottom: 52 },
      legend: {
        top: 2,
        right: 0,
        icon: "rect",
        itemWidth: 18,
        itemHeight: 3,
        itemGap: 22,
        textStyle: { color: INK },
      },
      ...option,
    });
    const svg = chart.renderToSVGString({ useViewBox: true });
    return svg.replace("<svg ", `<svg role="img" aria-label="${label.replaceAll(/[&"<>]/g, "")}" `);
  } finally {
    chart.dispose();
  }
}

export function line(
  name: string,
  color: string,
  data: readonly (readonly [number, number])[],
  more: object = {},
) {
  return {
    type: "line",
    name,
    data,
    showSymbol: false,
    lineStyle: { color, width: 2 },
    itemStyle: { color },
    ...more,
  };
}

/** Of an axis of numbers: compact. */
export function labels() {
  const format = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 });
  return { color: INK, fontSize: 12, hideOverlap: true, formatter: (value: number) => format.format(value) };
}
