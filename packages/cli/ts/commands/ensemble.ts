import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { trainEnsemble } from "@layerwise/cluster";
import type { Command } from "commander";
import { EXIT } from "../exit-codes.js";
import type { OptionRow } from "../options/option-row.js";
import { addOptions, readConfigFile, readValues, type Values } from "../options/read-options.js";
import { OUTPUT, SAYING } from "../options/rows.js";
import { openOutput } from "../output/open-output.js";
import { allScores } from "../report/make-report.js";
import { number } from "../report/number.js";
import { sayingOf } from "../terminal/saying.js";
import { plainScores, scoreTable } from "../terminal/score-table.js";
import { STUDY_ROWS, studyOf } from "./cross-validate.js";
import { interruptible, PROCESSES, placeOf } from "./study-runner.js";
import { littleRoomText, withWhatIsKept } from "./what-is-kept.js";

const ROWS: readonly OptionRow[] = [
  ...STUDY_ROWS,
  ...PROCESSES,
  ...SAYING,
  { ...OUTPUT, help: "folder for model.safetensors" },
];

/** `layerwise ensemble data.csv --target price --networks 8` */
export function addEnsemble(program: Command): void {
  const command = program
    .command("ensemble")
    .description(
      "train several networks side by side and average them: train's model, to the byte, on many processors",
    )
    .argument("<data...>", "files of one format")
    .option("-c, --config <file>", "JSON with the options' names as keys; flags come first");
  addOptions(command, ROWS).action(async (data: readonly string[], options: { config?: string }) => {
    const config = options.config === undefined ? {} : readConfigFile(options.config, ROWS);
    process.exitCode = await ensemble(data, readValues(command, ROWS, config));
  });
}

async function ensemble(data: readonly string[], values: Values): Promise<number> {
  const saying = sayingOf({ json: values.json === true, quiet: values.quiet === true });
  const { networks, ...others } = values as Values & { networks?: number };
  const study = studyOf(data, others);
  const folder = resolve((values.output as string | undefined) ?? ".");
  using _output = await openOutput(folder, ["model.safetensors"]);
  const place = join(folder, ".layerwise-store");
  const { runner, store, storeData } = await placeOf(place, values, saying);
  try {
    const trained = await interruptible(saying, "ending; the same command goes on from here", (signal) =>
      trainEnsemble(study, networks, {
        ...{ runner, store, storeData, signal },
        onTrained: (done, of) => saying.say(`${done} of ${of} networks`),
        onLittleRoom: (room) => saying.say(littleRoomText(room)),
      }),
    );
    if (trained === undefined) return EXIT.interrupted;
    const { model, test, forget } = trained;
    const path = join(folder, "model.safetensors");
    await model.save(path);
    await forget();
    rmSync(place, { recursive: true, force: true });
    const evaluation = test === undefined ? undefined : model.evaluate(test);
    const tested = evaluation?.predictions.rows ?? 0;
    const scores = evaluation === undefined ? [] : allScores(evaluation, model.training.seed);
    const text = tested === 0 ? "" : `${scoreTable(scores, `${number(tested)} test rows`)}\n\n`;
    saying.result(
      "trained",
      { networks: model.networks.length, rows: { test: tested }, scores: plainScores(scores), files: [path] },
      `${text}${model.networks.length} networks, averaged\n${path}`,
    );
    model.dispose();
    return EXIT.done;
  } catch (error) {
    throw withWhatIsKept(error, [(values.store as string | undefined) ?? place], "the same command");
  } finally {
    await runner.close();
  }
}
