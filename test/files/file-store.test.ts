// What a save does to what is there already, in Node's file system.
import { execFileSync } from "node:child_process";
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { nodeDisk, patiently, readInPieces } from "../../ts/files/disk.js";
import { FileStore } from "../../ts/files/file-store.js";
import { Turns } from "../../ts/files/turns.js";
import { createNetwork, loadNetwork, type Network } from "../../ts/index.js";
import { nextTurn } from "../../ts/platform/breath.js";
import { failure } from "./simulated-disk.js";
import { options, rejection } from "./small-files.js";

const isWindows = process.platform === "win32";
const isRoot = process.getuid?.() === 0;

const network: Network = await createNetwork(options);
const bytes = (byte: number) => new Uint8Array(1000).fill(byte);

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "layerwise-store-"));
  path = join(folder, "a.safetensors");
});
afterEach(() => rm(folder, { recursive: true }));

/** The first byte of each file in the folder, by its name. */
async function found(): Promise<Record<string, number | undefined>> {
  const names = (await readdir(folder)).sort();
  const firsts = await Promise.all(names.map(async (name) => (await readFile(join(folder, name)))[0]));
  return Object.fromEntries(names.map((name, i) => [name, firsts[i]]));
}

describe("saves at the same time", () => {
  test("of one process come in the order of the calls, and leave nothing but generations", async () => {
    const stores = [new FileStore(), new FileStore()];
    for (let round = 0; round < 50; round++) {
      const written = [1, 2].map((byte, i) => stores[i]?.write(path, bytes(2 * round + byte), 1));
      await Promise.all(written);
      const newest = (2 * round + 2) & 255;
      expect(await found()).toEqual({ "a.safetensors": newest, "a.safetensors.1": newest - 1 });
    }
  });

  test("of one process by several names of the file too", async () => {
    await symlink(folder, `${folder}-link`);
    const store = new FileStore();
    const names = [
      path,
      join(`${folder}-link`, "a.safetensors"),
      `file://${path}`,
      join(folder, ".", "a.safetensors"),
    ];
    for (let round = 0; round < 20; round++) {
      await Promise.all(names.map((name, i) => store.write(name, bytes(i), 3)));
      expect(Object.keys(await found())).toEqual(
        [0, 1, 2, 3].map((i) => `a.safetensors${i === 0 ? "" : `.${i}`}`),
      );
    }
    await rm(`${folder}-link`);
  });

  test("of several processes leave nothing but generations", async () => {
    // A module that is loaded anew knows nothing of the first one's writes, as another process.
    vi.resetModules();
    const another = await import("../../ts/files/file-store.js");
    const stores = [new FileStore(), new another.FileStore()];
    for (let round = 0; round < 50; round++) {
      await Promise.all(stores.map((store, i) => store.write(path, bytes(i), 1)));
    }
    expect(Object.keys(await found())).toEqual(["a.safetensors", "a.safetensors.1"]);
  });

  test("one that fails does not keep the next from its turn, nor does one of another file", async () => {
    const turns = new Turns<string>();
    const log: string[] = [];
    const failed = turns.take("a", async () => {
      await nextTurn();
      throw failure("ENOSPC");
    });
    const second = turns.take("a", async () => void log.push("a"));
    const never = turns.take("c", () => new Promise(() => {}));
    await turns.take("b", async () => void log.push("b"));
    expect(await rejection(failed)).toMatchObject({ code: "ENOSPC" });
    await second;
    expect(log).toEqual(["b", "a"]);
    expect(await Promise.race([never, "still waiting"])).toBe("still waiting");
  });
});

