import {
  contentOf,
  csvOf,
  type JournaledStudy,
  optunaJournalOf,
  readJournal,
  readStudy,
  rerunTrial,
  type Trial,
} from "@layerwise/cluster";
import { writeFile } from "@layerwise/data";
import type { Command } from "commander";
import { ConfigError, StateError } from "layerwise";
import { EXIT } from "../exit-codes.js";
import type { OptionRow } from "../options/option-row.js";
import { addOptions, readValues, type Values } from "../options/read-options.js";
import { SAYING } from "../options/rows.js";
import { checkOutputFile } from "../output/open-output.js";
import { number } from "../report/number.js";
import { type Saying, sayingOf } from "../terminal/saying.js";
import { bestText, configurationText } from "../terminal/study-board.js";
import { tableText } from "../terminal/table.js";
import { wrappedOutput } from "../terminal/width.js";
import { bestCommand, bestOptions } from "./best-command.js";
import { studyFiles } from "./study-files.js";
import { PROCESSES, placeOf } from "./study-runner.js";

const EXPORT: OptionRow = {
  key: "export",
  value: { kind: "text", choices: ["csv", "optuna"] },
  help: "all trials in this form",
};
const TRIAL: OptionRow = {
  key: "trial",
  value: { kind: "integer", least: 0 },
  help: "which one",
  default: "the best",
};
const MODEL: OptionRow = { key: "output", value: { kind: "text" }, help: "the model file", letter: "o" };

const WHICH = "a study's file, or its journal";

/** `layerwise study show | best | rerun | compare` */
export function addStudy(program: Command): void {
  const study = program.command("study").description("what a study's journal tells");
  addShow(study);
  addBest(study);
  addRerun(study);
  addCompareStudies(study);
}

function sayingBy(values: Values): Saying {
  return sayingOf({ json: values.json === true, quiet: values.quiet === true });
}

function addShow(study: Command): void {
  const rows = [EXPORT, ...SAYING];
  const command = study
    .command("show")
    .description("its trials, the best first; --export csv or optuna: all of them, for other programs")
    .argument("<study>", WHICH);
  addOptions(command, rows).action(async (path: string) => {
    const values = readValues(command, rows);
    const read = await readStudy(studyFiles(path).journal);
    if (values.export === "csv") process.stdout.write(csvOf(read));
    else if (values.export === "optuna") process.stdout.write(optunaJournalOf(read));
    else sayingBy(values).result("study", plainStudy(read), showText(read));
  });
}

function plainStudy({ study, trials, best, open, end, seconds }: JournaledStudy): object {
  const plain = trials.map(({ trial, rung, value, configuration, results }) => ({
    ...{ trial, rung, value: value ?? null, configuration },
    errors: results.flatMap((one) => (one.state === "failed" ? [one.error] : [])),
  }));
  const { name, metric, direction, build } = study;
  return {
    name,
    metric,
    direction,
    build,
    open,
    seconds,
    endedBy: end?.reason ?? null,
    best: best?.trial ?? null,
    trials: plain,
  };
}

const MOST_SHOWN = 10;

function showText({ study, trials, best, open, end, seconds }: JournaledStudy): string {
  const sign = study.direction === "minimize" ? 1 : -1;
  const done = trials.filter(({ value }) => value !== undefined);
  const order = [...done].sort(
    (a, b) => b.rung - a.rung || sign * ((a.value ?? 0) - (b.value ?? 0)) || a.trial - b.trial,
  );
  const rows = order
    .slice(0, MOST_SHOWN)
    .map(({ trial, rung, value, configuration }) => [
      `${trial}`,
      `${rung}`,
      number(value ?? Number.NaN),
      configurationText(configuration),
    ]);
  const failed = trials.filter(({ value }) => value === undefined);
  const errors = failed.slice(0, 3).map(({ trial, configuration, results }) => {
    const one = results.find((result) => result.state === "failed");
    return wrappedOutput(
      `  trial ${trial} (${configurationText(configuration)}): ${one?.state === "failed" ? one.error.message : ""}`,
    );
  });
  const how = end === undefined ? `${number(open)} trainings are not done` : `ended by its ${end.reason}`;
  return [
    wrappedOutput(
      `${study.name}: ${number(trials.length)} trials, ${number(failed.length)} failed, ${number(Math.round(seconds))} s; ${how}`,
    ),
    "",
    tableText(["trial", "rung", study.metric, "configuration"], rows, [0, 1, 2]),
    ...(errors.length > 0 ? ["", "failed:", ...errors] : []),
    ...(best === undefined ? [] : ["", bestCommand(study, best)]),
  ].join("\n");
}

