// A password or a token in a URL stands in no error, in none of its causes and in no warning.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { warnOfRecovery } from "../ts/files/newest.js";
import {
  configure,
  createNetwork,
  FormatError,
  LayerwiseError,
  loadNetwork,
  type ModelStore,
  resumeTraining,
  StorageError,
} from "../ts/index.js";
import { withoutSecrets } from "../ts/platform/secrets.js";

const SECRETS = /s3cret|t0ken|\bme\b/;

const server = createServer((_, response) => response.writeHead(403).end("no"));
let host = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  configure({ float64Wasm: `http://me:s3cret@${host}/model.wasm?key=t0ken` });
});
afterAll(() => {
  server.close();
});

/** All that an error says, with its causes: as a console shows it. */
function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = JSON.stringify(error, Object.getOwnPropertyNames(error));
  return [error.stack, error.message, own, error.cause === undefined ? "" : said(error.cause)].join("\n");
}

async function refusal(call: () => Promise<unknown>): Promise<LayerwiseError> {
  const error: unknown = await call().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LayerwiseError);
  return error as LayerwiseError;
}

const broken: ModelStore = {
  read: async () => new Uint8Array(3),
  write: async () => undefined,
};

describe("an error says of a URL where it leads, and nothing of what is secret in it", () => {
  it.each<[string, (url: string) => Promise<unknown>]>([
    ["loadNetwork", (url) => loadNetwork(url)],
    ["loadNetwork of a URL", (url) => loadNetwork(new URL(url))],
    ["loadNetwork of a store", (url) => loadNetwork(url, { store: broken })],
    ["loadNetwork of another scheme", (url) => loadNetwork(url.replace("http", "s3"))],
    ["resumeTraining", (url) => resumeTraining(url, [[1]], [[1]])],
    [
      "save",
      async (url) => {
        using network = await createNetwork({ layerDims: [1, 1], threads: 1 });
        await network.save(url);
      },
    ],
  ])("%s", async (_, call) => {
    for (const place of [
      `http://me:s3cret@${host}/model?key=t0ken/x`,
      `http://${host}/model?key=t0ken#t0ken`,
      "http://me:s3cret@127.0.0.1:1/model?key=t0ken",
    ]) {
      const error = await refusal(() => call(place));
      expect(said(error)).not.toMatch(SECRETS);
      expect(error).toBeInstanceOf(error instanceof FormatError ? FormatError : StorageError);
    }
  });

  it("and a builds' file neither", async () => {
    const error = await refusal(async () => {
      await createNetwork({ layerDims: [1, 1], threads: 1, dtype: "float64", engine: "wasm" });
    });
    expect(said(error)).toContain(`http://${host}/model.wasm`);
    expect(said(error)).not.toMatch(SECRETS);
  });

  it("nor what is wrong with an option", async () => {
    const long = `http://me:s3cret${"s3cret".repeat(20)}@${host}/model?key=t0ken`;
    expect(said(await refusal(() => loadNetwork("a", { store: long as never })))).not.toMatch(SECRETS);
  });

  it("nor a warning of an older generation", () => {
    const warning = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const path = `http://me:s3cret@${host}/model?key=t0ken`;
    warnOfRecovery({ path, generation: 1, reason: new StorageError(path, "a file", "none") });
    expect(warning.mock.lastCall?.[0]).toContain(`http://${host}/model`);
    expect(warning.mock.lastCall?.[0]).not.toMatch(SECRETS);
    warning.mockRestore();
  });
});

it.each([
  ["none here: a path?b#c, me@host", "none here: a path?b#c, me@host"],
  ["http://host/a/b.csv", "http://host/a/b.csv"],
  ["https://cdn.host/npm/layerwise@0.1.0/x.wasm", "https://cdn.host/npm/layerwise@0.1.0/x.wasm"],
  ["http://[::1]:80/a", "http://[::1]:80/a"],
  ["http://me:s3cret@[::1]:80/a?t0ken", "http://[::1]:80/a?…"],
  ['got "http://me:s3cret@host/a?key=t0ken" and more?', 'got "http://host/a?…" and more?'],
  ["s3://me:s3cret@host#t0ken twice: http://t0ken@b/c", "s3://host?… twice: http://b/c"],
  ["http://me:s3 cret@host/a", "http://host/a"],
  ["http://me:s3/cret@host/a", "http://host/a"],
  ["http://me:s3?cret@host/a?t0ken", "http://host/a?…"],
  ["http://me:s@3@host/a", "http://host/a"],
  ["realpath '/dir/https:/me:s3cret@host/a?t0ken'", "realpath '/dir/https:/host/a?…'"],
  ["open 'C:/dir/me@home/a#b.csv'", "open 'C:/dir/me@home/a#b.csv'"],
])("of %j is said %j", (text, expected) => {
  expect(withoutSecrets(text)).toBe(expected);
  expect(withoutSecrets(expected)).toBe(expected);
});

it("long texts take no time", () => {
  for (const part of ["://", "ht://", "ht://a:b", "ht://a@", "a".repeat(9), ")?", "?#@"]) {
    const text = `ht://${part.repeat(300_000)}`;
    expect(withoutSecrets(text).length).toBeLessThan(text.length + 3);
  }
});
