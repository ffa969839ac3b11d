// A server behind TLS and a user of its own: what is let in, what isn't, and that the password stands nowhere.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runStudy } from "../ts/coordinator/run-study.js";
import { readAddress } from "../ts/redis/address.js";
import { connect } from "../ts/redis/connection.js";
import { clusterStatus } from "../ts/redis/status.js";
import { BullRunner } from "../ts/runner/bull-runner.js";
import { MemoryBlobs } from "./memory-blobs.js";
import { freePort, newFolder, RedisServer, WorkerProcess, whyNoProgram, whyNoRedis } from "./servers.js";
import { contentOf, inline, smallStudy } from "./study-in-folder.js";

const PASSWORD = "s3cret#?/@:pass";

const missing = whyNoRedis() ?? whyNoProgram() ?? whyNoOpenssl();
if (missing !== undefined) console.warn(`SKIPPED: the tests of TLS, ${missing}`);

function whyNoOpenssl(): string | undefined {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "no openssl";
  }
}

/** What the documentation gives a user: nothing but keys of ours, and no command that is the server's administration. */
const ACL = [
  "on",
  `>${PASSWORD}`,
  "~layerwise:*",
  "&layerwise:*",
  "+@all",
  "-@admin",
  "-@dangerous",
  "+info",
];

describe.skipIf(missing !== undefined)("behind TLS", () => {
  const folder = newFolder();
  const [certificate, key] = [join(folder, "ca.pem"), join(folder, "key.pem")];
  const secure = { LAYERWISE_REDIS_CA: certificate };
  const login = { LAYERWISE_REDIS_USERNAME: "trainer", LAYERWISE_REDIS_PASSWORD: PASSWORD };
  let server: RedisServer | undefined;
  let url = "";
  beforeAll(async () => {
    const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"];
    const names = ["-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync("openssl", [...request, ...names, "-keyout", key, "-out", certificate], { stdio: "ignore" });
    const port = await freePort();
    const tls = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate];
    const users = ["--user", "default", "off", "--user", "trainer", ...ACL];
    server = new RedisServer(port, [
      "--port",
      "0",
      "--tls-port",
      `${port}`,
      "--tls-auth-clients",
      "no",
      ...tls,
      ...users,
    ]);
    await server.start();
    url = `rediss://127.0.0.1:${port}`;
  });
  afterAll(async () => {
    await server?.end();
    rmSync(folder, { recursive: true });
  });

  it("a study runs by a user who may touch nothing but keys of ours; the password stands nowhere", async () => {
    const address = readAddress(url, { ...secure, ...login });
    const worker = new WorkerProcess(url, { env: { ...secure, ...login } });
    try {
      await worker.ready;
      const notes: string[] = [];
      const runner = await BullRunner.open({ address, onNote: (text) => notes.push(text) });
      const [journal, expected] = [join(folder, "journal.jsonl"), join(folder, "expected.jsonl")];
      const study = smallStudy(folder, 4, { epochs: 2 }, { type: "random" });
      await runStudy(study, { runner, store: runner.store, storeData: true, journal });
      const blobs = new MemoryBlobs();
      await runStudy(study, { runner: inline(blobs), store: blobs, journal: expected });
      expect(await contentOf(journal)).toEqual(await contentOf(expected));
      expect((await clusterStatus(address)).workers).toHaveLength(1);
      const pids = [worker.process.pid, ...childrenOf(worker.process.pid)];
      expect(pids.length).toBe(2);
      const lines = pids.map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      const texts = [...lines, ...notes, worker.output, readFileSync(journal, "utf8")].join("\n");
      expect(texts).toContain(`127.0.0.1:${address.port}`);
      expect(texts).not.toContain("s3cret");
      await runner.close();
    } finally {
      await worker.stop("SIGTERM");
    }
    expect(worker.output).not.toContain("s3cret");
  }, 240_000);

  it.each([
    ["a certificate that nobody trusts", () => readAddress(url, login), /self-signed/],
    [
      "a wrong password",
      () => readAddress(url, { ...secure, ...login, LAYERWISE_REDIS_PASSWORD: "s3cret" }),
      /WRONGPASS/,
    ],
    [
      "a user that isn't there",
      () => readAddress(url.replace("//", "//nobody:s3cret@"), secure),
      /WRONGPASS/,
    ],
    ["nobody's name", () => readAddress(url, secure), /NOAUTH/],
  ])("%s is refused in a sentence without the password", async (_, address, expected) => {
    const refused = await connect(address()).then(
      () => "let in",
      (error: unknown) => error as Error,
    );
    expect(String(refused)).toMatch(expected);
    expect(`${refused} ${JSON.stringify(refused)}`).not.toContain("s3cret");
  });
});

function childrenOf(pid: number | undefined): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
  );
}
