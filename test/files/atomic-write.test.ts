import { mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test, vi } from "vitest";
import { FileStore } from "../../ts/files/file-store.js";
import {
  createNetwork,
  FormatError,
  loadNetwork,
  type Network,
  type Recovery,
  StorageError,
} from "../../ts/index.js";
import { SimulatedDisk } from "./simulated-disk.js";
import { fitOptions, options, rejection, x, y } from "./small-files.js";

const CODES = ["ENOSPC", "EACCES", "EXDEV", "EIO"];
const PATH = "model.safetensors";

/** Networks of one configuration, told apart by their seeds. */
const networks = await Promise.all([1, 2, 3, 4].map((seed) => createNetwork({ ...options, seed })));

function networkOf(seed: number): Network {
  const network = networks[seed - 1];
  if (network === undefined) throw new Error(`no network ${seed}`);
  return network;
}

/** A disk on which the networks 1 … `count` were saved, the newest last. */
async function diskWith(count: number, keep: number): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk();
  for (let seed = 1; seed <= count; seed++) await save(disk, seed, keep);
  disk.log.length = 0;
  return disk;
}

function save(disk: SimulatedDisk, seed: number, keep: number): Promise<void> {
  return networkOf(seed).save(PATH, { store: new FileStore(async () => disk), keep });
}

/** The seed of the network that a load gives, and what it says. */
async function load(disk: SimulatedDisk): Promise<{ seed: number; recoveries: Recovery[] }> {
  const recoveries: Recovery[] = [];
  const onRecovery = (recovery: Recovery) => void recoveries.push(recovery);
  using network = await loadNetwork(PATH, { store: new FileStore(async () => disk), onRecovery });
  return { seed: network.config.seed, recoveries };
}

describe.each([0, 1, 3])("on a disk that forgets, with %i older generations", (keep) => {
  test("a power cut at any moment leaves the old file or the new one, whole", async () => {
    const disk = await diskWith(3, keep);
    const cuts: SimulatedDisk[] = [];
    disk.watch = () => void cuts.push(...disk.afterPowerCuts());
    await save(disk, 4, keep);
    const seeds = await Promise.all(cuts.map(load));
    // The file itself is whole at every moment: no older generation had to help.
    expect(seeds.every(({ recoveries }) => recoveries.length === 0)).toBe(true);
    expect(new Set(seeds.map(({ seed }) => seed))).toEqual(new Set([3, 4]));
    // Once there, the new file stays.
    expect(seeds.map(({ seed }) => seed)).toEqual(seeds.map(({ seed }) => seed).sort());
  });

  test("what save has reported outlasts every power cut", async () => {
    const disk = await diskWith(4, keep);
    for (const cut of disk.afterPowerCuts()) expect((await load(cut)).seed).toBe(4);
  });

  test("older generations are whole at any moment too", async () => {
    const disk = await diskWith(3, keep);
    const cuts: SimulatedDisk[] = [];
    disk.watch = () => void cuts.push(...disk.afterPowerCuts());
    await save(disk, 4, keep);
    for (const cut of [...cuts, ...disk.afterPowerCuts()]) {
      for (let generation = 1; generation <= keep; generation++) {
        const bytes = cut.bytes(`${PATH}.${generation}`);
        if (bytes !== undefined) await expect(loadNetwork(bytes)).resolves.toBeDefined();
      }
    }
  });

  test.each(CODES)("an operation that fails with %s rejects, and the file is whole", async (code) => {
    const whole = await diskWith(3, keep);
    await save(whole, 4, keep);
    const operations = [...whole.log];
    const replaced = operations.indexOf(
      operations.find((what) => /rename .*\.tmp \S+safetensors$/.test(what)) ?? "",
    );
    for (let at = 0; at < operations.length; at++) {
      const disk = await diskWith(3, keep);
      disk.failing = { at, code };
      const error = await rejection(save(disk, 4, keep));
      expect(error, operations[at]).toBeInstanceOf(StorageError);
      expect(error).toMatchObject({ code: "ERR_STORAGE", path: PATH, cause: { code } });
      const { seed, recoveries } = await load(disk);
      expect(recoveries).toEqual([]);
      expect(seed, operations[at]).toBe(at <= replaced ? 3 : 4);
      expect(disk.names().filter((name) => name.includes(".tmp"))).toEqual([]);
      // The next one succeeds.
      await save(disk, 2, keep);
      expect((await load(disk)).seed).toBe(2);
    }
  });
});

