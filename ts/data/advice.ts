import { describe } from "../errors/errors.js";
import { typedArrayName } from "../platform/realm.js";

/** What data of other forms are, and how to make of them what a network takes. For the `got` of errors. */

/** Whether the first entry of an array is a row of it. */
export function hasRows(array: readonly unknown[]): boolean {
  const [first] = array;
  return Array.isArray(first) || typedArrayName(first) !== undefined;
}

/** A value that stands where rows or many numbers should. */
export function describeData(value: unknown): string {
  try {
    return (typeof value === "object" && value !== null && describeObject(value)) || describe(value);
  } catch {
    return describe(value); // A proxy or getter that throws has no say in which error this is.
  }
}

function describeObject(value: object): string | undefined {
  if (Array.isArray(value)) return describeArray(value);
  const typed = typedArrayName(value);
  if (typed?.startsWith("Big")) return advised(value, "Float64Array.from(array, Number) converts it");
  if (typed === "Float16Array") return advised(value, "Float32Array.from(array) converts it");
  if (typed !== undefined) return advised(value, "new Matrix(data, rows, cols) makes one");
  if (ArrayBuffer.isView(value)) return advised(value, "new Float32Array(buffer) reads its numbers");
  const properties = new Map(Object.entries(value));
  const has = (key: string, type: string) => key in value && typeof Reflect.get(value, key) === type;
  if (has("then", "function")) return "a promise (await it)";
  if (has("dataSync", "function")) return "a tensor (await tensor.array() gives its rows)";
  if (has("to2DArray", "function")) return advised(value, "its to2DArray() gives rows");
  if ("values" in value && Array.isArray(value.values)) return advised(value, "its .values are rows");
  if (properties.has("data") && properties.has("shape")) {
    return "an array with data and shape (new Matrix(data, ...shape), if its rows lie one after another)";
  }
  if (Symbol.asyncIterator in value) return advised(value, "for await … of reads its rows into an array");
  if (Symbol.iterator in value) return advised(value, "an iterable: [...it] makes an array");
  return describeColumns(properties);
}

function describeArray(array: readonly unknown[]): string | undefined {
  const [first] = array;
  if (typeof first === "number") {
    return `an array of ${array.length} numbers (one example? [[…]]; many: new Matrix(data, rows, cols))`;
  }
  if (typeof first === "string") {
    return `an array of ${array.length} strings (lines.map((line) => line.split(",").map(Number)) makes rows)`;
  }
  if (array.length === 0 || hasRows(array)) return undefined;
  if (typeof first !== "object" || first === null) {
    return `an array of ${array.length} that begins with ${describe(first)}`;
  }
  const keys = Object.keys(first).filter(isName).slice(0, MOST_NAMES);
  const [row, names] = keys.length === 0 ? ["row", "…"] : [`{ ${keys.join(", ")} }`, keys.join(", ")];
  return `an array of ${array.length} objects (give rows of numbers, such as data.map((${row}) => [${names}]))`;
}

/** An object with an array for each column. */
function describeColumns(properties: ReadonlyMap<string, unknown>): string | undefined {
  const isColumn = (value: unknown) => Array.isArray(value) || ArrayBuffer.isView(value);
  const columns = [...properties].filter(([name, value]) => isName(name) && isColumn(value));
  const names = columns.map(([name]) => name).slice(0, MOST_NAMES);
  const [first] = names;
  if (first === undefined || columns.length < properties.size) return undefined;
  const row = names.map((name) => `data.${name}[i]`).join(", ");
  return `an object of columns (give rows: Array.from(data.${first}, (_, i) => [${row}]))`;
}

/** A value that stands where one number should, and what to do about it. */
export function describeElement(value: unknown): {
  readonly got: string;
  readonly advice: string | undefined;
} {
  return { got: describe(value), advice: adviceOnElement(value) };
}

function adviceOnElement(value: unknown): string | undefined {
  if (value === null || value === undefined) return "a missing value: fill it in, or leave its row out";
  if (typeof value === "boolean") return "use 1 for true and 0 for false";
  if (typeof value === "bigint") return "Number(…) converts it";
  if (typeof value === "string") {
    const isNumber = value.trim() !== "" && !Number.isNaN(Number(value));
    return isNumber ? "Number(…) converts it" : "of a name give its index, as names.indexOf(…) does";
  }
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return "three dimensions? row.flat(Infinity) makes two";
  return typeof value === "object" ? "give the numbers in it" : undefined;
}

/** Enough of them to show what is meant. */
const MOST_NAMES = 3;
const isName = (key: string) => /^[A-Za-z_$][\w$]{0,29}$/.test(key);

function advised(value: object, advice: string): string {
  return `${describe(value)} (${advice})`;
}
