import { DataError, Matrix } from "layerwise";
import { describe, listed } from "../platform/describe.js";
import type { Table } from "../table/table.js";
import { asLevels } from "./convert.js";
import { exp, log } from "./elementary.js";
import { withoutPoint } from "./fit-target.js";
import type { ClassTarget, NumberTarget, Target } from "./plan.js";

/** What a network's outputs are compared with. Raises DataError for a row without a target, and for a class that isn't known. */
export function targetNumbers(
  targets: readonly Target[],
  table: Table,
  dtype: "float32" | "float64",
): Matrix | Uint32Array {
  const [first] = targets;
  if (first?.type === "classes" && first.classes.length > 2) return classIndices(first, table);
  const numbers = table.rows * targets.length;
  const y = dtype === "float32" ? new Float32Array(numbers) : new Float64Array(numbers);
  targets.forEach((target, t) => {
    const column = target.type === "number" ? scaledNumbers(target, table) : classIndices(target, table);
    for (let i = 0; i < table.rows; i++) y[i * targets.length + t] = column[i] ?? 0;
  });
  return new Matrix(y, table.rows, targets.length);
}

/** Index of each row's class. Raises DataError. */
export function classIndices(target: ClassTarget, table: Table): Uint32Array {
  const { codes, levels } = asLevels(table.column(target.name));
  const indices = levels.map((level) => indexOfClass(target, level));
  return Uint32Array.from(codes, (code, row) => {
    const index = indices[code] ?? -1;
    if (index >= 0) return index;
    const got = code < 0 ? "a missing value" : describe(levels[code]);
    throw new DataError(`target ${target.name}, row ${row}`, `a class: ${listed(target.classes, 10)}`, got);
  });
}

/** The rows whose class isn't among the target's. */
export function unknownRows(target: ClassTarget, table: Table): number[] {
  const { codes, levels } = asLevels(table.column(target.name));
  const known = levels.map((level) => indexOfClass(target, level) >= 0);
  return Array.from({ length: table.rows }, (_, row) => row).filter((row) => !known[codes[row] ?? -1]);
}

function indexOfClass({ classes, values, trailingPoint }: ClassTarget, level: string): number {
  const label = trailingPoint ? withoutPoint(level) : level;
  const found = classes.indexOf(values === "boolean" ? label.toLowerCase() : label);
  if (found >= 0 || values !== "number") return found;
  return classes.indexOf(String(Number(label))); // "3.0" is 3
}

/** A class as it was in the data: a text, a number or a boolean. */
export type Label = string | number | boolean;

/** The classes as they were in the data. */
export function classLabels({ classes, values }: ClassTarget): Label[] {
  return classes.map((label) => {
    if (values === "number") return Number(label);
    return values === "boolean" ? label === "true" : label;
  });
}

/** The target's numbers, as they are. Raises DataError. */
export function plainNumbers(target: NumberTarget, table: Table): Float64Array {
  const column = table.column(target.name);
  if (column.type !== "number")
    throw new DataError(`target ${target.name}`, "numbers, as in training", column.type);
  const missing = column.values.findIndex(Number.isNaN);
  if (missing >= 0)
    throw new DataError(`target ${target.name}, row ${missing}`, "a number", "a missing value");
  return column.values;
}

function scaledNumbers(target: NumberTarget, table: Table): Float64Array {
  return plainNumbers(target, table).map((value, row) => {
    if (target.log && !(value > 0)) {
      throw new DataError(
        `target ${target.name}, row ${row}`,
        "a number above 0, whose log was learnt",
        String(value),
      );
    }
    return ((target.log ? log(value) : value) - target.mean) / target.deviation;
  });
}

/** A network's output in the target's unit. */
export function inUnit({ log, mean, deviation }: NumberTarget, output: number): number {
  const value = output * deviation + mean;
  return log ? exp(value) : value;
}
