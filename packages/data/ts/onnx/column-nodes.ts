import { onCircle } from "../pipeline/elementary.js";
import type {
  DatePart,
  DateStep,
  NumberStep,
  OneHotStep,
  PreparedColumn,
  TruthStep,
} from "../pipeline/plan.js";
import { MISSING_MARKS } from "../values/missing.js";
import { readNumber } from "../values/numbers.js";
import { type Graph, ML_DOMAIN } from "./graph.js";
import type { DataType } from "./model-proto.js";
import { normalOf } from "./quantile-nodes.js";

/** What a column is as an input of the graph: numbers and milliseconds since 1970 (NaN: missing), or texts. */
export function inputType({ type }: PreparedColumn): DataType {
  return type === "number" || type === "date" ? "float64" : "text";
}

/** Nodes that make of a raw column, batch × 1, the numbers that a network takes: each batch × some, of that type. */
export function columnNodes(graph: Graph, column: PreparedColumn, input: string, dtype: DataType): string[] {
  const values =
    column.type === "number"
      ? numberNodes(graph, column.steps, withoutMarks(graph, input, column.missing))
      : column.type === "category"
        ? oneHotNodes(graph, column.steps[0], input, column.missing)
        : column.type === "boolean"
          ? truthNodes(graph, column.steps[0], input)
          : dateNodes(graph, column.steps[0], input);
  return values.map((value) => graph.cast(value, dtype));
}

/** A number that stands for a missing value, such as -200, is NaN. */
function withoutMarks(graph: Graph, x: string, marks: readonly string[]): string {
  const numbers = new Set(marks.map((mark) => readNumber(mark, ".")).filter((n) => typeof n === "number"));
  return [...numbers].reduce(
    (rest, mark) =>
      graph.node("Where", [graph.node("Equal", [rest, graph.double(mark)]), graph.double(Number.NaN), rest]),
    x,
  );
}

function numberNodes(graph: Graph, steps: readonly NumberStep[], x: string): string[] {
  const isMissing = graph.node("IsNaN", [x]);
  let value = x;
  let indicator = false;
  for (const step of steps) {
    if (step.type === "impute") {
      indicator = step.indicator;
      value = graph.node("Where", [isMissing, graph.double(step.value), value]);
    } else value = stepNodes(graph, step, value);
  }
  return indicator ? [value, isMissing] : [value];
}

function stepNodes(graph: Graph, step: Exclude<NumberStep, { type: "impute" }>, x: string): string {
  if (step.type === "quantileNormal") return normalOf(graph, step.quantiles, x);
  if ("center" in step) {
    const off = graph.node("Sub", [x, graph.double(step.center)]);
    return graph.node("Div", [off, graph.double(step.scale)]);
  }
  const { limit } = step;
  const between = (value: string, most: number) =>
    graph.node("Min", [graph.node("Max", [value, graph.double(-most)]), graph.double(most)]);
  if (step.type === "clip") return between(x, limit);
  // Beyond 10⁹ limits the square might overflow, and the result is the limit.
  const ratio = between(graph.node("Div", [x, graph.double(limit)]), 1e9);
  const sum = graph.node("Add", [graph.node("Mul", [ratio, ratio]), graph.double(1)]);
  const value = graph.node("Mul", [ratio, graph.double(limit)]);
  return graph.node("Div", [value, graph.node("Sqrt", [sum])]);
}

/** Texts as integers: the place of each in a list of lists, `other` where it is in none. */
function codesOf(
  graph: Graph,
  x: string,
  lists: readonly (readonly [string, number])[],
  other: number,
): string {
  const codes = new Map(lists);
  const [keys, values] = [[...codes.keys()], [...codes.values()]];
  const attributes = { keys_strings: keys, values_int64s: values, default_int64: other };
  return graph.node("LabelEncoder", [x], attributes, { domain: ML_DOMAIN });
}

function marksAs(code: number, marks: readonly string[]): [string, number][] {
  return ["", " ", ...MISSING_MARKS, ...marks].map((mark) => [mark, code]);
}

function oneHotNodes(
  graph: Graph,
  { levels, other, missing }: OneHotStep,
  x: string,
  marks: readonly string[],
): string[] {
  const width = levels.length + (other ? 1 : 0) + (missing ? 1 : 0);
  if (width === 0) return [];
  const otherCode = other ? levels.length : width;
  const missingCode = missing ? width - 1 : width;
  const own = levels.map((level, i): [string, number] => [level, i]);
  const code = codesOf(graph, x, [...marksAs(missingCode, marks), ...own], otherCode);
  return [graph.node("Equal", [code, graph.integers(Array.from({ length: width }, (_, i) => i))])];
}

