import { once } from "node:events";
import { type Predictions, readCsvChunks, type Table } from "@layerwise/data";
import type { Command } from "commander";
import Papa from "papaparse";
import type { OptionRow } from "../options/option-row.js";
import { addOptions, readValues, type Values } from "../options/read-options.js";
import { READING } from "../options/rows.js";
import { openModel } from "../reading/open-model.js";
import { formatOf, readingOptions, readTable } from "../reading/read-table.js";

const JSON_ROW: OptionRow = {
  key: "json",
  value: { kind: "switch" },
  help: "a line of JSON for each row, in place of CSV",
};
const ROWS = [...READING, JSON_ROW];

/** `layerwise predict model.safetensors data.csv > predictions.csv` */
export function addPredict(program: Command): void {
  const command = program
    .command("predict")
    .description("the target of each row, as CSV on standard output; of classes each one's probability too")
    .argument("<model>", "a file that train wrote")
    .argument(
      "<data...>",
      "files with the model's columns; CSV is read some rows at a time, whatever its size",
    );
  addOptions(command, ROWS).action(async (path: string, data: readonly string[]) => {
    const values = readValues(command, ROWS);
    using model = await openModel(path);
    let isFirst = true;
    const told = new Set<string>();
    for await (const table of tablesOf(data, values, model.pipeline.readOptions())) {
      const predictions = model.predict(table);
      for (const { column, message } of predictions.notes) {
        const note = column === undefined ? message : `${column}: ${message}`;
        if (told.has(column ?? message)) continue; // Once a column is enough.
        told.add(column ?? message);
        process.stderr.write(`${note}\n`);
      }
      await write(textOf(predictions, values.json === true, isFirst));
      isFirst = false;
    }
  });
}

async function* tablesOf(
  data: readonly string[],
  values: Values,
  types: Parameters<typeof readTable>[2],
): AsyncGenerator<Table, void> {
  if (formatOf(data, values) === "csv") yield* readCsvChunks(data, { ...readingOptions(values), ...types });
  else yield await readTable(data, values, types);
}

function textOf(predictions: Predictions, isJson: boolean, isFirst: boolean): string {
  const rows = predictions.toRows();
  if (isJson) return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  return `${Papa.unparse({ fields: predictions.names, data: rows }, { header: isFirst, newline: "\n" })}\n`;
}

/** Waits where whoever reads is slower. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}