test("a fit whose disk is full ends with StorageError at a whole step, and can go on", async () => {
  const disk = new SimulatedDisk();
  const store = new FileStore(async () => disk);
  using network = await createNetwork(options);
  using same = await createNetwork(options);
  const full = ({ steps }: { steps: number }) => {
    if (steps === 2) disk.failing = { at: disk.log.length + 1, code: "ENOSPC" };
  };
  const checkpoint = { path: PATH, everySteps: 1, store };
  const error = await rejection(network.fit(x, y, { ...fitOptions, checkpoint, onCheckpoint: full }));
  expect(error).toMatchObject({ code: "ERR_STORAGE", cause: { code: "ENOSPC" } });
  expect(network.steps).toBe(3);
  using saved = await loadNetwork(PATH, { store });
  expect(saved.steps).toBe(2);
  const stop = new AbortController();
  await same.fit(x, y, {
    ...fitOptions,
    signal: stop.signal,
    onStep: ({ step }) => void (step === 3 && stop.abort()),
  });
  expect(network.parameters()).toEqual(same.parameters());
  await network.fit(x, y, fitOptions);
});

describe("generations", () => {
  test("keep says how many there are, newest first", async () => {
    expect((await diskWith(4, 2)).names().sort()).toEqual([PATH, `${PATH}.1`, `${PATH}.2`]);
    const disk = await diskWith(4, 3);
    for (const [name, seed] of [
      [PATH, 4],
      [`${PATH}.1`, 3],
      [`${PATH}.2`, 2],
      [`${PATH}.3`, 1],
    ] as const) {
      using network = await loadNetwork(disk.bytes(name) ?? new Uint8Array());
      expect(network.config.seed).toBe(seed);
    }
  });

  test("a damaged or missing newest one gives way to the one before, which is said", async () => {
    const disk = await diskWith(3, 2);
    disk.bytes(PATH)?.fill(0, 40, 41);
    const damaged = await load(disk);
    expect(damaged.seed).toBe(2);
    expect(damaged.recoveries).toMatchObject([{ path: PATH, generation: 1 }]);
    expect(damaged.recoveries[0]?.reason).toBeInstanceOf(FormatError);
    await disk.remove(PATH);
    const missing = await load(disk);
    expect(missing.seed).toBe(2);
    expect(missing.recoveries[0]?.reason).toBeInstanceOf(StorageError);
  });

  test("a damaged newest one never pushes a whole one out before the new one is there", async () => {
    const disk = await diskWith(2, 1);
    disk.bytes(PATH)?.fill(0, 40, 41);
    const cuts: SimulatedDisk[] = [];
    disk.watch = () => void cuts.push(...disk.afterPowerCuts());
    await save(disk, 4, 1);
    for (const cut of [...cuts, ...disk.afterPowerCuts()]) {
      // The damage is in the simulated file for good.
      expect([1, 4]).toContain((await load(cut)).seed);
    }
  });

  test("it warns on the console unless it is told whom to tell", async () => {
    const disk = await diskWith(2, 1);
    await disk.remove(PATH);
    const warning = vi.spyOn(console, "warn").mockImplementation(() => {});
    using network = await loadNetwork(PATH, { store: new FileStore(async () => disk) });
    expect(network.config.seed).toBe(1);
    expect(warning.mock.calls.join()).toContain("generation 1 of model.safetensors");
    warning.mockRestore();
  });

  test("with none that is whole, the error is the newest's", async () => {
    const disk = await diskWith(2, 1);
    disk.bytes(PATH)?.fill(0, 0, 1);
    disk.bytes(`${PATH}.1`)?.fill(0);
    expect(await rejection(load(disk))).toMatchObject({ code: "ERR_FORMAT" });
    const error = await rejection(load(new SimulatedDisk()));
    expect(error).toMatchObject({ code: "ERR_STORAGE", path: PATH });
  });
});

