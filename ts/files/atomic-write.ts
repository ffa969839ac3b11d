import { charactersIn } from "../platform/text.js";
import { type Disk, errorCode } from "./disk.js";

/**
 * Replaces the file at `path` whole or not at all, and outlasts a crash once it resolves:
 *
 * 1. look that nothing but files would be replaced;
 * 2. write a new file beside it (exclusively), fsync;
 * 3. give the present file a second name;
 * 4. rename the new file over it, fsync of the folder: from here on the new one is there.
 *
 * {@link shiftGenerations} then makes a generation of the second name, `previous`; it is undefined where no
 * file was there or none is kept. If it rejects, the file is what it was, and nothing is left beside it.
 */
export async function replaceFile(
  disk: Disk,
  path: string,
  bytes: Uint8Array,
  keep: number,
): Promise<string | undefined> {
  for (let generation = 0; generation <= keep; generation++) {
    await checkReplaceable(disk, generationPath(path, generation));
  }
  const temporary = temporaryName(path);
  const previous = `${temporary}-previous`;
  try {
    await writeNew(disk, temporary, path, bytes);
    const isThere = keep > 0 && (await tolerate("ENOENT", disk.link(path, previous)));
    await disk.rename(temporary, path);
    await disk.syncFolderOf(path);
    return isThere ? previous : undefined;
  } catch (error) {
    await Promise.allSettled([disk.remove(temporary), disk.remove(previous)]);
    throw error;
  }
}

/** Rejects where there is something that is no file: a rename would destroy it, or fail when it is too late. */
async function checkReplaceable(disk: Disk, path: string): Promise<void> {
  const kind = await disk.kind(path);
  if (kind === "nothing" || kind === "a file") return;
  throw Object.assign(new Error(`${path} is ${kind}`), { code: "ENOTFILE" });
}

/**
 * Renames `previous` to `path.1`, which was `path.2` by then, and so on: each generation is only given up for
 * one that was newer. If it rejects, `path` is the new file all the same.
 */
export async function shiftGenerations(
  disk: Disk,
  path: string,
  previous: string,
  keep: number,
): Promise<void> {
  try {
    for (let older = keep - 1; older >= 1; older--) {
      const from = generationPath(path, older);
      await tolerate("ENOENT", disk.rename(from, generationPath(path, older + 1)));
    }
    await disk.rename(previous, generationPath(path, 1));
    // Another process that saves at the same time may have made the same file generation 1: then both names stay.
    await tolerate("ENOENT", disk.remove(previous));
    await disk.syncFolderOf(path);
  } catch (error) {
    await Promise.allSettled([disk.remove(previous)]);
    throw error;
  }
}

async function writeNew(disk: Disk, path: string, like: string, bytes: Uint8Array): Promise<void> {
  const file = await disk.createNew(path, like);
  try {
    await file.write(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Did it happen? An error of this code says no; any other is thrown. */
async function tolerate(code: string, work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (errorCode(error) !== code) throw error;
    return false;
  }
}

/** Generation 0 is the file itself. */
export function generationPath(path: string, generation: number): string {
  return generation === 0 ? path : `${path}.${generation}`;
}

/** Names of more bytes than this, with what a temporary name adds, some file systems don't take (eCryptfs: 143). */
const LONGEST_STEM = 90;

/** A name that no other write uses, and that tells which process it is of. */
function temporaryName(path: string): string {
  const { folder, base } = parts(path);
  const owner = `${process.pid}-${processStart()}-${eightDigits()}`;
  return `${folder}${stem(base)}.${owner}.tmp`;
}

/** Random ones: not crypto's, which Jest's jsdom hides, as the file is created only where there is none. */
function eightDigits(): string {
  return Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, "0");
}

/** As much of a file's name as its temporary names begin with. */
function stem(base: string): string {
  return base.slice(0, charactersIn(base, LONGEST_STEM));
}

function parts(path: string): { folder: string; base: string } {
  const base = path.split(/[\\/]/).pop() ?? path;
  return { folder: path.slice(0, path.length - base.length), base };
}

/** In seconds since 1970, to a second or so. */
function processStart(): number {
  return Math.round(Date.now() / 1000 - process.uptime());
}

/**
 * Removes what writes to `path` by processes of this machine that were killed have left beside it.
 * The files of live processes stay.
 */
export async function removeLeftovers(disk: Disk, path: string): Promise<void> {
  const { folder, base } = parts(path);
  const start = stem(base);
  for (const name of await disk.namesBeside(path)) {
    if (!name.startsWith(`${start}.`)) continue;
    const of = name.slice(start.length).match(/^\.(\d+)-(\d+)-[0-9a-f]{8}\.tmp(-previous)?$/);
    if (of === null || isAlive(Number(of[1]), Number(of[2]))) continue;
    await tolerate("ENOENT", disk.remove(folder + name));
  }
}

/** Process numbers come again, in containers the same ones: the start tells a process from the one before. */
function isAlive(pid: number, start: number): boolean {
  if (pid === process.pid) return Math.abs(start - processStart()) <= 2;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== "ESRCH";
  }
}
