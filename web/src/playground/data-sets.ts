/** What a network is to learn: which of some classes a point is of, or a number. */
export const TASKS = ["classes", "numbers"] as const;

export type Task = (typeof TASKS)[number];

/**
 * How the plane shows a data set:
 * - classes: its points, and behind them the class that the network takes each place for
 * - curve: one input across, the number up, and the network's answers as a curve
 * - heat: two inputs, and behind them the network's answers as colours
 * - map: where the examples lie, in the colours of the network's answers
 */
export type View = "classes" | "curve" | "heat" | "map";

/** Settings that only some data sets have. */
export type DataSetting = "classes" | "examples" | "noise";

interface DataSetRow {
  readonly label: string;
  readonly task: Task;
  readonly view: View;
  /** Numbers of an example. */
  readonly inputs: number;
  readonly settings: readonly DataSetting[];
  /** What there is to say of it. */
  readonly note?: string;
}

const MADE = ["examples", "noise"] as const;
const DRAWN = { label: "Own points", inputs: 2, settings: [] } as const;

/** The data sets, in the order in which the page lists them. */
export const DATA_SETS = {
  circles: { label: "Circles", task: "classes", view: "classes", inputs: 2, settings: MADE },
  moons: { label: "Moons", task: "classes", view: "classes", inputs: 2, settings: MADE },
  spiral: { label: "Spiral", task: "classes", view: "classes", inputs: 2, settings: ["classes", ...MADE] },
  xor: { label: "XOR", task: "classes", view: "classes", inputs: 2, settings: MADE },
  gaussians: {
    ...{ label: "Gaussians", task: "classes", view: "classes", inputs: 2 },
    settings: ["classes", ...MADE],
  },
  points: { ...DRAWN, task: "classes", view: "classes" },
  wave: {
    ...{ label: "Wave", task: "numbers", view: "curve", inputs: 1, settings: MADE },
    note: "One input, across; the number to learn, up.",
  },
  outliers: {
    ...{ label: "Line, outliers", task: "numbers", view: "curve", inputs: 1, settings: MADE },
    note: "A line, and one point in six far off it: squares follow them, meanAbsoluteError and huber hardly do.",
  },
  hills: {
    ...{ label: "Hills", task: "numbers", view: "heat", inputs: 2, settings: MADE },
    note: "Two inputs: the place. The number to learn is the height there, shown as a colour.",
  },
  california: {
    ...{ label: "California", task: "numbers", view: "map", inputs: 8, settings: ["examples"] },
    note: "2,000 block groups of the census of 1990: eight columns, and the median value of their houses in $100,000. Figures of the U.S. Census Bureau, in the public domain, collected by Pace & Barry (1997).",
  },
  curve: {
    ...DRAWN,
    task: "numbers",
    view: "curve",
    inputs: 1,
    note: "Draw points: across the input, up the number.",
  },
} as const satisfies Record<string, DataSetRow>;

export type DataName = keyof typeof DATA_SETS;

export const DATA_NAMES = Object.keys(DATA_SETS) as readonly DataName[];

export function dataSetRow(name: DataName): DataSetRow {
  return DATA_SETS[name];
}

/** Whether its points are drawn by the visitor. */
export function isDrawn(name: DataName): boolean {
  return name === "points" || name === "curve";
}
