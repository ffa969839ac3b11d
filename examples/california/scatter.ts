import { init } from "echarts";

/** What stands around the points. */
export interface Captions {
  readonly title: string;
  readonly subtitle: string;
}

const COLORS = {
  title: "#0f172a",
  text: "#334155",
  axis: "#94a3b8",
  grid: "#e2e8f0",
  point: "#2563eb",
  right: "#c2410c",
};

/** Pairs of a true and a predicted number of dollars as an SVG picture; on the line the two are the same. */
export function scatterSvg(points: readonly (readonly [number, number])[], captions: Captions): string {
  const highest = 100_000 * Math.ceil(Math.max(...points.flat()) / 100_000);
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 640, height: 680 });
  const axis = (name: string, nameGap: number) => ({
    type: "value" as const,
    name,
    nameGap,
    nameLocation: "middle" as const,
    nameTextStyle: { color: COLORS.text, fontSize: 13 },
    min: 0,
    max: highest,
    axisLabel: { color: COLORS.text, fontSize: 12, formatter: (dollars: number) => `$${dollars / 1000}k` },
    axisLine: { show: true, lineStyle: { color: COLORS.axis } },
    splitLine: { show: true, lineStyle: { color: COLORS.grid } },
  });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: "#ffffff",
      textStyle: { fontFamily: "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" },
      title: {
        text: captions.title,
        subtext: captions.subtitle,
        left: 64,
        top: 14,
        textStyle: { color: COLORS.title, fontSize: 18 },
        subtextStyle: { color: COLORS.text, fontSize: 13 },
      },
      grid: { left: 80, right: 36, top: 84, bottom: 64 },
      xAxis: axis("true median value", 34),
      yAxis: axis("predicted", 56),
      series: [
        {
          type: "scatter",
          data: points.map((pair) => [...pair]),
          symbolSize: 4,
          itemStyle: { color: COLORS.point, opacity: 0.35 },
        },
        {
          type: "line",
          data: [
            [0, 0],
            [highest, highest],
          ],
          symbol: "none",
          lineStyle: { color: COLORS.right, width: 2 },
        },
      ],
    });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
