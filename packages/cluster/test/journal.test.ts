// The journal by itself: who has it, what a crash leaves, and a disk that is full.
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { StateError, StorageError } from "layerwise";
import { expect, it } from "vitest";
import { smallDisk } from "../../../test/small-disk.js";
import { contentOf, discardJournal, FolderStore, readStudy, runStudy } from "../ts/index.js";
import { hostName, processStart } from "../ts/journal/alive.js";
import { Journal } from "../ts/journal/journal.js";
import { readJournal } from "../ts/journal/read-journal.js";
import type { JournalRecord, SessionRecord } from "../ts/journal/records.js";
import { folder, inlineRunner, newPlace, study } from "./small-study.js";

const suggestion = (trial: number): JournalRecord => ({
  type: "suggestion",
  trial,
  rung: 0,
  configuration: {},
  keys: [],
});

function session(more: Partial<SessionRecord>): string {
  const own = { host: hostName(), pid: process.pid, process: "gone", at: "2026-01-01T00:00:00.000Z" };
  return `${JSON.stringify({ type: "session", session: "before", ...own, ...more })}\n`;
}

function fileWith(text: string): string {
  const { journal } = newPlace();
  mkdirSync(dirname(journal), { recursive: true });
  writeFileSync(journal, text);
  return journal;
}

it("has one coordinator: a second one is refused while the first lives, and only then", async () => {
  const { journal: path } = newPlace();
  const first = await Journal.open(path);
  await expect(Journal.open(path)).rejects.toThrow(StateError);
  await expect(Journal.open(path)).rejects.toThrow(`process ${process.pid}`);
  first.append(suggestion(0));
  await first.close();
  const second = await Journal.open(path);
  expect(second.records.filter(({ type }) => type === "suggestion")).toHaveLength(1);
  await second.close();
});

it("is deleted only where no coordinator has it, damaged or not", async () => {
  const { journal: path } = newPlace();
  const first = await Journal.open(path);
  await expect(discardJournal(path)).rejects.toThrow(StateError);
  expect(existsSync(path)).toBe(true);
  await first.close();
  await discardJournal(path);
  expect(existsSync(path)).toBe(false);
  await discardJournal(path);
  const damaged = fileWith("no journal\n{}\n");
  await discardJournal(damaged);
  expect(existsSync(damaged)).toBe(false);
});

it("is free when its coordinator's process is gone, though its number be another's by now", async () => {
  const { pid = 0 } = spawnSync(process.execPath, ["-e", ""]);
  expect(processStart(pid)).toBeUndefined();
  for (const gone of [{ pid }, { pid: process.pid, process: "1" }]) {
    const journal = await Journal.open(fileWith(session(gone)));
    await journal.close();
  }
  const parent = { pid: process.ppid, process: processStart(process.ppid) ?? "" };
  await expect(Journal.open(fileWith(session(parent)))).rejects.toThrow(`process ${process.ppid}`);
});

it("of another host that may live is taken only when that is asked for", async () => {
  const path = fileWith(session({ host: "elsewhere 12345678 pid:[1]" }));
  await expect(Journal.open(path)).rejects.toThrow(/elsewhere.*--take-over/);
  await (await Journal.open(path, { takeOver: true })).close();
  const [own = "", , namespace = ""] = hostName().split(" ");
  const beforeReboot = session({
    host: `${own} 00000000 ${namespace}`,
    process: processStart(process.pid) ?? "",
  });
  await (await Journal.open(fileWith(beforeReboot))).close();
});

it("leaves out a last line without an end and says so, and goes on behind it", async () => {
  const path = fileWith(`${session({})}${JSON.stringify(suggestion(0))}\n{"type":"sugg`);
  const notes: string[] = [];
  const journal = await Journal.open(path, { onNote: (text) => notes.push(text) });
  expect(notes).toEqual([expect.stringMatching(/line 3: cut off/)]);
  journal.append(suggestion(1));
  await journal.close();
  const { records, truncated } = await readJournal(path);
  expect(truncated).toEqual([3]);
  expect(records.flatMap((record) => (record.type === "suggestion" ? [record.trial] : []))).toEqual([0, 1]);
  // Whole JSON without a line's end isn't known to be whole: 1 of 12.
  const cut = fileWith(`${session({})}${JSON.stringify(suggestion(0))}`);
  expect((await readJournal(cut)).records).toHaveLength(1);
});

it("that is damaged elsewhere is refused, by line", async () => {
  const path = fileWith(`${session({})}{"type":"sugg\n${JSON.stringify(suggestion(1))}\n`);
  await expect(readJournal(path)).rejects.toThrow(/line 2/);
  appendFileSync(path, "");
  await expect(Journal.open(path)).rejects.toMatchObject({ code: "ERR_FORMAT" });
});

it("writes what comes while it syncs together, in order", async () => {
  const { journal: path } = newPlace();
  const journal = await Journal.open(path);
  for (let trial = 0; trial < 500; trial++) journal.append(suggestion(trial));
  await journal.flush();
  const { records } = await readJournal(path);
  expect(records.slice(1).map((record) => (record.type === "suggestion" ? record.trial : -1))).toEqual(
    Array.from({ length: 500 }, (_, i) => i),
  );
  await journal.close();
});

const disk = smallDisk(join(folder, "small-disk"), 64 << 10);
if (disk === undefined) console.warn("a full disk isn't tested: no file system may be mounted here");

it.skipIf(disk === undefined)(
  "on a full disk says so, loses nothing, and the same command goes on",
  async () => {
    const place = disk ?? "";
    try {
      const options = {
        runner: inlineRunner(2),
        store: new FolderStore(join(folder, "beside")),
        journal: join(place, "journal.jsonl"),
      };
      const filling = join(place, "other");
      writeFileSync(filling, new Uint8Array(56 * 1024));
      await expect(runStudy(study, options)).rejects.toThrow(StorageError);
      await expect(runStudy(study, options)).rejects.toThrow(/ENOSPC/);
      expect(readFileSync(options.journal, "utf8").length).toBeGreaterThan(1000);
      rmSync(filling);
      await runStudy(study, options);
      const whole = newPlace();
      await runStudy(study, { runner: inlineRunner(1), ...whole });
      const [a, b] = await Promise.all([options.journal, whole.journal].map(readJournal));
      expect(contentOf(a?.records ?? [])).toEqual(contentOf(b?.records ?? []));
    } finally {
      execFileSync("umount", [place]);
    }
  },
);

it("of a study that ended and goes on with a larger budget says that it goes on", async () => {
  const place = newPlace();
  await runStudy(
    { ...study, method: "random", budget: { trials: 1 } },
    { ...place, runner: inlineRunner(1) },
  );
  const { journal } = place;
  expect((await readStudy(journal)).end?.reason).toBe("trials");
  appendFileSync(journal, `${JSON.stringify({ ...suggestion(1), keys: ["another"] })}\n`);
  expect(await readStudy(journal)).toMatchObject({ end: undefined, open: 1 });
});
