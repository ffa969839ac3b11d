/** A curve of a chart: its name, its line, the axis that it belongs to. */
export interface StreamSeries {
  readonly label: string;
  readonly color: `--${string}`;
  /** "share": 0 … 1, drawn against an axis of its own on the right. */
  readonly scale: "loss" | "share";
  readonly dashed?: boolean;
}
