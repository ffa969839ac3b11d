// Every option of the command line and of layerwise.json, once.
import type { OptionRow } from "./option-row.js";

const COLUMN_TYPES = ["number", "category", "boolean", "date", "ignore"];

/** How files are read. */
export const READING: readonly OptionRow[] = [
  {
    key: "format",
    value: { kind: "text", choices: ["csv", "jsonl", "parquet"] },
    help: "what the file is",
    default: "by its name's ending, else csv",
  },
  {
    key: "delimiter",
    value: { kind: "text" },
    help: 'between cells: a character, "tab" or "blanks"',
    default: "found out",
  },
  { key: "quote", value: { kind: "text" }, help: "around cells with delimiters", default: '"' },
  { key: "decimal", value: { kind: "text", choices: [".", ","] }, help: "of numbers", default: "found out" },
  {
    key: "header",
    value: { kind: "text", choices: ["yes", "no"] },
    help: "whether the first row has the columns' names",
    default: "found out",
  },
  {
    key: "encoding",
    value: { kind: "text" },
    help: "of the text: utf-8, utf-16le, latin1",
    default: "utf-8",
  },
  {
    key: "comment",
    value: { kind: "text" },
    help: "what lines begin with that are no rows",
    default: "found out",
  },
  {
    key: "skipLines",
    value: { kind: "integer", least: 0 },
    help: "lines to leave out at the beginning",
    default: "0",
  },
  {
    key: "dateOrder",
    value: { kind: "text", choices: ["dmy", "mdy"] },
    help: "of dates with the year at their end: 3/4/2025 is in April, or in March",
    default: "found out; dmy where both fit",
  },
  { key: "missing", value: { kind: "texts" }, help: "further marks of missing values, such as -200" },
  {
    key: "skipBadRows",
    value: { kind: "switch" },
    help: "leave out rows that can't be read, and count them",
  },
  { key: "maxRows", value: { kind: "integer", least: 1 }, help: "read no further than this many rows" },
];

export const TYPE: OptionRow = {
  key: "type",
  value: { kind: "map", choices: COLUMN_TYPES },
  help: "a column's type, as name=type; again for others; of number it reads amounts such as $1,234.50 and 12 % too",
  default: "by its values",
};

/** What is learnt, from what. */
export const COLUMNS: readonly OptionRow[] = [
  { key: "target", value: { kind: "texts" }, help: "the column to predict, or several", letter: "t" },
  {
    key: "task",
    value: { kind: "text", choices: ["numbers", "classes"] },
    help: "whether the target is a number or a class",
    default: "by its values",
  },
  { key: "ignore", value: { kind: "texts" }, help: "columns to leave out" },
  TYPE,
  { key: "log", value: { kind: "switch" }, help: "learn the logarithm of the target" },
  {
    key: "scaling",
    value: { kind: "text", choices: ["standard", "robust", "minMax", "quantileNormal", "none"] },
    help: "of numbers",
    default: "standard",
  },
  {
    key: "softLimit",
    value: { kind: "number", least: 0 },
    help: "numbers are drawn in softly to so many deviations; 0: as they are",
    default: "6",
  },
  {
    key: "rareBelow",
    value: { kind: "integer", least: 0 },
    help: "levels of fewer rows than this are joined",
    default: "a thousandth of the rows, at least 3",
  },
  {
    key: "maxLevels",
    value: { kind: "integer", least: 1, most: 10_000 },
    help: "levels of a column beyond these are joined, the rarest first",
    default: "100",
  },
];

/** Which rows are kept for the test. */
export const SPLIT: readonly OptionRow[] = [
  {
    key: "test",
    value: { kind: "number", least: 0, below: 1 },
    help: "share of the rows that are kept for the test",
    default: "0.2",
  },
  { key: "groups", value: { kind: "text" }, help: "a column whose equal values stay together" },
  { key: "ordered", value: { kind: "switch" }, help: "keep the last rows for the test, not random ones" },
];

