// A URL with a password or a token reads the data, and stands nowhere: not in a job, a journal, a store or a message.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FolderStore, runStudy } from "../ts/index.js";
import { MemoryBlobs } from "./memory-blobs.js";
import { inline, smallStudy } from "./study-in-folder.js";

const folder = mkdtempSync(join(tmpdir(), "layerwise-place-"));
const SECRETS = ["s3cret", "t0ken", Buffer.from("me:s3cret!").toString("base64")];
const plain = smallStudy(folder, 2, { epochs: 2 }, { type: "random" });
const asked: (string | undefined)[] = [];
const server = createServer(({ headers, url }, response) => {
  const isLetIn = url?.endsWith("?key=t0ken") && headers.authorization === `Basic ${SECRETS[2]}`;
  asked.push(url);
  response.writeHead(isLetIn ? 200 : 401).end(isLetIn ? readFileSync(String(plain.data)) : "");
});
let host = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

it("a study reads by it once, keeps the bytes in the store, and says nothing of it", async () => {
  const place = join(folder, "with");
  const store = new FolderStore(join(place, "store"));
  const jobs: string[] = [];
  const runner = inline(store);
  const study = { ...plain, data: `http://me:s3cret%21@${host}/rows.csv?key=t0ken` };
  const { best } = await runStudy(study, {
    store,
    journal: join(place, "journal.jsonl"),
    runner: {
      ...runner,
      run: (job) => {
        jobs.push(JSON.stringify(job));
        return runner.run(job);
      },
    },
  });
  const [blobs, journal] = [new MemoryBlobs(), join(folder, "plain.jsonl")];
  const other = await runStudy(plain, { store: blobs, runner: inline(blobs), journal });
  expect(best?.value).toBe(other.best?.value);
  expect(asked).toEqual(["/rows.csv?key=t0ken"]);
  expect(jobs.join()).toContain(`"from":"http://${host}/rows.csv"`);
  const files = readdirSync(place, { recursive: true }).map((name) => join(place, String(name)));
  const texts = files.map((path) => path + (statSync(path).isFile() ? readFileSync(path, "latin1") : ""));
  for (const secret of SECRETS) expect(texts.join() + jobs.join()).not.toContain(secret);
});

it.each([
  ["a wrong password", () => `http://me:s3cret@${host}/rows.csv?key=t0ken`, /status 401/],
  [
    "a place that nobody listens at",
    () => "http://me:s3cret@127.0.0.1:1/rows.csv?key=t0ken",
    /127\.0\.0\.1:1/,
  ],
  ["a port that is none", () => "http://me:s3cret@host:99999/rows.csv?key=t0ken", /another text/],
  ["a password with a % by itself", () => "http://me:s3cret%@host/rows.csv", /%25/],
])("%s is refused in a sentence without it", async (_, data, expected) => {
  const store = new MemoryBlobs();
  const options = { store, runner: inline(store), journal: join(folder, "none.jsonl") };
  const refused = await runStudy({ ...plain, data: data() }, options).catch(
    (error: unknown) => error as Error,
  );
  expect(String(refused)).toMatch(expected);
  for (const secret of SECRETS) expect(`${refused} ${(refused as Error).stack}`).not.toContain(secret);
});
