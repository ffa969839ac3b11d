import { nodeModule } from "./node-module.js";

/** A new file that is being written. */
export interface NewFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when all that was written outlasts a crash. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The few functions of a file system that an atomic write needs. They reject as Node's do, with a `code`
 * such as ENOENT; a simulated disk in the tests stands behind the same interface.
 */
export interface Disk {
  /** Fails with EEXIST where there is a file. */
  createNew(path: string): Promise<NewFile>;
  read(path: string): Promise<Uint8Array>;
  /** Puts the file at `to`, in place of the one there, in one step. */
  rename(from: string, to: string): Promise<void>;
  /** A second name for the file, or a copy of it where the file system has no such thing. */
  link(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Resolves when the names in the file's folder outlast a crash. */
  syncFolderOf(path: string): Promise<void>;
  /** The file that a chain of symbolic links leads to; the path itself where there is none yet. */
  resolve(path: string): Promise<string>;
  /** The names in the file's folder. */
  namesBeside(path: string): Promise<string[]>;
}

/** The file systems that know no hard links say so with one of these. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];

/** Node's file system. */
export async function nodeDisk(): Promise<Disk> {
  const [fs, path, url] = await Promise.all([
    nodeModule<typeof import("node:fs/promises")>("node:fs/promises"),
    nodeModule<typeof import("node:path")>("node:path"),
    nodeModule<typeof import("node:url")>("node:url"),
  ]);
  return {
    createNew: async (file) => {
      const handle = await fs.open(file, "wx");
      return {
        write: (bytes) => handle.writeFile(bytes),
        sync: () => handle.sync(),
        close: () => handle.close(),
      };
    },
    read: (file) => fs.readFile(file),
    rename: (from, to) => fs.rename(from, to),
    link: async (from, to) => {
      try {
        await fs.link(from, to);
      } catch (error) {
        if (!NO_LINKS.includes(errorCode(error))) throw error;
        await fs.copyFile(from, to);
      }
    },
    remove: (file) => fs.unlink(file),
    syncFolderOf: async (file) => {
      // Windows can't open a folder; NTFS keeps a journal of names.
      if (process.platform === "win32") return;
      const folder = await fs.open(path.dirname(file), "r");
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    },
    resolve: async (file) => {
      const name = file.startsWith("file:") ? url.fileURLToPath(file) : path.resolve(file);
      try {
        return await fs.realpath(name);
      } catch (error) {
        if (errorCode(error) !== "ENOENT") throw error;
        return name;
      }
    },
    namesBeside: (file) => fs.readdir(path.dirname(file)),
  };
}

/** ENOENT, ENOSPC, …; empty for an error without a code. */
export function errorCode(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
}
