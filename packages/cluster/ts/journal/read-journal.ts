import { createReadStream } from "node:fs";
import { FormatError, StorageError } from "layerwise";
import type { JournalRecord } from "./records.js";

export interface ReadJournal {
  readonly records: readonly JournalRecord[];
  /** Lines that a coordinator didn't come to the end of, by their numbers from 1: they are left out. */
  readonly truncated: readonly number[];
  /** Whether the last line has its end. */
  readonly endsWhole: boolean;
}

const TYPES = ["session", "closed", "study", "suggestion", "result", "decision"];
const NEWLINE = 10;

/**
 * All records of a journal. A line may be cut off where it is the last one, or where a new session follows it. Raises StorageError, and
 * FormatError for any other line that is no record.
 */
export async function readJournal(path: string): Promise<ReadJournal> {
  const records: JournalRecord[] = [];
  const truncated: number[] = [];
  let broken: { readonly line: number; readonly at: number; readonly text: string } | undefined;
  let [line, at, endsWhole] = [0, 0, true];
  for await (const { text, isWhole, length } of linesOf(path)) {
    line += 1;
    endsWhole = isWhole;
    const record = isWhole ? recordOf(text) : undefined;
    if (record?.type === "session" && broken !== undefined) {
      truncated.push(broken.line);
      broken = undefined;
    }
    if (broken !== undefined) throw damaged(path, broken);
    if (record !== undefined) records.push(record);
    else if (text.trim() !== "") broken = { line, at, text };
    at += length;
  }
  if (broken !== undefined && endsWhole) throw damaged(path, broken);
  if (broken !== undefined) truncated.push(broken.line);
  return { records, truncated, endsWhole };
}

function damaged(path: string, { line, at, text }: { line: number; at: number; text: string }): FormatError {
  return new FormatError("json", at, `${path}, line ${line}`, "a record of a journal", text.slice(0, 60));
}

function recordOf(text: string): JournalRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const type = typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
    return TYPES.some((known) => known === type) ? (value as JournalRecord) : undefined;
  } catch {
    return undefined;
  }
}

async function* linesOf(path: string) {
  let rest: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path)) {
      const bytes = chunk as Buffer;
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
        const line = Buffer.concat([...rest, bytes.subarray(start, end)]);
        rest = [];
        start = end + 1;
        yield { text: line.toString("utf8"), isWhole: true, length: line.length + 1 };
      }
      if (start < bytes.length) rest.push(Buffer.from(bytes.subarray(start)));
    }
  } catch (cause) {
    throw new StorageError(
      path,
      "a journal that can be read",
      cause instanceof Error ? cause.message : `${cause}`,
      { cause },
    );
  }
  const line = Buffer.concat(rest);
  if (line.length > 0) yield { text: line.toString("utf8"), isWhole: false, length: line.length };
}
