import { STUDY_SCHEMA } from "@layerwise/cluster";
import { Command } from "commander";
import { addCrossValidate } from "./commands/cross-validate.js";
import { addEnsemble } from "./commands/ensemble.js";
import { addCompare, addEvaluate } from "./commands/evaluate.js";
import { addExport } from "./commands/export.js";
import { addImport } from "./commands/import.js";
import { addData, addInspect } from "./commands/inspect.js";
import { addPredict } from "./commands/predict.js";
import { addStudy } from "./commands/study.js";
import { addSweep } from "./commands/sweep.js";
import { addTrain, TRAIN_ROWS } from "./commands/train.js";
import { addCluster, addWorker } from "./commands/worker.js";
import { schemaOf } from "./options/read-options.js";
import { VERSION } from "./version.js";

const HINT = "(--help tells what there is)";

/** All commands. */
export function programOf(): Command {
  const program = new Command("layerwise")
    .description("Deep neural networks from a file, in one command.")
    .version(VERSION)
    .showSuggestionAfterError();
  addTrain(program);
  addEvaluate(program);
  addPredict(program);
  addInspect(program);
  addCompare(program);
  addExport(program);
  addImport(program);
  addData(program);
  addCrossValidate(program);
  addEnsemble(program);
  addSweep(program);
  addStudy(program);
  addWorker(program);
  addCluster(program);
  addSchema(program);
  endWithErrors(program);
  return program;
}

/** Commander's errors are raised, in inner commands too. */
function endWithErrors(command: Command): void {
  command.exitOverride().showHelpAfterError(HINT);
  for (const inner of command.commands) endWithErrors(inner);
}

/** `layerwise schema > layerwise.schema.json`, for editors that complete layerwise.json. */
function addSchema(program: Command): void {
  program
    .command("schema")
    .description("the JSON schema of layerwise.json, for editors")
    .option("--study", "of a study instead, which sweep takes")
    .action((options: { study?: boolean }) => {
      const schema = options.study === true ? STUDY_SCHEMA : schemaOf(TRAIN_ROWS);
      process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
    });
}
