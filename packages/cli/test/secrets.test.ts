// A password or a token in a URL reads the data, and stands in nothing that a command says or writes.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandOf } from "../ts/commands/train-output.js";
import { shownValues } from "../ts/options/shown-values.js";
import { type Ended, layerwise } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "layerwise-secrets-"));
const SECRETS = ["s3cret", "t0ken", btoa("me:s3cret\u00c3\u00a9/")];
const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${i % 2 === 0 ? "yes" : "no"},${i % 5}`);
const asked: string[] = [];
const server = createServer(({ headers, url = "" }, response) => {
  asked.push(url.split("?")[0] ?? "");
  const isLetIn = url.endsWith("?key=t0ken/x") && headers.authorization === `Basic ${SECRETS[2]}`;
  const body = url.startsWith("/model")
    ? readFileSync(join(folder, "model.safetensors"))
    : `a,b,c\n${rows.join("\n")}\n`;
  response.writeHead(isLetIn ? 200 : 403).end(isLetIn ? body : "");
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

const at = (name: string) => `http://me:s3cret%C3%A9%2F@${host}/${name}?key=t0ken/x`;

function checkUnsaid({ output, errors }: Ended): void {
  const paths = readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
  const written = paths.map((path) => path + (statSync(path).isFile() ? readFileSync(path, "latin1") : ""));
  for (const secret of SECRETS) expect([output, errors, ...written].join()).not.toContain(secret);
}

const QUICK = ["--epochs", "2", "--networks", "1", "--layers", "4", "--threads", "1"];

describe("a URL with user, password and token", () => {
  it("is read by train, and its host and path alone are said, in what it prints and in all its files", async () => {
    const trained = await layerwise("train", at("rows.csv"), "-t", "b", ...QUICK, "-o", folder);
    expect(trained.code, trained.errors).toBe(0);
    checkUnsaid(trained);
    const report = readFileSync(join(folder, "report.html"), "utf8");
    expect(report).toContain(`layerwise train http://${host}/rows.csv --target b`);
    expect(report).toContain("<title>rows.csv → b");
    expect(report).toContain("are written nowhere");
    checkUnsaid(await layerwise("train", at("rows.csv"), "-t", "b", "--dry-run", "--json"));
  });

  it.each([
    ["predict", () => [at("model"), at("rows.csv")]],
    ["evaluate", () => [at("model"), at("rows.csv")]],
    ["compare", () => [at("model"), at("model"), "--data", at("rows.csv")]],
    ["inspect", () => [at("model")]],
    ["data", () => ["describe", at("rows.csv"), "--json"]],
    ["ensemble", () => [at("rows.csv"), "-t", "b", "-p", "1", "-o", join(folder, "e"), ...QUICK.slice(0, 6)]],
    [
      "cross-validate",
      () => [at("rows.csv"), "-t", "b", "--folds", "2", "-p", "1", "-o", folder, ...QUICK.slice(0, 6)],
    ],
  ])("is read by %s, which says nothing of it either", async (command, args) => {
    asked.length = 0;
    const done = await layerwise(command, ...args());
    expect(done.code, done.errors).toBe(0);
    checkUnsaid(done);
    expect(asked.filter((path) => path === "/rows.csv").length).toBeLessThanOrEqual(
      command === "compare" ? 2 : 1,
    );
  });

  it.each([
    ["status 403", () => at("rows.csv").replace("s3cret", "s3cret5"), /status 403/],
    ["no server", () => at("rows.csv").replace(host, "127.0.0.1:1"), /http:\/\/127\.0\.0\.1:1\/rows\.csv/],
    ["a port that is none", () => at("rows.csv").replace(host, "host:99999"), /another text/],
    ["a % by itself", () => at("rows.csv").replace("%2F", "%"), /%25/],
    ["another scheme", () => at("rows.csv").replace("http", "s3"), /s3:\/\/127.*path, or a URL of http/],
    ["another target", () => at("rows.csv"), /no such column|expected/],
    ["blanks before it", () => ` ${at("rows.csv")}`, /expected/],
    ["several formats", () => [at("rows.csv"), at("rows.parquet")], /rows\.csv, http:.*rows\.parquet/],
  ])("is refused in a sentence without it: %s", async (_, data, expected) => {
    const refused = await layerwise("train", ...[data()].flat(), "-t", "nothing", "-o", folder);
    expect(refused.code).toBeGreaterThan(1);
    expect(refused.errors).toMatch(expected);
    checkUnsaid(refused);
  });
});

it("a server's password stands neither in the command that repeats a training nor in what is told of its options", () => {
  const values = { target: ["b"], rounds: 2, redis: "rediss://me:s3cret@there:6380/1?t0ken" };
  expect(commandOf(["rows.csv"], values)).toBe(
    "layerwise train rows.csv --target b --rounds 2 --redis rediss://there:6380/1",
  );
  expect(shownValues(values)).toEqual({ ...values, redis: "rediss://there:6380/1" });
});
