import { type Evaluation, noteText, shownPlace } from "@layerwise/data";
import type { Command } from "commander";
import { EXIT } from "../exit-codes.js";
import { computeOf } from "../options/compute.js";
import { addOptions, readValues } from "../options/read-options.js";
import { COMPUTE, READING, SAYING, TYPE } from "../options/rows.js";
import { openModel } from "../reading/open-model.js";
import { readTable } from "../reading/read-table.js";
import { allScores } from "../report/make-report.js";
import { number } from "../report/number.js";
import { type Saying, sayingOf } from "../terminal/saying.js";
import { plainScores, scoreTable } from "../terminal/score-table.js";
import { tableText } from "../terminal/table.js";

const ROWS = [TYPE, ...READING, ...COMPUTE, ...SAYING];

/** `layerwise evaluate model.safetensors data.csv` */
export function addEvaluate(program: Command): void {
  const command = program
    .command("evaluate")
    .description("how well a model predicts rows whose target is known, with 95 % intervals")
    .argument("<model>", "a file that train wrote")
    .argument("<data...>", "files with the model's columns and its target");
  addOptions(command, ROWS).action(async (path: string, data: readonly string[]) => {
    const values = readValues(command, ROWS);
    const saying = sayingOf({ json: values.json === true, quiet: values.quiet === true });
    using model = await openModel(path, computeOf(values));
    const table = await readTable(data, values, model.pipeline.readOptions());
    const evaluation = model.evaluate(table);
    sayNotes(evaluation, saying);
    const scores = allScores(evaluation, model.training.seed);
    saying.result(
      "evaluated",
      { rows: evaluation.predictions.rows, scores: plainScores(scores) },
      scoreTable(scores, `${number(evaluation.predictions.rows)} rows`),
    );
    process.exitCode = EXIT.done;
  });
}

/** `layerwise compare old.safetensors new.safetensors --data test.csv` */
export function addCompare(program: Command): void {
  const command = program
    .command("compare")
    .description("several models on the same rows, side by side")
    .argument("<models...>", "files that train wrote")
    .requiredOption("-d, --data <files...>", "files with the models' columns and their target");
  addOptions(command, ROWS).action(async (paths: readonly string[], options: { data: readonly string[] }) => {
    const values = readValues(command, ROWS);
    const saying = sayingOf({ json: values.json === true, quiet: values.quiet === true });
    const found: { readonly model: string; readonly scores: ReturnType<typeof allScores> }[] = [];
    for (const path of paths) {
      using model = await openModel(path, computeOf(values));
      const table = await readTable(options.data, values, model.pipeline.readOptions());
      const evaluation = model.evaluate(table);
      sayNotes(evaluation, saying, `${shownPlace(path)}: `);
      found.push({ model: shownPlace(path), scores: allScores(evaluation, model.training.seed) });
    }
    const names = [...new Set(found.flatMap(({ scores }) => scores.map(({ name }) => name)))];
    const rows = found.map(({ model, scores }) => [
      model,
      ...names.map((name) => {
        const score = scores.find((it) => it.name === name);
        return score === undefined ? "" : number(score.value);
      }),
    ]);
    const plain = found.map(({ model, scores }) => ({
      model,
      scores: Object.fromEntries(scores.map(({ name, value }) => [name, value])),
    }));
    saying.result(
      "compared",
      { models: plain },
      tableText(
        ["model", ...names],
        rows,
        names.map((_, i) => i + 1),
      ),
    );
  });
}

/** On rows that weren't scored, and levels that training didn't know. */
function sayNotes({ notes }: Evaluation, saying: Saying, before = ""): void {
  for (const note of notes) saying.say(`${before}${noteText(note)}`);
}
