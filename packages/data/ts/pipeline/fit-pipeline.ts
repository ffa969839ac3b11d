import type { Column } from "../table/column.js";
import type { Note } from "../table/note.js";
import { leftOutBecause, uselessBecause } from "../table/profile.js";
import type { Table } from "../table/table.js";
import { checkSize } from "./check-json.js";
import { fitColumn } from "./fit-column.js";
import { checkTargets, fitTarget } from "./fit-target.js";
import { findLeaks } from "./leaks.js";
import { noColumns, type PipelineOptions, resolvePipelineOptions } from "./options.js";
import { Pipeline } from "./pipeline.js";
import type { IgnoredColumn, PreparedColumn } from "./plan.js";

/**
 * What each column of a table becomes before a network sees it, by these rows alone: give it the training rows. Numbers are
 * imputed by their median, scaled and clipped; categories are one number for each level; ids, constants and free texts are left
 * out. All that was decided is in the pipeline's notes. Raises ConfigError, or DataError for a target that can't be learnt.
 */
export function fitPipeline(table: Table, options: PipelineOptions): Pipeline {
  const settings = resolvePipelineOptions(table, options);
  const notes: Note[] = [];
  const targets = settings.targets.map((name) => fitTarget(table.column(name), settings, notes));
  checkTargets(targets);
  const columns: PreparedColumn[] = [];
  const ignored: IgnoredColumn[] = [];
  for (const column of table.columns) {
    const { name } = column;
    if (settings.targets.includes(name)) continue;
    const own = settings.columns.get(name);
    const useless = own === undefined ? leftOut(table, column) : undefined;
    const reason = own === "ignore" ? "as the options say" : useless;
    if (reason !== undefined) ignored.push({ name, reason });
    else columns.push(fitColumn(column, own === "ignore" || own === undefined ? {} : own, settings, notes));
  }
  for (const { name, reason } of ignored) notes.push({ kind: "ignored", column: name, message: reason });
  if (columns.length === 0) throw noColumns(ignored.map(({ name, reason }) => `${name}: ${reason}`));
  for (const name of settings.targets) notes.push(...findLeaks(table, name));
  const json = { type: "pipeline", version: 1, columns, ignored, targets } as const;
  checkSize(json);
  return new Pipeline(json, notes);
}

/** As the table's notes have it: 1, 2, 3, … are a number for each row, and no longer count up where some rows were drawn for training. */
function leftOut({ columns, notes, rows }: Table, column: Column): string | undefined {
  return leftOutBecause(notes, column.name) ?? uselessBecause(column, rows, columns.length);
}
