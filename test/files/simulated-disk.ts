// A disk that forgets, as a power cut makes one forget: what was not synced is gone, and of the changes to
// a folder's names any first part may have happened. Errors can be planted in any of its operations.
import type { Disk, FileKind, NewFile } from "../../ts/files/disk.js";

interface Content {
  bytes: Uint8Array;
  /** What a power cut leaves of it. */
  durable: Uint8Array;
}

type Names = Map<string, Content>;

export class SimulatedDisk implements Disk {
  /** Every operation in turn: its name and its path. */
  readonly log: string[] = [];
  /** The operation (counted from 0) that fails, and with which code. */
  failing: { readonly at: number; readonly code: string } | undefined;
  /** Called before every operation. */
  watch: (() => void) | undefined;
  #names: Names = new Map();
  /** The folder as it is on the platters, and after each change that isn't yet. */
  #durable: Names = new Map();
  #pending: Names[] = [];

  async createNew(path: string): Promise<NewFile> {
    this.#operation(`create ${path}`);
    if (this.#names.has(path)) throw failure("EEXIST");
    const content: Content = { bytes: new Uint8Array(), durable: new Uint8Array() };
    this.#change((names) => names.set(path, content));
    return {
      write: async (bytes) => {
        // A full disk takes the first half.
        content.bytes = bytes.slice(0, bytes.length >> 1);
        this.#operation(`write ${path}`);
        content.bytes = bytes.slice();
      },
      sync: async () => {
        this.#operation(`sync ${path}`);
        content.durable = content.bytes;
      },
      close: async () => this.#operation(`close ${path}`),
    };
  }

  async read(path: string): Promise<Uint8Array> {
    return this.#get(path).bytes.slice();
  }

  async rename(from: string, to: string): Promise<void> {
    this.#operation(`rename ${from} ${to}`);
    const content = this.#get(from);
    if (this.#names.get(to) === content) return; // POSIX: two names of one file both stay
    this.#change((names) => {
      names.delete(from);
      names.set(to, content);
    });
  }

  async link(from: string, to: string): Promise<void> {
    this.#operation(`link ${from} ${to}`);
    const content = this.#get(from);
    if (this.#names.has(to)) throw failure("EEXIST");
    this.#change((names) => names.set(to, content));
  }

  async remove(path: string): Promise<void> {
    this.#operation(`remove ${path}`);
    this.#get(path);
    this.#change((names) => names.delete(path));
  }

  async syncFolderOf(): Promise<void> {
    this.#operation("sync folder");
    this.#durable = this.#names;
    this.#pending = [];
  }

  async resolve(path: string): Promise<string> {
    return path;
  }

  async kind(path: string): Promise<FileKind> {
    this.#operation(`look ${path}`);
    return this.#names.has(path) ? "a file" : "nothing";
  }

  async namesBeside(): Promise<string[]> {
    return this.names();
  }

  names(): string[] {
    return [...this.#names.keys()];
  }

  /** The disk as each power cut at this moment could leave it. */
  afterPowerCuts(): SimulatedDisk[] {
    return [this.#durable, ...this.#pending].map((names) => {
      const disk = new SimulatedDisk();
      const left = (content: Content) => ({ bytes: content.durable, durable: content.durable });
      disk.#names = new Map([...names].map(([path, content]) => [path, left(content)]));
      disk.#durable = disk.#names;
      return disk;
    });
  }

  /** The bytes of a file, undefined where there is none. */
  bytes(path: string): Uint8Array | undefined {
    return this.#names.get(path)?.bytes;
  }

  #get(path: string): Content {
    const content = this.#names.get(path);
    if (content === undefined) throw failure("ENOENT");
    return content;
  }

  #change(change: (names: Names) => unknown): void {
    this.#names = new Map(this.#names);
    change(this.#names);
    this.#pending.push(this.#names);
  }

  #operation(what: string): void {
    this.watch?.();
    this.log.push(what);
    if (this.failing?.at === this.log.length - 1) throw failure(this.failing.code);
  }
}

/** An error as Node's fs makes them. */
export function failure(code: string): Error {
  return Object.assign(new Error(`${code}: planted`), { code });
}
