import { OPTION_NAMES, type TrainingOptions, trainOptionsOf } from "@layerwise/cluster";
import {
  type Column,
  noteSentence,
  noteText,
  type Table,
  type TrainOptions,
  withoutAdvice,
} from "@layerwise/data";
import { ConfigError } from "layerwise";
import { computeOf } from "../options/compute.js";
import type { Values } from "../options/read-options.js";
import { number } from "../report/number.js";
import type { Decision } from "../report/report-data.js";

/** What a training will do, and why. */
export interface Plan {
  readonly options: TrainOptions;
  readonly isClasses: boolean;
  /** For people: "Two classes of Churn: No, Yes". */
  readonly task: string;
  readonly decisions: readonly Decision[];
  /** What the decisions say of the table, as a model's file has it. */
  readonly told: readonly string[];
}

/** A number of few different whole values may be a class: the default is a number, and that is said. */
const FEW_VALUES = 20;

/** From the values that were given and what is in the table. Raises ConfigError or DataError. */
export function planOf(table: Table, targets: readonly string[], values: Values): Plan {
  const columns = targets.map((name) => table.column(name));
  const [first] = columns;
  if (first === undefined) throw new ConfigError("--target", "the name of the column to predict", "none");
  const { isClasses, why } = taskOf(first, values.task as "numbers" | "classes" | undefined);
  const task = isClasses ? classesText(first) : `Numbers: ${targets.join(", ")}`;
  const told = table.notes.filter(({ kind, column = "" }) => kind !== "ignored" || !targets.includes(column));
  const notes = told.map((note) => ({ what: note.column ?? "the file", why: noteSentence(note) }));
  const rows = { what: "rows", why: `${number(table.rows)}, ${number(table.columns.length)} columns` };
  return {
    told: told.map((note) => noteText(withoutAdvice(note))),
    options: trainOptions(targets, isClasses, values),
    isClasses,
    task,
    decisions: [
      rows,
      ...notes,
      { what: "task", why: `${task.slice(0, 1).toLowerCase()}${task.slice(1)} (${why})` },
    ],
  };
}

function taskOf(
  column: Column,
  given: "numbers" | "classes" | undefined,
): { isClasses: boolean; why: string } {
  if (given !== undefined) return { isClasses: given === "classes", why: "as --task says" };
  if (column.type !== "number") return { isClasses: true, why: `${column.name} is a ${column.type}` };
  const distinct = new Set(column.values.filter((value) => !Number.isNaN(value)));
  const isWhole = [...distinct].every(Number.isInteger);
  if (distinct.size === 2)
    return {
      isClasses: true,
      why: `${column.name} has two values, ${[...distinct].sort((a, b) => a - b).join(" and ")}`,
    };
  if (isWhole && distinct.size <= FEW_VALUES) {
    return {
      isClasses: false,
      why: `${column.name} is a number with ${distinct.size} different values; if they are classes, say --task classes`,
    };
  }
  return {
    isClasses: false,
    why: `${column.name} is a number with ${number(distinct.size)} different values`,
  };
}

function classesText(column: Column): string {
  const levels =
    "levels" in column
      ? [...column.levels]
      : [...new Set(column.values)].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const shown = levels.slice(0, 6).join(", ") + (levels.length > 6 ? ", …" : "");
  const many = levels.length === 2 ? "Two" : `${levels.length}`;
  return `${many} classes of ${column.name}: ${shown}`;
}

/** By the names that studies know too: an option that is in one table and not in the other has no place to hide. */
function trainOptions(targets: readonly string[], isClasses: boolean, values: Values): TrainOptions {
  const { groups, seed } = values as { groups?: string; seed?: number };
  const given = OPTION_NAMES.flatMap((key) =>
    values[key] === undefined ? [] : [[key, values[key]] as const],
  );
  return {
    ...trainOptionsOf(Object.fromEntries(given) as TrainingOptions, targets, groups ?? null),
    task: isClasses ? "classes" : "numbers",
    ...(seed !== undefined && { seed }),
    ...computeOf(values),
  };
}