describe("in Node's file system", async () => {
  const folder = await mkdtemp(join(tmpdir(), "layerwise-files-"));
  afterAll(() => rm(folder, { recursive: true }));

  test("a file is written whole, with nothing left beside it", async () => {
    const path = join(folder, "a.safetensors");
    await networkOf(1).save(path);
    await networkOf(2).save(path);
    expect((await readdir(folder)).sort()).toEqual(["a.safetensors"]);
    expect(new Uint8Array(await readFile(path))).toEqual(networkOf(2).toBytes());
    await networkOf(3).save(path, { keep: 1 });
    expect((await readdir(folder)).sort()).toEqual(["a.safetensors", "a.safetensors.1"]);
    await rm(`${path}.1`);
    await rm(path);
  });

  test("a URL does as well", async () => {
    const url = pathToFileURL(join(folder, "with space.safetensors"));
    await networkOf(1).save(url);
    using network = await loadNetwork(url);
    expect(network.config.seed).toBe(1);
    await rm(url);
  });

  test("a symbolic link stays one", async () => {
    const [path, link] = [join(folder, "b.safetensors"), join(folder, "link")];
    await networkOf(1).save(path);
    await symlink("b.safetensors", link);
    await networkOf(2).save(link, { keep: 1 });
    expect(await readlink(link)).toBe("b.safetensors");
    expect((await readdir(folder)).sort()).toEqual(["b.safetensors", "b.safetensors.1", "link"]);
    using network = await loadNetwork(path);
    expect(network.config.seed).toBe(2);
    await Promise.all([path, `${path}.1`, link].map((name) => rm(name)));
  });

  test("a folder that isn't there is a StorageError, and so is a file that isn't", async () => {
    const path = join(folder, "none", "a.safetensors");
    expect(await rejection(networkOf(1).save(path))).toMatchObject({
      code: "ERR_STORAGE",
      cause: { code: "ENOENT" },
    });
    expect(await rejection(loadNetwork(path))).toMatchObject({ code: "ERR_STORAGE", path });
    expect(await rejection(loadNetwork(folder))).toMatchObject({ code: "ERR_STORAGE" });
  });

  test("two saves at the same time leave one of the two, whole", async () => {
    const path = join(folder, "c.safetensors");
    await Promise.all([1, 2, 3, 4].map((seed) => networkOf(seed).save(path)));
    await expect(loadNetwork(path)).resolves.toBeDefined();
    expect(await readdir(folder)).toEqual(["c.safetensors"]);
    await rm(path);
  });

  test("what killed processes left is removed, and nothing else", async () => {
    const path = join(folder, "d.safetensors");
    // Linux numbers its processes below 2²²; the second name is of a process that had our number, in 2023.
    const dead = [
      `${path}.4194304-1700000000-0123abcd.tmp`,
      `${path}.${process.pid}-1700000000-0123abcd.tmp-previous`,
    ];
    const alive = [`${path}.1-1700000000-0123abcd.tmp`, `${path}.tmp`, `${path}x.4194304-1-0123abcd.tmp`];
    for (const name of [...dead, ...alive]) await writeFile(name, "");
    await networkOf(1).save(path, { store: new FileStore() });
    const left = (await readdir(folder)).map((name) => join(folder, name));
    expect(left.sort()).toEqual([path, ...alive].sort());
    await Promise.all(left.map((name) => rm(name)));
  });
});
