import { StateError } from "layerwise";
import { Journal } from "../journal/journal.js";
import type { StudyRecord } from "../journal/records.js";
import { checkStudy } from "../study/check-study.js";
import { type ResolvedStudy, searchOf } from "../study/resolve-study.js";
import type { Study } from "../study/study.js";
import { buildOf } from "../trial/build.js";
import { canonicalJson } from "../trial/canonical.js";
import { openStudy } from "./open-study.js";
import type { RunStudyOptions, StudyOutcome } from "./run-study-options.js";
import { StudyRun } from "./study-run.js";

/**
 * Runs a study to its end, from where its journal says it is: suggests, trains by the runner, writes down, decides. The outcome
 * and the journal's content don't depend on how many workers there are, in which order they finish or how often any of it is killed.
 * Raises ConfigError for the study, StateError for a journal of another one or one that is in use, StorageError.
 */
export async function runStudy(given: Study, options: RunStudyOptions): Promise<StudyOutcome> {
  const study = checkStudy(given);
  const { takeOver = false, onNote, folder = "." } = options;
  const { resolved } = await openStudy(study, options);
  const search = searchOf(resolved);
  const build = await buildOf();
  const stop = new AbortController();
  const journal = await Journal.open(options.journal, {
    takeOver,
    onFailure: (error) => stop.abort(error),
    ...(onNote && { onNote }),
  });
  const onAbort = () => stop.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", onAbort, { once: true });
  if (options.signal?.aborted) onAbort();
  let failure: { readonly error: unknown } | undefined;
  try {
    const record = studyRecord(resolved, build, folder);
    const before = journal.records.find((one) => one.type === "study");
    if (before !== undefined) checkSame(journal.path, before, record);
    else journal.append(record);
    return await new StudyRun({ resolved, search, build, journal }, options).run(stop.signal);
  } catch (error) {
    failure = { error };
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
    await journal.close().catch((error: unknown) => {
      if (failure === undefined) throw error;
    });
  }
}

function studyRecord(resolved: ResolvedStudy, build: string, folder: string): StudyRecord {
  const { name, id, search, task, metric, direction, data, trainings } = resolved;
  const { $schema: _, budget: __, data: ___, ...study } = resolved.study;
  return {
    type: "study",
    version: 1,
    ...{ name, id, search, build, task, metric, direction },
    trainings: trainings.length,
    study: { ...study, data: data.files.map(({ sha256 }) => sha256) },
    run: { data, folder },
  };
}

/** Raises StateError where a journal is of another study, or of another build, whose numbers could be others. */
function checkSame(path: string, before: StudyRecord, now: StudyRecord): void {
  if (before.build !== now.build) {
    throw new StateError(path, `build ${before.build}, which began the study`, now.build);
  }
  if (before.id === now.id && before.search === now.search) return;
  const [was, is] = [before.study, now.study] as unknown as Readonly<Record<string, unknown>>[];
  const names = [...new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])];
  const changed = names.filter((name) => canonicalJson(was?.[name]) !== canonicalJson(is?.[name]));
  const expected = "the study that it was begun with (--restart begins anew)";
  throw new StateError(path, expected, `another ${changed.join(", ") || "one"}`);
}
