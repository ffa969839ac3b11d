import { type EChartsOption, init } from "echarts";

/**
 * Colours that stand for others: a chart is drawn in them and coloured by a style sheet, so that it can turn
 * dark with its reader's screen. Where no style sheet is understood they show as they are, in light.
 */
export const INK = "#1f2329";
export const FAINT = "#d1d5dc";
export const PAPER = "#fefefe";
export const ACCENT = "#0f6fde";
export const OTHER = "#8a94a3";
export const PALE = "#bcc4cf";
export const MUTED = "#596270";

const DARK: Record<string, string> = {
  [INK]: "#e6e9ee",
  [FAINT]: "#3b424d",
  [PAPER]: "#14171c",
  [ACCENT]: "#5aa7ff",
  [OTHER]: "#7d8796",
  [PALE]: "#4a5260",
  [MUTED]: "#a3adba",
};

/** An ECharts option as an SVG of its own, on paper of its own: readable on any page. */
export function renderSvg(option: EChartsOption, width: number, height: number): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  chart.setOption({ animation: false, backgroundColor: PAPER, textStyle: { color: INK }, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  const rules = Object.entries(DARK).flatMap(([light, dark]) => [
    `[fill="${light}"]{fill:${dark}}`,
    `[stroke="${light}"]{stroke:${dark}}`,
  ]);
  const style = `<style>@media(prefers-color-scheme:dark){${rules.join("")}}</style>`;
  return `${svg.replace(/<svg [^>]*>/, (tag) => `${tag}\n${style}`)}\n`;
}