/** Each way of writing a word with small and capital letters. */
function spellings(word: string): string[] {
  return [...word].reduce<string[]>(
    (starts, letter) => starts.flatMap((start) => [start + letter, start + letter.toUpperCase()]),
    [""],
  );
}

const UNKNOWN = 2;

function truthNodes(graph: Graph, { value, indicator }: TruthStep, x: string): string[] {
  const texts = ["false", "true"].flatMap((word, code) =>
    spellings(word).map((text): [string, number] => [text, code]),
  );
  const code = codesOf(graph, x, texts, UNKNOWN);
  const number = graph.node("Gather", [graph.doubles([0, 1, value]), code]);
  return indicator ? [number, graph.node("Equal", [code, graph.integers([UNKNOWN])])] : [number];
}

const DAY = 86_400_000;
const DAYS_OF_YEAR = 365.2425;

function dateNodes(graph: Graph, { parts, center, scale, indicator }: DateStep, x: string): string[] {
  const isMissing = graph.node("IsNaN", [x]);
  const present = graph.node("Where", [isMissing, graph.double(0), x]);
  const days = graph.node("Div", [present, graph.double(DAY)]);
  const whole = graph.node("Floor", [days]);
  const numbers = parts.flatMap((part) => {
    if (part !== "year") return onCircleNodes(graph, part, days, whole);
    const years = graph.node("Div", [days, graph.double(DAYS_OF_YEAR)]);
    const year = graph.node("Add", [years, graph.double(1970)]);
    return [graph.node("Div", [graph.node("Sub", [year, graph.double(center)]), graph.double(scale)])];
  });
  const features = numbers.map((number) => graph.node("Where", [isMissing, graph.double(0), number]));
  return indicator ? [...features, isMissing] : features;
}

/** Sine and cosine of the place in the year, the week or the day. */
function onCircleNodes(
  graph: Graph,
  part: Exclude<DatePart, "year">,
  days: string,
  whole: string,
): [string, string] {
  if (part === "hour") {
    const turn = graph.node("Sub", [days, whole]);
    const sine = (of: string) => graph.node("Sin", [graph.node("Mul", [of, graph.double(2 * Math.PI)])]);
    // onnxruntime has no Cos of float64: it is the sine a quarter on.
    return [sine(turn), sine(graph.node("Add", [turn, graph.double(0.25)]))];
  }
  const index =
    part === "month"
      ? monthOf(graph, whole)
      : remainder(graph, graph.node("Add", [whole, graph.double(4)]), 7);
  const turns = part === "month" ? 12 : 7;
  const places = Array.from({ length: turns }, (_, i) => onCircle(i / turns));
  const place = graph.cast(index, "int64");
  return [
    graph.node("Gather", [graph.doubles(places.map(([sine]) => sine)), place]),
    graph.node("Gather", [graph.doubles(places.map(([, cosine]) => cosine)), place]),
  ];
}

/** Of whole numbers. */
function remainder(graph: Graph, x: string, divisor: number): string {
  return graph.node("Sub", [x, graph.node("Mul", [quotientOf(graph, x, divisor), graph.double(divisor)])]);
}

function quotientOf(graph: Graph, x: string, divisor: number): string {
  return graph.node("Floor", [graph.node("Div", [x, graph.double(divisor)])]);
}

/** Days from 1 March of the year 0, which begins an era of 400 years, to 1 January 1970. */
const BEFORE_1970 = 719_468;
const DAYS_OF_ERA = 146_097;

/**
 * The month from 0 of a day since 1970, in the Gregorian calendar: years are counted from March, so that a leap day is their
 * last, and months by 153 days for five of them.
 */
function monthOf(graph: Graph, days: string): string {
  const minus = (a: string, b: string) => graph.node("Sub", [a, b]);
  const plus = (a: string, b: string) => graph.node("Add", [a, b]);
  const times = (a: string, factor: number) => graph.node("Mul", [a, graph.double(factor)]);
  const over = (a: string, divisor: number) => quotientOf(graph, a, divisor);
  const ofEra = remainder(graph, plus(days, graph.double(BEFORE_1970)), DAYS_OF_ERA);
  const leapDays = minus(over(ofEra, 1460), minus(over(ofEra, 36_524), over(ofEra, DAYS_OF_ERA - 1)));
  const year = over(minus(ofEra, leapDays), 365);
  const before = plus(times(year, 365), minus(over(year, 4), over(year, 100)));
  const ofYear = minus(ofEra, before);
  const fromMarch = over(plus(times(ofYear, 5), graph.double(2)), 153);
  return remainder(graph, plus(fromMarch, graph.double(2)), 12);
}
