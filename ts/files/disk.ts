import { nodeModule } from "../platform/node-module.js";

/** A new file that is being written. */
export interface NewFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when all that was written outlasts a crash. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What a name stands for. */
export type FileKind =
  | "nothing"
  | "a file"
  | "a folder"
  | "a symbolic link"
  | "a named pipe"
  | "a socket"
  | "a device";

/**
 * The few functions of a file system that an atomic write needs. They reject as Node's do, with a `code`
 * such as ENOENT; a simulated disk in the tests stands behind the same interface.
 */
export interface Disk {
  /** Fails with EEXIST where there is a file. Mode and owner are those of the file `like`, if there is one. */
  createNew(path: string, like: string): Promise<NewFile>;
  read(path: string): Promise<Uint8Array>;
  /** Puts the file at `to`, in place of the one there, in one step. Two names of one file both stay. */
  rename(from: string, to: string): Promise<void>;
  /** A second name for the file, or a copy of it where the file system has no such thing. */
  link(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Resolves when the names in the file's folder outlast a crash. */
  syncFolderOf(path: string): Promise<void>;
  /** The path that a chain of symbolic links leads to, whether there is a file or not yet. */
  resolve(path: string): Promise<string>;
  /** What is there, a link being one. */
  kind(path: string): Promise<FileKind>;
  /** The names in the file's folder. */
  namesBeside(path: string): Promise<string[]>;
}

/** The file systems that know no hard links say so with one of these. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/** Windows says one of these while another program, a virus scanner say, has the file open. */
const IN_USE = ["EPERM", "EACCES", "EBUSY"];

/** Waits between attempts, in milliseconds: 1.6 s in all. */
const WAITS = [20, 50, 100, 200, 400, 800];

/** Bytes read at a time. */
const PIECE = 1 << 26;

/** A chain of more symbolic links is a circle, as Linux has it. */
const MOST_LINKS = 40;

/** Node's file system. */
export async function nodeDisk(): Promise<Disk> {
  const [fs, path, url] = await Promise.all([
    nodeModule<typeof import("node:fs/promises")>("node:fs/promises"),
    nodeModule<typeof import("node:path")>("node:path"),
    nodeModule<typeof import("node:url")>("node:url"),
  ]);
  const isWindows = process.platform === "win32";

  /** Owner and mode of `like`, as far as they can be had: what can't leaves the file with fewer rights. */
  async function takeAfter(file: FileHandle, like: Stats): Promise<void> {
    if (isWindows) return; // It knows neither.
    const { uid, gid } = await file.stat();
    const isSame = uid === like.uid && gid === like.gid;
    const hasGroup =
      isSame ||
      (await succeeds(file.chown(like.uid, like.gid))) ||
      (await succeeds(file.chown(uid, like.gid)));
    // Another group gets no more than everybody.
    const forGroup = hasGroup ? like.mode & 0o070 : (like.mode & 0o007) << 3;
    await succeeds(file.chmod((like.mode & 0o707) | forGroup));
  }

  /** The path itself, its folder's links followed. */
  async function inItsFolder(name: string): Promise<string> {
    const folder = path.dirname(name);
    return path.join(await fs.realpath(folder), path.basename(name));
  }

  return {
    createNew: async (file, like) => {
      const model = await orUndefined("ENOENT", fs.stat(like));
      // Until it has its mode, nobody else can read it.
      const handle = await fs.open(file, "wx", model === undefined ? 0o666 : 0o600);
      try {
        if (model !== undefined) await takeAfter(handle, model);
      } catch (error) {
        await handle.close();
        throw error;
      }
      return {
        write: (bytes) => handle.writeFile(bytes),
        sync: () => handle.sync(),
        close: () => handle.close(),
      };
    },
    read: async (file) => {
      const handle = await fs.open(file, "r");
      try {
        const { size } = await handle.stat();
        // A pipe, or a file that the system makes up, doesn't say how long it is.
        return await (size === 0 ? handle.readFile() : readInPieces(handle, size));
      } finally {
        await handle.close();
      }
    },
    rename: (from, to) =>
      isWindows ? patiently(() => fs.rename(from, to), IN_USE, WAITS) : fs.rename(from, to),
    link: async (from, to) => {
      try {
        await fs.link(from, to);
      } catch (error) {
        if (!NO_LINKS.includes(errorCode(error))) throw error;
        await fs.copyFile(from, to);
        const copy = await fs.open(to, "r+");
        await copy.sync().finally(() => copy.close());
      }
    },
    remove: (file) => fs.unlink(file),
    syncFolderOf: async (file) => {
      // Windows can't open a folder; NTFS keeps a journal of names.
      if (isWindows) return;
      const folder = await fs.open(path.dirname(file), "r");
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    },
    resolve: async (file) => {
      let name = file.startsWith("file:") ? url.fileURLToPath(file) : path.resolve(file);
      for (let links = 0; links <= MOST_LINKS; links++) {
        const found = await orUndefined("ENOENT", fs.realpath(name));
        if (found !== undefined) return found;
        // Nothing there, or a link to nothing: the file will be where the link leads.
        name = await inItsFolder(name);
        const target = await orUndefined("EINVAL", orUndefined("ENOENT", fs.readlink(name)));
        if (target === undefined) return name;
        name = path.resolve(path.dirname(name), target);
      }
      throw Object.assign(new Error(`ELOOP: too many symbolic links, resolve '${file}'`), { code: "ELOOP" });
    },
    kind: async (file) => {
      const stats = await orUndefined("ENOENT", fs.lstat(file));
      return stats === undefined ? "nothing" : kindOf(stats);
    },
    namesBeside: (file) => fs.readdir(path.dirname(file)),
  };
}

type FileHandle = import("node:fs/promises").FileHandle;
type Stats = import("node:fs").Stats;

function kindOf(stats: Stats): FileKind {
  if (stats.isFile()) return "a file";
  if (stats.isDirectory()) return "a folder";
  if (stats.isSymbolicLink()) return "a symbolic link";
  if (stats.isFIFO()) return "a named pipe";
  return stats.isSocket() ? "a socket" : "a device";
}

/** A file that is open. It gives fewer bytes than asked for where it likes, and none at its end. */
interface Readable {
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: null,
  ): Promise<{ readonly bytesRead: number }>;
}

/** The first `size` bytes of a file. Node's readFile takes no file over 2 GiB, and one read of it gives no more. */
export async function readInPieces(file: Readable, size: number, piece = PIECE): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(bytes, length, Math.min(piece, size - length), null);
    if (bytesRead === 0) return bytes.subarray(0, length);
    length += bytesRead;
  }
  return bytes;
}

/** `work`, again after each of the waits while it fails with one of these codes. */
export async function patiently(
  work: () => Promise<void>,
  codes: readonly string[],
  waits: readonly number[],
): Promise<void> {
  for (const wait of waits) {
    try {
      return await work();
    } catch (error) {
      if (!codes.includes(errorCode(error))) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  return work();
}

/** What it resolves to; undefined for an error of this code, any other is thrown. */
async function orUndefined<Result>(code: string, work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (errorCode(error) !== code) throw error;
    return undefined;
  }
}

/** Did it happen? Any error says no. */
function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

/** ENOENT, ENOSPC, …; empty for an error without a code. */
export function errorCode(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}
