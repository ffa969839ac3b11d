import Table from "cli-table3";
import { columnsOf } from "./width.js";

/** Rows for people: no lines, columns of numbers to the right. Where a terminal is too narrow, each row's cells stand below one another. */
export function tableText(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [],
  columns = columnsOf(process.stdout) ?? Number.POSITIVE_INFINITY,
): string {
  const text = inColumns(head, rows, numbers);
  return text.split("\n").some((line) => line.length > columns) ? inBlocks(head, rows) : text;
}

function inBlocks(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const blocks = rows.map(([first = "", ...others]) => {
    const cells = others.flatMap((cell, i) => (cell === "" ? [] : [`  ${head[i + 1] ?? ""}: ${cell}`]));
    return [first, ...cells].join("\n");
  });
  return blocks.join("\n");
}

function inColumns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[],
): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, i) => (numbers.includes(i) ? "right" : "left")),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
    chars: {
      top: "",
      "top-mid": "",
      "top-left": "",
      "top-right": "",
      bottom: "",
      "bottom-mid": "",
      "bottom-left": "",
      "bottom-right": "",
      left: "",
      "left-mid": "",
      mid: "",
      "mid-mid": "",
      right: "",
      "right-mid": "",
      middle: "",
    },
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}
