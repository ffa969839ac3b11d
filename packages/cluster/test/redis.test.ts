// The form with a server: what workers that die and a server that restarts leave of a study and of a training in rounds.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { adamW, dense, Matrix } from "layerwise";
import { afterAll, describe, expect, it } from "vitest";
import { runStudy } from "../ts/coordinator/run-study.js";
import { readAddress } from "../ts/redis/address.js";
import { connect } from "../ts/redis/connection.js";
import { nameOfQueue } from "../ts/redis/queue-names.js";
import { clusterStatus } from "../ts/redis/status.js";
import { inProcess } from "../ts/rounds/round-runner.js";
import { trainRounds } from "../ts/rounds/train-rounds.js";
import { BullRunner } from "../ts/runner/bull-runner.js";
import { MemoryBlobs } from "./memory-blobs.js";
import { freePort, newFolder, RedisServer, WorkerProcess, whyNoProgram, whyNoRedis } from "./servers.js";
import { contentOf, inline, smallStudy } from "./study-in-folder.js";

const missing = whyNoRedis() ?? whyNoProgram();
if (missing !== undefined) console.warn(`SKIPPED: the tests of the form with a server, ${missing}`);

describe("an address", () => {
  const secret = "s3cret%21";

  it("has user and password of the URL or the environment, and shows neither", () => {
    const address = readAddress(`rediss://me:${secret}@example.org:7000/2`, {});
    expect(address).toMatchObject({
      host: "example.org",
      port: 7000,
      db: 2,
      username: "me",
      password: "s3cret!",
    });
    expect(address.shown).toBe("rediss://example.org:7000/2");
    const environment = { LAYERWISE_REDIS: "redis://[::1]", LAYERWISE_REDIS_PASSWORD: "p" };
    expect(readAddress(undefined, environment)).toMatchObject({
      host: "::1",
      port: 6379,
      password: "p",
      tls: undefined,
    });
  });

  it.each([
    "",
    "example.org",
    `http://:${secret}@a`,
    `redis://:${secret}`,
    `redis://:${secret}@a/b`,
    `redis://:%zz${secret}@a`,
  ])("that is none is refused without a word of it: %s", (text) => {
    const refused = () => readAddress(text, {});
    expect(refused).toThrow(/redis/);
    expect(refused).not.toThrow(/s3cret/);
  });
});

describe.skipIf(missing !== undefined)("with a server", () => {
  const folder = newFolder();
  const ends: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
    rmSync(folder, { recursive: true });
  });

  it("a study is the same to the byte through a worker's death and a server's; so are rounds; a worker ends at once", async () => {
    const server = new RedisServer(await freePort(), ["--appendonly", "yes", "--requirepass", "s3cret"]);
    ends.push(() => server.end());
    await server.start();
    const url = server.url.replace("//", "//:s3cret@");
    const workers = [new WorkerProcess(url), new WorkerProcess(url)] as const;
    ends.push(
      () => workers[0].stop("SIGKILL"),
      () => workers[1].stop("SIGKILL"),
    );

    const expected = join(folder, "expected.jsonl");
    const study = smallStudy(folder, 9);
    const blobs = new MemoryBlobs();
    await runStudy(study, { runner: inline(blobs), store: blobs, journal: expected });

    const notes: string[] = [];
    const address = readAddress(url, {});
    const runner = await BullRunner.open({ address, onNote: (text) => notes.push(text) });
    ends.push(() => runner.close());
    await Promise.all(workers.map(({ ready }) => ready));
    const journal = join(folder, "journal.jsonl");
    const faults: (() => Promise<unknown>)[] = [
      () => workers[0].stop("SIGKILL"),
      async () => {
        await server.stop("SIGKILL");
        await server.start();
      },
    ];
    let disturbed: Promise<unknown> = Promise.resolve();
    await runStudy(study, {
      runner,
      store: runner.store,
      storeData: true,
      journal,
      onProgress: ({ done }) => {
        if (done >= 3 && faults.length > 0) disturbed = disturbed.then(faults.shift());
      },
    });
    await disturbed;
    expect(faults).toEqual([]);
    expect(await contentOf(journal)).toEqual(await contentOf(expected));

    const rounds = roundsOptions();
    const own = new MemoryBlobs();
    const here = await trainRounds(rounds.examples, {
      ...rounds.options,
      store: own,
      runner: inProcess(own, 1),
    });
    const there = await trainRounds(rounds.examples, {
      ...rounds.options,
      build: runner.build,
      store: runner.store,
      runner,
    });
    expect(there.network.parameters()).toEqual(here.network.parameters());
    expect(there.loss).toEqual(here.loss);

    const { workers: living, queues, isPersistent } = await clusterStatus(address);
    expect(living.some(({ pid }) => pid === workers[1].process.pid)).toBe(true);
    expect(queues).toMatchObject([{ waiting: 0, active: 0, stalled: 0 }]);
    expect(isPersistent).toBe(true);

    // What a job holds is data, and nothing on the server or said by a worker is the password.
    const redis = await connect(address);
    ends.push(async () => redis.disconnect());
    const keys = await redis.keys(`layerwise:${nameOfQueue("default", runner.build)}:trial-*`);
    const [job = "{}"] = await redis.hmget(keys[0] ?? "", "data");
    expect(JSON.parse(job ?? "{}")).toMatchObject({ version: 1, build: runner.build, target: ["value"] });
    const all = [...(await redis.keys("*")), job, ...notes, ...workers.map(({ output }) => output)].join(
      "\n",
    );
    expect(all).not.toContain("s3cret");
    expect(await workers[1].stop("SIGTERM")).toBe(0);
  }, 240_000);

  it("who isn't let in, or finds nobody there, is told so in a sentence without the password", async () => {
    const server = new RedisServer(await freePort(), ["--requirepass", "right"]);
    ends.push(() => server.end());
    await server.start();
    const wrong = readAddress(server.url.replace("//", "//:s3cret@"), {});
    const refused = await connect(wrong).catch((error: unknown) => error);
    expect(String(refused)).toMatch(/WRONGPASS/);
    expect(JSON.stringify(refused) + String(refused)).not.toContain("s3cret");
    await server.stop("SIGKILL");
    await expect(connect(wrong)).rejects.toThrow(/ECONNREFUSED/);
  });
});

function roundsOptions() {
  const rows = 48;
  const x = new Matrix(
    Float32Array.from({ length: rows * 2 }, (_, i) => Math.sin(i * 1.3)),
    rows,
    2,
  );
  const y = new Matrix(
    Float32Array.from({ length: rows }, (_, i) => (x.data[2 * i] ?? 0) * (x.data[2 * i + 1] ?? 0)),
    rows,
    1,
  );
  return {
    examples: { x, y },
    options: {
      ...{ rounds: 3, localSteps: 4, shards: 3, build: "here" },
      network: {
        inputs: 2,
        layers: [dense(6, { activation: "tanh" }), dense(1)],
        loss: "meanSquaredError" as const,
      },
      fit: { batchSize: 8, optimizer: adamW({ learningRate: 0.01 }) },
    },
  };
}
