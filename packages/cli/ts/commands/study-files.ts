import { dirname, resolve } from "node:path";
import { checkStudy, type Study } from "@layerwise/cluster";
import { readJson } from "../reading/read-json.js";

/** A study's file and what stands beside it. */
export interface StudyFiles {
  /** Where the study's paths begin. */
  readonly folder: string;
  readonly journal: string;
  readonly store: string;
  readonly report: string;
  /** The best configuration as a layerwise.json. */
  readonly best: string;
}

/** Of `…/house.json`, or of its journal: `…/house.journal.jsonl` and so on. */
export function studyFiles(path: string): StudyFiles {
  const whole = resolve(path);
  const base = whole.replace(/(\.journal)?\.jsonl?$/, "");
  return {
    folder: dirname(whole),
    journal: `${base}.journal.jsonl`,
    store: `${base}.store`,
    report: `${base}.report.html`,
    best: `${base}.best.json`,
  };
}

/** Raises StorageError or ConfigError. */
export function readStudyFile(path: string): Study {
  return checkStudy(readJson(path, "a study", "a study as JSON"));
}
