import type { Value } from "../study/study.js";
import type { JournaledStudy } from "./trials-of.js";

/** A row for each trial at the highest rung that it reached: number, rung, state, value, parameters, epochs, seconds, error. */
export function csvOf({ study, trials }: JournaledStudy): string {
  const names = Object.keys(study.study.space ?? {});
  const head = ["trial", "rung", "state", study.metric, ...names, "epochs", "seconds", "error"];
  const rows = trials.map(({ trial, rung, configuration, value, results }) => {
    const failed = results.find((result) => result.state === "failed");
    const epochs = results.reduce((sum, one) => sum + (one.state === "done" ? one.epochs : 0), 0);
    const seconds = results.reduce((sum, { run }) => sum + run.seconds, 0);
    return [
      ...[trial, rung, failed === undefined ? "done" : "failed", value ?? ""],
      ...names.map((name) => textOf(configuration[name])),
      ...[epochs, Number(seconds.toFixed(4)), failed?.state === "failed" ? failed.error.message : ""],
    ];
  });
  return [head, ...rows].map((row) => `${row.map((cell) => quoted(String(cell))).join(",")}\n`).join("");
}

function textOf(value: Value | undefined): string {
  if (value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** As RFC 4180 has it. A text that a spreadsheet would take for a formula gets an apostrophe. */
function quoted(cell: string): string {
  const text = /^[=@\t\r]|^[+-](?![\d.]|Infinity)/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
