import { rmSync } from "node:fs";
import { basename } from "node:path";
import { discardJournal, type JournaledStudy, readStudy, runStudy } from "@layerwise/cluster";
import { writeFile } from "@layerwise/data";
import type { Command } from "commander";
import { EXIT } from "../exit-codes.js";
import type { OptionRow } from "../options/option-row.js";
import { addOptions, readValues, type Values } from "../options/read-options.js";
import { SAYING } from "../options/rows.js";
import { openOutput } from "../output/open-output.js";
import { number } from "../report/number.js";
import type { Saying } from "../terminal/saying.js";
import { sayingOf } from "../terminal/saying.js";
import { bestText, boardOf } from "../terminal/study-board.js";
import { wrappedOutput } from "../terminal/width.js";
import { bestCommand, bestOptions } from "./best-command.js";
import { readStudyFile, type StudyFiles, studyFiles } from "./study-files.js";
import { interruptible, PROCESSES, placeOf } from "./study-runner.js";
import { withWhatIsKept } from "./what-is-kept.js";

const ROWS: readonly OptionRow[] = [
  ...PROCESSES,
  { key: "failFast", value: { kind: "switch" }, help: "end at the first training that fails" },
  {
    key: "restart",
    value: { kind: "switch" },
    help: "begin anew: the journal and what is stored are deleted",
  },
  {
    key: "takeOver",
    value: { kind: "switch" },
    help: "go on though the journal was left open on another host",
  },
  ...SAYING,
];

/** `layerwise sweep study.json` */
export function addSweep(program: Command): void {
  const command = program
    .command("sweep")
    .description(
      "search options: run a study, or go on with it, and write its journal, report and best options",
    )
    .argument("<study>", "a study as JSON (layerwise schema --study is its schema)");
  addOptions(command, ROWS).action(async (path: string) => {
    process.exitCode = await sweep(path, readValues(command, ROWS));
  });
}

/** Resolves to the exit code. */
async function sweep(path: string, values: Values): Promise<number> {
  const [json, quiet] = [values.json === true, values.quiet === true];
  const saying = sayingOf({ json, quiet });
  const study = readStudyFile(path);
  const files = studyFiles(path);
  const names = [files.journal, files.report, files.best].map((file) => basename(file));
  using _output = await openOutput(files.folder, names);
  if (values.restart === true) {
    await discardJournal(files.journal, values.takeOver === true);
    rmSync(files.store, { recursive: true, force: true });
  }
  const board = boardOf({ json, quiet, saying });
  const { runner, store, storeData } = await placeOf(files.store, values, saying);
  try {
    const outcome = await interruptible(
      board,
      "ending; the same command goes on from here (again: end at once)",
      (signal) =>
        runStudy(study, {
          ...{ runner, store, storeData, signal, journal: files.journal, folder: files.folder },
          failFast: values.failFast === true,
          takeOver: values.takeOver === true,
          onProgress: (progress) => board.show(progress),
          onNote: (text) => board.say(text),
        }),
    );
    board.rest();
    if (outcome === undefined) return EXIT.interrupted;
    const done = await readStudy(files.journal);
    await writeBest(done, files);
    sayOutcome(done, files, saying);
    return EXIT.done;
  } catch (error) {
    throw withWhatIsKept(error, [files.journal], "the same command");
  } finally {
    await runner.close();
  }
}

/** The report, and the best options where there are any. */
async function writeBest(done: JournaledStudy, files: StudyFiles): Promise<void> {
  const { study, best } = done;
  if (best !== undefined)
    await writeFile(files.best, `${JSON.stringify(bestOptions(study, best), null, 2)}\n`);
  const { studyPage } = await import("../report/study-page.js"); // With its charts: other commands start without them.
  await writeFile(files.report, studyPage(done, best === undefined ? undefined : bestCommand(study, best)));
}

function sayOutcome({ study, best, trials, end }: JournaledStudy, files: StudyFiles, saying: Saying): void {
  const failed = trials.filter(({ value }) => value === undefined).length;
  const data = {
    study: study.name,
    metric: study.metric,
    trials: trials.length,
    failed,
    best:
      best === undefined ? null : { trial: best.trial, value: best.value, configuration: best.configuration },
    command: best === undefined ? null : bestCommand(study, best),
    endedBy: end?.reason ?? null,
    files: { journal: files.journal, report: files.report, ...(best !== undefined && { best: files.best }) },
  };
  const text =
    best === undefined
      ? `no training succeeded, of ${number(trials.length)} trials`
      : [
          wrappedOutput(
            `best ${study.metric} of ${number(trials.length)} trials${failed === 0 ? "" : `, ${failed} failed`}: ${bestText(best)}`,
          ),
          "",
          wrappedOutput("what trains it on all rows but the test's:"),
          `  ${bestCommand(study, best)}`,
        ].join("\n");
  saying.result("swept", data, `${text}\n\n${Object.values(data.files).join("\n")}`);
}