/** The networks and their training. */
export const TRAINING: readonly OptionRow[] = [
  {
    key: "networks",
    value: { kind: "integer", least: 1, most: 64 },
    help: "how many are trained and averaged",
    default: "4, of fewer than 2,000 rows 12",
  },
  {
    key: "layers",
    value: { kind: "integers", least: 1 },
    help: "widths of the hidden layers",
    default: "256,128; of few rows also 64,32 and 100",
  },
  {
    key: "activation",
    value: { kind: "text", choices: ["relu", "silu", "gelu", "mish", "selu", "tanh", "softplus"] },
    help: "of hidden layers",
    default: "silu",
  },
  {
    key: "keepProb",
    value: { kind: "number", above: 0, below: 1.0000001 },
    help: "of dropout",
    default: "0.85",
  },
  {
    key: "skip",
    value: { kind: "switch", isOn: true },
    help: "leave out that hidden layers add to x, by which what is linear is learnt as such (in JSON skip: false)",
  },
  {
    key: "loss",
    value: { kind: "text", choices: ["meanSquaredError", "meanAbsoluteError", "huber", "logCosh"] },
    help: "of targets that are numbers",
    default: "meanSquaredError",
  },
  {
    key: "labelSmoothing",
    value: { kind: "number", least: 0, below: 1 },
    help: "of classes",
    default: "0.05",
  },
  { key: "epochs", value: { kind: "integer", least: 1 }, help: "at most", default: "200" },
  {
    key: "batchSize",
    value: { kind: "integer", least: 1 },
    help: "examples of a step",
    default: "by the rows, 16 to 256",
  },
  {
    key: "learningRate",
    value: { kind: "number", above: 0 },
    help: "the highest of adamW's",
    default: "0.002",
  },
  { key: "weightDecay", value: { kind: "number", least: 0 }, help: "of adamW", default: "0.01" },
  { key: "l2", value: { kind: "number", least: 0 }, help: "λ of the loss's L2", default: "0" },
  {
    key: "clipNorm",
    value: { kind: "number", least: 0 },
    help: "limit of the gradients' norm; 0: none",
    default: "1",
  },
  {
    key: "validation",
    value: { kind: "number", least: 0, below: 1 },
    help: "share of the rows by which the best epoch is chosen; 0: the last one is",
    default: "0.15",
  },
  {
    key: "patience",
    value: { kind: "integer", least: 0 },
    help: "epochs without a better one before the end; 0: all are taken",
    default: "25",
  },
  {
    key: "seed",
    value: { kind: "integer", least: 0 },
    help: "from which everything random follows",
    default: "0",
  },
  {
    key: "dtype",
    value: { kind: "text", choices: ["float32", "float64"] },
    help: "of the network's numbers",
    default: "float32",
  },
];

/** What computes networks. */
export const COMPUTE: readonly OptionRow[] = [
  {
    key: "engine",
    value: { kind: "text", choices: ["auto", "native", "wasm"] },
    help: "the processor's own code by @layerwise/native, or WebAssembly; the results are the same to the bit",
    default: "native where it is installed",
  },
  {
    key: "threads",
    value: { kind: "integer", least: 1, most: 64 },
    help: "of the processor",
    default: "by the work",
  },
  {
    key: "math",
    value: { kind: "text", choices: ["exact", "fast"] },
    help: "fast: products and sums are rounded together where the engine can, and results differ from exact in last bits",
    default: "exact",
  },
];

/** How much is said, and how. */
export const SAYING: readonly OptionRow[] = [
  { key: "json", value: { kind: "switch" }, help: "lines of JSON for programs" },
  { key: "quiet", value: { kind: "switch" }, help: "say nothing but errors" },
];

export const OUTPUT: OptionRow = {
  key: "output",
  value: { kind: "text" },
  help: "folder for model.safetensors, report.html and metrics.json",
  default: "this one",
  letter: "o",
};
