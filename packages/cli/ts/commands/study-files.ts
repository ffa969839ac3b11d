import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { checkStudy, type Study } from "@layerwise/cluster";
import { ConfigError, StorageError } from "layerwise";

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
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new StorageError(path, "a study that can be read", String(cause), { cause });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(path, "a study as JSON", String(cause));
  }
  return checkStudy(json);
}
