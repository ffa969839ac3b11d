import { Model, noteText } from "@layerwise/data";
import type { Command } from "commander";
import { addOptions, readValues } from "../options/read-options.js";
import { READING, SAYING, TYPE } from "../options/rows.js";
import { networksOf, openModelOrNetwork } from "../reading/open-model.js";
import { readTable } from "../reading/read-table.js";
import { kindName, networkKinds } from "../report/network-kinds.js";
import { number } from "../report/number.js";
import { sayingOf } from "../terminal/saying.js";
import { tableText } from "../terminal/table.js";

/** `layerwise inspect model.safetensors` */
export function addInspect(program: Command): void {
  const command = program
    .command("inspect")
    .description("what is in a model file: columns, targets, layers, training")
    .argument("<model>", "a file that train wrote");
  addOptions(command, SAYING).action(async (path: string) => {
    const values = readValues(command, SAYING);
    const saying = sayingOf({ json: values.json === true, quiet: values.quiet === true });
    using opened = await openModelOrNetwork(path);
    const networks = networksOf(opened);
    const kinds = networkKinds(networks);
    const summaries = kinds.map((kind) => {
      const name = kindName(kind, kinds);
      return name === "" ? kind.summary : `${name}\n${kind.summary}`;
    });
    const network = { network: networks[0]?.config, networks: networks.length };
    if (!(opened instanceof Model)) {
      saying.result("network", network, summaries.join("\n\n"));
      return;
    }
    const { pipeline, training } = opened;
    saying.result(
      "model",
      { pipeline: pipeline.toJSON(), training, ...network },
      [...columnsText(opened), ...summaries, ...trainingText(opened)].join("\n\n"),
    );
  });
}

function columnsText({ pipeline: { columns, ignored, targets, features } }: Model): string[] {
  const rows = [
    ...columns.map(({ name, type, steps }) => [name, type, steps.map((step) => step.type).join(", ")]),
    ...ignored.map(({ name, reason }) => [name, "", `left out: ${reason}`]),
    ...targets.map((target) => [
      target.name,
      target.type,
      target.type === "classes" ? `target: ${target.classes.slice(0, 8).join(", ")}` : "target",
    ]),
  ];
  return [
    tableText(["column", "type", "becomes"], rows),
    `${number(columns.length)} columns become ${number(features.length)} numbers`,
  ];
}

function trainingText({ training }: Model): string[] {
  const trained = training.networks.map(({ epochs, bestEpoch, validationLoss, stoppedBy }, i) => [
    `network ${i + 1}`,
    `${bestEpoch} of ${epochs}`,
    validationLoss === null ? "" : number(validationLoss),
    stoppedBy,
  ]);
  return [
    tableText(["", "best epoch", "validation loss", "stopped by"], trained, [2]),
    `${number(training.rows)} rows, seed ${training.seed}`,
  ];
}

const DESCRIBE_ROWS = [TYPE, ...READING, ...SAYING];

/** `layerwise data describe file.csv` */
export function addData(program: Command): void {
  const data = program.command("data").description("look at data");
  const command = data
    .command("describe")
    .description("columns, types, missing values, ranges and levels, and what was found out about the file")
    .argument("<data...>", "files of one format: CSV, TSV, JSON lines or Parquet, .gz too");
  addOptions(command, DESCRIBE_ROWS).action(async (paths: readonly string[]) => {
    const values = readValues(command, DESCRIBE_ROWS);
    const saying = sayingOf({ json: values.json === true, quiet: values.quiet === true });
    const table = await readTable(paths, values);
    for (const note of table.notes) saying.say(noteText(note));
    const columns = table.describe();
    const rows = columns.map((column) => [
      column.name,
      column.type,
      number(column.missing),
      number(column.distinct),
      shapeOf(column),
    ]);
    const text = `${tableText(["column", "type", "missing", "distinct", "values"], rows, [2, 3])}\n\n${number(table.rows)} rows`;
    saying.result("data", { rows: table.rows, columns, notes: table.notes, skipped: table.skipped }, text);
  });
}

const BARS = "▁▂▃▄▅▆▇█";

function shapeOf(column: ReturnType<Awaited<ReturnType<typeof readTable>>["describe"]>[number]): string {
  if ("levels" in column) {
    const most = column.levels.slice(0, 3).map(({ level, count }) => `${level} ${number(count)}`);
    return most.join(", ") + (column.distinct > 3 ? ", …" : "");
  }
  const { type, lowest, highest, histogram } = column;
  const most = Math.max(...histogram);
  const bars = histogram
    .map((count) => (count === 0 ? " " : (BARS[Math.min(7, Math.floor((8 * count) / (most + 1)))] ?? " ")))
    .join("");
  const end = (value: number) =>
    type === "date" ? new Date(value).toISOString().slice(0, 10) : number(value);
  return Number.isNaN(lowest) ? "" : `${end(lowest)} ${bars} ${end(highest)}`;
}