describe.skipIf(isWindows)("mode and owner", () => {
  test.each([0o600, 0o640, 0o444, 0o666, 0o755])("%o stays", async (mode) => {
    await writeFile(path, "before");
    await chmod(path, mode);
    await network.save(path, { keep: 1 });
    expect((await stat(path)).mode & 0o7777).toBe(mode);
    expect((await stat(`${path}.1`)).mode & 0o7777).toBe(mode);
  });

  test("a new file has what the process gives new files", async () => {
    await writeFile(`${path}.other`, "");
    await network.save(path);
    expect((await stat(path)).mode).toBe((await stat(`${path}.other`)).mode);
  });

  test.skipIf(!isRoot)("the owner and the group stay where that is allowed", async () => {
    await writeFile(path, "before");
    await chown(path, 12345, 54321);
    await chmod(path, 0o640);
    await network.save(path);
    expect(await stat(path)).toMatchObject({ uid: 12345, gid: 54321, mode: 0o100640 });
  });
});

describe("what is no file is not replaced", () => {
  async function refused(kind: string, at = path, keep = 1): Promise<void> {
    const before = await readdir(folder);
    const { mode } = await lstat(at);
    expect(await rejection(network.save(path, { keep }))).toMatchObject({
      code: "ERR_STORAGE",
      path,
      got: `${at} is ${kind}`,
    });
    expect((await lstat(at)).mode).toBe(mode);
    expect(await readdir(folder)).toEqual(before);
  }

  test("a folder", async () => {
    await mkdir(path);
    await refused("a folder", path, 0);
  });

  test.skipIf(isWindows)("a named pipe", async () => {
    execFileSync("mkfifo", [path]);
    await refused("a named pipe");
  });

  test.skipIf(isWindows)("a socket", async () => {
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once("listening", resolve));
    await refused("a socket", path, 0);
    await new Promise((resolve) => server.close(resolve));
  });

  test.skipIf(isWindows)("a device", async () => {
    expect(await (await nodeDisk()).kind("/dev/null")).toBe("a device");
  });

  test.each([1, 3])(
    "a folder, a pipe or a link by the name of generation %i: the file stays too",
    async (generation) => {
      const older = `${path}.${generation}`;
      await network.save(path);
      const saved = await readFile(path);
      await mkdir(older);
      await refused("a folder", older, 3);
      await rm(older, { recursive: true });
      if (isWindows) return;
      execFileSync("mkfifo", [older]);
      await refused("a named pipe", older, 3);
      await rm(older);
      await symlink("elsewhere", older);
      await refused("a symbolic link", older, 3);
      expect(await readFile(path)).toEqual(saved);
      // Where no such generation is kept, nobody touches it.
      await network.save(path, { keep: generation - 1 });
      expect(await readlink(older)).toBe("elsewhere");
    },
  );

  test("what a failure was is said in words", async () => {
    const error = await rejection(network.save(join(folder, "none", "a")));
    expect(String(error)).toContain("got no such folder (ENOENT");
    expect(String(await rejection(loadNetwork(folder)))).toContain("got a folder (EISDIR");
    await writeFile(path, "");
    expect(await rejection(network.save(join(path, "a")))).toMatchObject({ cause: { code: "ENOTDIR" } });
  });

  test.skipIf(isWindows || isRoot)("a folder that can't be written to", async () => {
    await chmod(folder, 0o500);
    const error = await rejection(network.save(path));
    await chmod(folder, 0o700);
    expect(String(error)).toContain("got no permission (EACCES");
  });
});

