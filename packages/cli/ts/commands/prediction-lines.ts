import type { Label, Predictions } from "@layerwise/data";
import Papa from "papaparse";

/** Predictions as the lines of a file. */
export interface PredictionFormat {
  head(predictions: Predictions): string;
  lines(predictions: Predictions): string;
}

export const CSV: PredictionFormat = {
  head: ({ names }) => `${names.map(csvCell).join(",")}\n`,
  lines: (predictions) => {
    const columns = columnsOf(predictions, csvCell);
    return textOf(predictions.rows, "", columns, ",", "\n");
  },
};

export const JSON_LINES: PredictionFormat = {
  head: () => "",
  lines: (predictions) => {
    const columns = columnsOf(predictions, (label) => JSON.stringify(label));
    const named = predictions.names.map((name, i) => {
      const column = columns[i];
      const key = `${JSON.stringify(name)}:`;
      return (row: number) => key + (column?.(row) ?? "null");
    });
    return textOf(predictions.rows, "{", named, ",", "}\n");
  },
};

function csvCell(value: Label): string {
  return Papa.unparse([[value]]);
}

type CellText = (row: number) => string;

/** What makes each column's text: straight from the numbers, since objects for millions of rows cost more than the network does. */
function columnsOf({ targets }: Predictions, labelText: (label: Label) => string): CellText[] {
  return targets.flatMap((target): CellText[] => {
    if (target.type === "numbers") {
      const { values } = target;
      return [(row) => `${values[row]}`];
    }
    const { classes, labels, probabilities } = target;
    const texts = new Map(classes.map((label) => [label, labelText(label)]));
    const { data, cols } = probabilities;
    return [
      (row) => texts.get(labels[row] ?? "") ?? "",
      ...classes.map(
        (_, k): CellText =>
          (row) =>
            `${data[row * cols + k]}`,
      ),
    ];
  });
}

function textOf(
  rows: number,
  start: string,
  columns: readonly CellText[],
  delimiter: string,
  end: string,
): string {
  const lines = new Array<string>(rows);
  for (let row = 0; row < rows; row++) {
    let line = start;
    for (let c = 0; c < columns.length; c++) line += (c === 0 ? "" : delimiter) + (columns[c]?.(row) ?? "");
    lines[row] = line + end;
  }
  return lines.join("");
}
