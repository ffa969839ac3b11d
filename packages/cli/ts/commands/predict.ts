import { once } from "node:events";
import { readFileChunks } from "@layerwise/cluster";
import { type Model, noteText, type Table } from "@layerwise/data";
import type { Command } from "commander";
import { computeOf } from "../options/compute.js";
import type { OptionRow } from "../options/option-row.js";
import { addOptions, readValues, type Values } from "../options/read-options.js";
import { COMPUTE, READING, TYPE } from "../options/rows.js";
import { openModel } from "../reading/open-model.js";
import { formatOf, readingOptions } from "../reading/read-table.js";
import { sourcesOf } from "../reading/sources.js";
import { number } from "../report/number.js";
import { CSV, JSON_LINES } from "./prediction-lines.js";

const JSON_ROW: OptionRow = {
  key: "json",
  value: { kind: "switch" },
  help: "a line of JSON for each row, in place of CSV",
};
const ROWS = [TYPE, ...READING, ...COMPUTE, JSON_ROW];

/** `layerwise predict model.safetensors data.csv > predictions.csv` */
export function addPredict(program: Command): void {
  const command = program
    .command("predict")
    .description("the target of each row, as CSV on standard output; of classes each one's probability too")
    .argument("<model>", "a file that train wrote")
    .argument(
      "<data...>",
      "files with the model's columns, read some rows at a time, whatever their size; Parquet by its row groups",
    );
  addOptions(command, ROWS).action(async (path: string, data: readonly string[]) => {
    const values = readValues(command, ROWS);
    using model = await openModel(path, computeOf(values));
    const format = values.json === true ? JSON_LINES : CSV;
    let isFirst = true;
    const told = new Set<string>();
    let [skipped, firstSkipped] = [0, ""];
    for await (const table of tablesOf(model, data, values)) {
      skipped += table.skipped.rows;
      firstSkipped ||= table.skipped.first[0]?.reason ?? "";
      const predictions = model.predict(table);
      for (const note of predictions.notes) {
        const { column, message } = note;
        if (told.has(column ?? message)) continue; // Once a column is enough.
        told.add(column ?? message);
        process.stderr.write(`${noteText(note)}\n`);
      }
      await write(`${isFirst ? format.head(predictions) : ""}${format.lines(predictions)}`);
      isFirst = false;
    }
    if (skipped > 0) process.stderr.write(`bad rows left out: ${number(skipped)}, first ${firstSkipped}\n`);
  });
}

function tablesOf({ pipeline }: Model, data: readonly string[], values: Values): AsyncGenerator<Table, void> {
  const only = pipeline.columns.map(({ name }) => name);
  const options = { ...readingOptions(values), ...pipeline.readOptions(), only };
  const chunkRows = rowsAtOnce(only.length, pipeline.features.length);
  return readFileChunks(sourcesOf(data), formatOf(data, values), options, chunkRows);
}

/** Cells and numbers that are in memory at a time, some hundred megabytes of them. */
const MOST_CELLS = 1 << 20;
const MOST_NUMBERS = 1 << 23;
const MOST_ROWS = 1 << 15;

function rowsAtOnce(columns: number, features: number): number {
  return Math.max(
    1,
    Math.min(MOST_ROWS, Math.floor(MOST_CELLS / columns), Math.floor(MOST_NUMBERS / features)),
  );
}

/** Waits where whoever reads is slower. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}