function addBest(study: Command): void {
  const command = study
    .command("best")
    .description("the best options as a layerwise.json, and the command that trains them")
    .argument("<study>", WHICH);
  addOptions(command, SAYING).action(async (path: string) => {
    const values = readValues(command, SAYING);
    const read = await readStudy(studyFiles(path).journal);
    const best = trialOf(read, undefined);
    const options = bestOptions(read.study, best);
    const text = `${JSON.stringify(options, null, 2)}\n\n${wrappedOutput(bestText(best))}\n${bestCommand(read.study, best)}`;
    sayingBy(values).result(
      "best",
      { trial: best.trial, value: best.value, options, command: bestCommand(read.study, best) },
      text,
    );
  });
}

/** Raises StateError where there is none, ConfigError for a number that no trial has. */
function trialOf({ trials, best }: JournaledStudy, given: number | undefined): Trial {
  if (given === undefined) {
    if (best === undefined) throw new StateError("study", "a trial that is done", "none");
    return best;
  }
  const found = trials.find(({ trial }) => trial === given);
  if (found === undefined)
    throw new ConfigError("--trial", `one of 0 to ${trials.at(-1)?.trial ?? 0}`, `${given}`);
  return found;
}

function addRerun(study: Command): void {
  const rows = [TRIAL, MODEL, ...PROCESSES.filter(({ key }) => key === "threads"), ...SAYING];
  const command = study
    .command("rerun")
    .description("train a trial once more, compare its model with the journal's, to the bit, and write it")
    .argument("<study>", WHICH);
  addOptions(command, rows).action(async (path: string) => {
    const values = readValues(command, rows);
    const saying = sayingBy(values);
    const output = values.output as string | undefined;
    if (output !== undefined) await checkOutputFile(output);
    const files = studyFiles(path);
    const read = await readStudy(files.journal);
    const trial = trialOf(read, values.trial as number | undefined);
    const { runner, store } = await placeOf(files.store, { processes: 1, ...values }, saying);
    try {
      const { result, model } = await rerunTrial(read, trial, { runner, store });
      if (output !== undefined) await writeFile(output, model);
      const { value, scores, model: hash } = result;
      const written = output === undefined ? "" : `\n${output}`;
      const text = `trial ${trial.trial}: ${read.study.metric} ${number(value)}, and the model of SHA-256 ${hash.slice(0, 16)}…, as the journal says${written}`;
      saying.result("rerun", { trial: trial.trial, value, scores, model: hash, file: output ?? null }, text);
    } finally {
      await runner.close();
    }
  });
}

function addCompareStudies(study: Command): void {
  const command = study
    .command("compare")
    .description("studies side by side; of the same study, whether the journals say the same")
    .argument("<studies...>", "studies' files, or their journals");
  addOptions(command, SAYING).action(async (paths: readonly string[]) => {
    const values = readValues(command, SAYING);
    const read = await Promise.all(
      paths.map(async (path) => {
        const { journal } = studyFiles(path);
        const { records } = await readJournal(journal);
        return { path, content: contentOf(records).join("\n"), ...(await readStudy(journal)) };
      }),
    );
    const [first] = read;
    const plain = read.map(({ path, study: of, trials, best, content, seconds }) => ({
      ...{ path, name: of.name, metric: of.metric, trials: trials.length, seconds },
      best:
        best === undefined
          ? null
          : { trial: best.trial, value: best.value, configuration: best.configuration },
      sameAsFirst: content === first?.content,
    }));
    const rows = plain.map(({ path, trials, metric, best, sameAsFirst }, i) => [
      path,
      number(trials),
      metric,
      best === null ? "" : number(best.value ?? Number.NaN),
      best === null ? "" : configurationText(best.configuration),
      i === 0 ? "" : sameAsFirst ? "the same, record by record" : "another",
    ]);
    const head = ["study", "trials", "metric", "best", "configuration", "journal"];
    sayingBy(values).result("compared", { studies: plain }, tableText(head, rows, [1, 3]));
    process.exitCode = EXIT.done;
  });
}
