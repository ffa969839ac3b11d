import { randomUUID } from "node:crypto";
import { type FileHandle, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "@layerwise/data";
import { StateError, StorageError } from "layerwise";
import { hostName, processStart } from "./alive.js";
import { readJournal } from "./read-journal.js";
import type { JournalRecord, SessionRecord } from "./records.js";

export interface OpenJournalOptions {
  /** Goes on though a session of another host isn't closed. Default false. */
  readonly takeOver?: boolean;
  readonly onNote?: (text: string) => void;
  /** Called once when a record can't be written. */
  readonly onFailure?: (error: unknown) => void;
}

/** Sessions of this very process, which may have been given up without a word in the file, on a full disk. */
const openHere = new Set<string>();

/**
 * A file of JSON lines that only grows. Records that are appended while others are being synced are written together. One coordinator at
 * a time has it: each writes down its session before anything else, then looks whether an earlier one still lives. The file's order
 * decides, so there is no lock that a crash could leave behind.
 */
export class Journal {
  readonly path: string;
  /** What was in it before. */
  readonly records: readonly JournalRecord[];
  readonly #file: FileHandle;
  readonly #session: string;
  readonly #onFailure: ((error: unknown) => void) | undefined;
  readonly #begun = performance.now();
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #failure: unknown;

  private constructor(
    path: string,
    file: FileHandle,
    session: string,
    records: readonly JournalRecord[],
    onFailure: ((error: unknown) => void) | undefined,
  ) {
    this.path = path;
    this.#file = file;
    this.#session = session;
    this.records = records;
    this.#onFailure = onFailure;
    openHere.add(session);
  }

  /** Raises StateError where another coordinator has it, FormatError where it is damaged, StorageError. */
  static async open(path: string, options: OpenJournalOptions = {}): Promise<Journal> {
    const session: SessionRecord = {
      type: "session",
      session: randomUUID(),
      host: hostName(),
      pid: process.pid,
      process: processStart(process.pid) ?? "unknown",
      at: new Date().toISOString(),
    };
    const { file, truncated } = await begin(path, session);
    try {
      const { records, truncated: lines } = await readJournal(path);
      for (const line of lines) {
        options.onNote?.(`${path}, line ${line}: cut off, and left out; what it said is done again`);
      }
      const other = holderBefore(records, session, options.takeOver === true);
      if (other !== undefined) {
        await file.appendFile(lineOf({ type: "closed", session: session.session, seconds: 0 }));
        throw new StateError(path, "a journal that no other coordinator has", sessionText(other));
      }
      if (truncated && lines.length === 0) options.onNote?.(`${path}: its last line had no end`);
      return new Journal(path, file, session.session, records, options.onFailure);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  append(record: JournalRecord): void {
    if (this.#failure !== undefined) return;
    this.#waiting.push(lineOf(record));
    this.#writing ??= this.#write();
  }

  /** Resolves when all records outlast a crash. Raises StorageError where they can't be written. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  get seconds(): number {
    return (performance.now() - this.#begun) / 1000;
  }

  /** Gives it to others. */
  async close(): Promise<void> {
    this.append({ type: "closed", session: this.#session, seconds: Number(this.seconds.toFixed(3)) });
    try {
      await this.flush();
    } finally {
      openHere.delete(this.#session);
      await this.#file.close();
    }
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const text = this.#waiting.join("");
        this.#waiting = [];
        await this.#file.appendFile(text);
        await this.#file.datasync();
      }
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      const expected = "room for records (what it holds is whole: make room, and the same command goes on)";
      this.#failure = new StorageError(this.path, expected, message, { cause });
      this.#waiting = [];
      this.#onFailure?.(this.#failure);
    } finally {
      this.#writing = undefined;
    }
  }
}

/** Writes the session down, behind what an earlier one may have left without a line's end. */
async function begin(
  path: string,
  session: SessionRecord,
): Promise<{ file: FileHandle; truncated: boolean }> {
  let file: FileHandle | undefined;
  try {
    await makeFolder(dirname(path));
    file = await open(path, "a+");
    const { size } = await stat(path);
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    const truncated = size > 0 && last[0] !== 10;
    await file.appendFile(`${truncated ? "\n" : ""}${lineOf(session)}`);
    await file.datasync();
    return { file, truncated };
  } catch (cause) {
    await file?.close();
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new StorageError(path, "a journal that can be written", message, { cause });
  }
}

function lineOf(record: JournalRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** The first session before this one that isn't closed and whose process lives, or may live on another host. */
function holderBefore(
  records: readonly JournalRecord[],
  own: SessionRecord,
  takeOver: boolean,
): SessionRecord | undefined {
  const closed = new Set(records.flatMap((record) => (record.type === "closed" ? [record.session] : [])));
  for (const record of records) {
    if (record.type !== "session") continue;
    if (record.session === own.session) return undefined;
    if (closed.has(record.session)) continue;
    if (isHeld(record, own, takeOver)) return record;
  }
  return undefined;
}

function isHeld(record: SessionRecord, own: SessionRecord, takeOver: boolean): boolean {
  if (record.host !== own.host) return !takeOver && !isReboot(record.host, own.host);
  if (record.pid === own.pid && record.process === own.process) return openHere.has(record.session);
  return processStart(record.pid) === record.process;
}

/** Whether it is this machine, before it was started anew: no process of then lives. */
function isReboot(before: string, now: string): boolean {
  const [[host, boot, namespace], [ownHost, ownBoot, ownNamespace]] = [before.split(" "), now.split(" ")];
  return host === ownHost && boot !== ownBoot && boot !== undefined && namespace === ownNamespace;
}

function sessionText({ host, pid, at }: SessionRecord): string {
  return `process ${pid} on ${host.split(" ")[0]}, since ${at} (if that host is gone: --take-over)`;
}
