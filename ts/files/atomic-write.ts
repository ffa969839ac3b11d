import { type Disk, errorCode } from "./disk.js";

/**
 * Replaces the file at `path` whole or not at all, and resolves when that outlasts a crash:
 *
 * 1. write a new file beside it (exclusively), fsync;
 * 2. give the present file a second name;
 * 3. rename the new file over it, fsync of the folder: from here on the new one is there;
 * 4. rename the second name to `path.1`, which was `path.2` by then, and so on; fsync of the folder.
 *
 * So at every moment `path` is a whole file, and generation 1 is only given up for one that was newest.
 * If it rejects in 1 to 3, the file is what it was, and nothing is left beside it.
 */
export async function writeAtomically(
  disk: Disk,
  path: string,
  bytes: Uint8Array,
  keep: number,
): Promise<void> {
  const temporary = temporaryName(path);
  const previous = `${temporary}-previous`;
  try {
    await writeNew(disk, temporary, bytes);
    const isThere = keep > 0 && (await tolerate("ENOENT", disk.link(path, previous)));
    await disk.rename(temporary, path);
    await disk.syncFolderOf(path);
    if (isThere) await shift(disk, path, previous, keep);
  } catch (error) {
    await Promise.allSettled([disk.remove(temporary), disk.remove(previous)]);
    throw error;
  }
}

async function writeNew(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const file = await disk.createNew(path);
  try {
    await file.write(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The oldest generation is overwritten by the one after it, … and generation 1 by `previous`. */
async function shift(disk: Disk, path: string, previous: string, keep: number): Promise<void> {
  for (let older = keep - 1; older >= 1; older--) {
    const from = generationPath(path, older);
    await tolerate("ENOENT", disk.rename(from, generationPath(path, older + 1)));
  }
  await disk.rename(previous, generationPath(path, 1));
  await disk.syncFolderOf(path);
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

/** A name that no other write uses, and that tells which process it is of. */
function temporaryName(path: string): string {
  return `${path}.${process.pid}-${processStart()}-${crypto.randomUUID().slice(0, 8)}.tmp`;
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
  const base = path.split(/[\\/]/).pop() ?? path;
  const folder = path.slice(0, path.length - base.length);
  for (const name of await disk.namesBeside(path)) {
    if (!name.startsWith(`${base}.`)) continue;
    const parts = name.slice(base.length).match(/^\.(\d+)-(\d+)-[0-9a-f]{8}\.tmp(-previous)?$/);
    if (parts === null || isAlive(Number(parts[1]), Number(parts[2]))) continue;
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
