// Workers of another build, or with another store, refuse a study's jobs and say why; it goes on with the others.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runStudy } from "../ts/coordinator/run-study.js";
import { readAddress } from "../ts/redis/address.js";
import type { WorkerFacts } from "../ts/redis/registry.js";
import { wordOnWorkers } from "../ts/redis/who-refuses.js";
import { BullRunner } from "../ts/runner/bull-runner.js";
import { identityOf } from "../ts/store/identity.js";
import { VERSION } from "../ts/version.js";
import { MemoryBlobs } from "./memory-blobs.js";
import { freePort, newFolder, RedisServer, WorkerProcess, whyNoProgram, whyNoRedis } from "./servers.js";
import { contentOf, inline, smallStudy } from "./study-in-folder.js";

const missing = whyNoRedis() ?? whyNoProgram();
if (missing !== undefined) console.warn(`SKIPPED: the tests of workers that refuse, ${missing}`);

const folder = newFolder();
afterAll(() => rmSync(folder, { recursive: true }));

describe("what is said of the workers that are there", () => {
  const right = { queue: "q", build: "1+a", store: "the server" };
  const facts = { id: "", host: "hub", processes: 1, running: 0, done: 0, failed: 0, seconds: 0 };
  const worker = (pid: number, other: object): WorkerFacts => ({ ...facts, ...right, pid, ...other });
  it.each([
    [[], /^no worker on queue q yet/],
    [[worker(1, {})], /^$/],
    [
      [worker(1, {}), worker(2, { build: "2+b" })],
      /^refused by hub 2, of build 2\+b: the study is of build 1\+a$/,
    ],
    [
      [worker(1, { store: "folder 7" }), worker(2, { store: "folder 7" })],
      /^no worker on .*refused by 2 workers with folder 7 as store: the study's is the server/,
    ],
  ])("%#", (workers, expected) => expect(wordOnWorkers(workers, right)).toMatch(expected));
});

it("programs that come to a folder at the same time know it by one number", async () => {
  const place = join(folder, "shared");
  const all = await Promise.all(Array.from({ length: 20 }, () => identityOf(place)));
  expect(new Set(all).size).toBe(1);
  expect(await identityOf(join(folder, "other"))).not.toBe(all[0]);
});

it.skipIf(missing !== undefined)(
  "a study waits for a worker that may have its jobs, and ends with what one process makes of it",
  async () => {
    const server = new RedisServer(await freePort());
    await server.start();
    const [shared, own] = [join(folder, "store"), join(folder, "own")];
    const options = ["--store", shared];
    const workers = [
      new WorkerProcess(server.url, { options: ["--store", own] }),
      new WorkerProcess(server.url, { options, program: programOfAnotherBuild() }),
    ];
    try {
      await Promise.all(workers.map(({ ready }) => ready));
      const notes: string[] = [];
      const address = readAddress(server.url, {});
      const runner = await BullRunner.open({ address, store: shared, onNote: (text) => notes.push(text) });
      expect(notes.join()).toContain(`refused by`);
      const study = smallStudy(folder, 3, { epochs: 2 }, { type: "random" });
      const journal = join(folder, "journal.jsonl");
      const begun = runStudy(study, { runner, store: runner.store, storeData: true, journal });
      await expect.poll(() => workers[0]?.output, { timeout: 60_000 }).toContain("refused: jobs with");
      const right = new WorkerProcess(server.url, { options });
      workers.push(right);
      await begun;
      const [blobs, expected] = [new MemoryBlobs(), join(folder, "expected.jsonl")];
      await runStudy(study, { runner: inline(blobs), store: blobs, journal: expected });
      expect(await contentOf(journal)).toEqual(await contentOf(expected));
      const told = notes.join("\n");
      expect(told).toContain(
        `of build 0.0.9+${runner.build.split("+")[1]}: the study is of build ${runner.build}`,
      );
      expect(told).toContain(`the study's is ${await identityOf(shared)}`);
      expect(told).toContain(await identityOf(own));
      await runner.close();
    } finally {
      await Promise.all(workers.map((worker) => worker.stop("SIGKILL")));
      await server.end();
    }
  },
  240_000,
);

/** The command line with another version's number in it. */
function programOfAnotherBuild(): string {
  const [place, dist] = [join(folder, "program"), "packages/cli/dist"];
  mkdirSync(place);
  symlinkSync(resolve("node_modules"), join(place, "node_modules"));
  cpSync(dist, join(place, "dist"), { recursive: true });
  for (const name of readdirSync(dist).filter((one) => one.endsWith(".js"))) {
    const text = readFileSync(join(dist, name), "utf8");
    writeFileSync(join(place, "dist", name), text.replaceAll(`"${VERSION}"`, '"0.0.9"'));
  }
  return join(place, "dist", "layerwise.js");
}