describe("names", () => {
  test.each([
    ["of 255 bytes", "a".repeat(255)],
    ["of 255 bytes that are 85 characters", "語".repeat(85)],
    ["of 253 bytes that are 64 characters", `a${"😀".repeat(63)}`],
    ["with a space, a quote and a line's end", " '\"\n"],
  ])("%s", async (_what, name) => {
    await network.save(join(folder, name));
    await network.save(join(folder, name));
    expect(await readdir(folder)).toEqual([name]);
    using loaded = await loadNetwork(join(folder, name));
    expect(loaded.toBytes()).toEqual(network.toBytes());
  });

  test("so long that an older generation's is too long: rejected before the file is replaced", async () => {
    const name = join(folder, "a".repeat(254));
    await writeFile(name, "before");
    const error = await rejection(network.save(name, { keep: 1 }));
    expect(error).toMatchObject({ code: "ERR_STORAGE", cause: { code: "ENAMETOOLONG" } });
    expect(await readFile(name, "utf8")).toBe("before");
    expect((await readdir(folder)).length).toBe(1);
  });

  test("what killed processes left of a long one is removed", async () => {
    const name = join(folder, "a".repeat(255));
    await writeFile(`${join(folder, "a".repeat(90))}.4194304-1700000000-0123abcd.tmp`, "");
    await new FileStore().write(name, bytes(1), 0);
    expect((await readdir(folder)).length).toBe(1);
  });

  test.skipIf(isWindows)("links are followed, also to a file that isn't there yet", async () => {
    await mkdir(join(folder, "deep"));
    await symlink("deep/second", join(folder, "first"));
    await symlink("../a.safetensors", join(folder, "deep/second"));
    for (let time = 0; time < 2; time++) await network.save(join(folder, "first"));
    expect(await readlink(join(folder, "first"))).toBe("deep/second");
    expect(await readlink(join(folder, "deep/second"))).toBe("../a.safetensors");
    expect((await lstat(path)).isFile()).toBe(true);
    expect((await readdir(folder)).sort()).toEqual(["a.safetensors", "deep", "first"]);
  });

  test.skipIf(isWindows)("links in a circle are a StorageError", async () => {
    await symlink("b", join(folder, "a"));
    await symlink("a", join(folder, "b"));
    expect(await rejection(network.save(join(folder, "a")))).toMatchObject({
      code: "ERR_STORAGE",
      cause: { code: "ELOOP" },
    });
  });
});

describe("a file of any size is read", () => {
  /** A file of the numbers 0, 1, … that gives at most 7 bytes at a time and refuses to be asked for more than `most`. */
  const fileOf = (size: number, most: number) => {
    let position = 0;
    return {
      read: async (into: Uint8Array, offset: number, length: number) => {
        if (length > most) throw failure("ERR_OUT_OF_RANGE");
        const bytesRead = Math.min(7, length, size - position);
        for (let i = 0; i < bytesRead; i++) into[offset + i] = position++;
        return { bytesRead };
      },
    };
  };

  test.each([
    [1, 10],
    [10, 10],
    [11, 10],
    [100, 10],
    [20, 3],
  ])("%i bytes, in pieces of %i", async (size, piece) => {
    const expected = Uint8Array.from({ length: size }, (_, i) => i);
    expect(await readInPieces(fileOf(size, piece), size, piece)).toEqual(expected);
    // One that becomes shorter meanwhile.
    expect(await readInPieces(fileOf(size, piece), size + 5, piece)).toEqual(expected);
  });

  test("of 0 bytes too, and one that doesn't say its size", async () => {
    await writeFile(path, "");
    const disk = await nodeDisk();
    expect((await disk.read(path)).length).toBe(0);
    if (process.platform === "linux") expect((await disk.read("/proc/self/maps")).length).toBeGreaterThan(0);
  });
});

describe("work that fails while another program has the file open", () => {
  const failing = (times: number, code: string) =>
    vi.fn(async () => {
      if (times-- > 0) throw failure(code);
    });

  test("is tried again, a few times", async () => {
    const work = failing(2, "EPERM");
    await patiently(work, ["EPERM"], [1, 1]);
    expect(work).toHaveBeenCalledTimes(3);
  });

  test("fails at last, and at once for another reason", async () => {
    expect(await rejection(patiently(failing(3, "EPERM"), ["EPERM"], [1, 1]))).toMatchObject({
      code: "EPERM",
    });
    const full = failing(1, "ENOSPC");
    expect(await rejection(patiently(full, ["EPERM"], [1, 1]))).toMatchObject({ code: "ENOSPC" });
    expect(full).toHaveBeenCalledTimes(1);
  });
});
