import { ConfigError, DataError } from "layerwise";
import { counted, listed } from "../platform/describe.js";
import { type Column, hasLevels, isMissing } from "../table/column.js";
import type { Note } from "../table/note.js";
import { countsOf, momentsOf, sortedValues } from "../table/summary.js";
import { asLevels } from "./convert.js";
import { log } from "./elementary.js";
import type { PipelineSettings } from "./options.js";
import type { ClassTarget, NumberTarget, Target } from "./plan.js";

/** Integers from 0 or 1 of at most as many kinds are classes. */
const MOST_NUMBERED_CLASSES = 10;

/** More classes than this are no classes: each would have hardly a row. */
const MOST_CLASSES = 1000;

/** What the target's column is, by its training rows. Raises DataError or ConfigError. */
export function fitTarget(column: Column, settings: PipelineSettings, notes: Note[]): Target {
  const { name } = column;
  const rows = hasLevels(column) ? column.codes.length : column.values.length;
  let present = 0;
  for (let row = 0; row < rows; row++) if (!isMissing(column, row)) present += 1;
  if (present === 0) throw new DataError(`target ${name}`, "values", "none in any row");
  const task = settings.task ?? decidedTask(column, notes);
  return task === "numbers" ? fitNumbers(column, settings) : fitClasses(column, notes);
}

type Task = "numbers" | "classes";

/** By the values, and says why. */
function decidedTask(column: Column, notes: Note[]): Task {
  const { task, why } = taskOf(column);
  const message = `${task === "numbers" ? "a number" : "a class"}, since ${why}`;
  notes.push({ kind: "target", column: column.name, message });
  return task;
}

function taskOf(column: Column): { readonly task: Task; readonly why: string } {
  if (column.type !== "number") return { task: "classes", why: `its type is ${column.type}` };
  const kinds = [...new Set(sortedValues(column.values))];
  const [lowest = Number.NaN] = kinds;
  const areIntegers = kinds.every((kind) => Number.isInteger(kind));
  if (kinds.length === 2 && areIntegers)
    return { task: "classes", why: `it is ${kinds.join(" or ")} in each row` };
  const range = `${kinds.length} kinds from ${lowest} to ${kinds.at(-1)}`;
  const areClasses = areIntegers && (lowest === 0 || lowest === 1) && kinds.length <= MOST_NUMBERED_CLASSES;
  const areEnough = column.values.length >= 3 * kinds.length;
  if (areClasses && areEnough)
    return { task: "classes", why: `it has few integers (${range}); task "numbers" takes them as amounts` };
  const other = areIntegers && kinds.length <= 20 ? '; task "classes" takes them as names' : "";
  return { task: "numbers", why: `it has numbers of ${range}${other}` };
}

function fitNumbers(column: Column, settings: PipelineSettings): NumberTarget {
  const { name, missingTexts } = column;
  if (column.type !== "number")
    throw new DataError(`target ${name}`, 'numbers, for task "numbers"', column.type);
  const sorted = sortedValues(column.values);
  const [lowest = 0, highest = 0] = [sorted[0], sorted.at(-1)];
  if (lowest === highest)
    throw new DataError(`target ${name}`, "different numbers", `${lowest} in every row`);
  if (settings.log && lowest <= 0)
    throw new DataError(`target ${name}`, "numbers above 0, for log", `${lowest}`);
  const { mean, deviation } = momentsOf(settings.log ? sorted.map(log) : sorted);
  if (!Number.isFinite(mean) || !(deviation > 0) || !Number.isFinite(deviation)) {
    throw new DataError(`target ${name}`, "numbers whose squares a float64 holds", `${lowest} to ${highest}`);
  }
  return { name, type: "number", log: settings.log, mean, deviation, missing: missingTexts };
}

function fitClasses(column: Column, notes: Note[]): ClassTarget {
  const { name, codes, levels, missingTexts } = asLevels(column);
  const counts = countsOf(codes, levels.length);
  const present = levels.filter((_, i) => (counts[i] ?? 0) > 0);
  const trailingPoint = endsInPoints(column, present);
  const classes = [...new Set(present.map((level) => (trailingPoint ? withoutPoint(level) : level)))];
  const values = column.type === "number" ? "number" : column.type === "boolean" ? "boolean" : "text";
  if (values === "number") classes.sort((a, b) => Number(a) - Number(b));
  else classes.sort((a, b) => (a < b ? -1 : 1));
  if (trailingPoint) {
    notes.push({
      kind: "target",
      column: name,
      message: `a point at a label's end is no part of it: classes are ${listed(classes)}`,
    });
  }
  if (classes.length === 1) {
    const rows = counts.reduce((sum, count) => sum + count, 0);
    throw new DataError(
      `target ${name}`,
      "at least two classes",
      `one class, ${classes[0]}, in ${counted(rows, "row")}`,
    );
  }
  if (classes.length > MOST_CLASSES) {
    throw new DataError(
      `target ${name}`,
      `at most ${MOST_CLASSES} classes`,
      `${classes.length}: ${listed(classes, 3)}`,
    );
  }
  return { name, type: "classes", classes, values, trailingPoint, missing: missingTexts };
}

/** `<=50K.`, where all labels end so, or where the same label is there without its point. */
function endsInPoints(column: Column, levels: readonly string[]): boolean {
  if (!hasLevels(column) || column.type === "boolean") return false;
  const pointed = levels.filter((level) => level.length > 1 && level.endsWith("."));
  if (pointed.length === 0) return false;
  return pointed.length === levels.length || pointed.every((level) => levels.includes(withoutPoint(level)));
}

export function withoutPoint(label: string): string {
  return label.length > 1 && label.endsWith(".") ? label.slice(0, -1) : label;
}

/** Several targets are numbers, or of two classes each: a network has one loss. Raises ConfigError. */
export function checkTargets(targets: readonly Target[]): void {
  if (targets.length < 2) return;
  const areNumbers = targets.every(({ type }) => type === "number");
  const areBinary = targets.every((target) => target.type === "classes" && target.classes.length === 2);
  if (areNumbers || areBinary) return;
  const got = targets.map(
    (target) =>
      `${target.name} (${target.type === "number" ? "numbers" : `${target.classes.length} classes`})`,
  );
  throw new ConfigError("target", "several of numbers, or several of two classes each", got.join(", "));
}
