import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  ConfigError,
  createNetwork,
  FormatError,
  loadNetwork,
  type Metadata,
  resumeTraining,
} from "../../ts/index.js";
import { VERSION } from "../../ts/platform/version.js";
import { forged, partsOf } from "./signing.js";
import { checkpointsOf, fitOptions, options, rejection, storeOf, x, y } from "./small-files.js";

const metadata: Metadata = {
  classes: JSON.stringify(["Katze", "Hund"]),
  note: 'über "alles"\n\u0000\\ 🙂',
  sha256: "no checksum",
  format: "mine",
  "": "never taken",
};
const { "": _, ...texts } = metadata;

describe("texts of the user's own", () => {
  test("come back from bytes, frozen, and the file is the same again", async () => {
    using network = await createNetwork({ ...options, metadata: texts });
    expect(network.metadata).toStrictEqual(texts);
    using loaded = await loadNetwork(network.toBytes());
    expect(loaded.metadata).toStrictEqual(texts);
    expect(Object.isFrozen(loaded.metadata)).toBe(true);
    expect(loaded.toBytes()).toEqual(network.toBytes());
    expect(loaded.config).toEqual(network.config);
  });

  test("are a copy", async () => {
    const given = { note: "before" };
    using network = await createNetwork({ ...options, metadata: given });
    given.note = "after";
    expect(network.metadata).toEqual({ note: "before" });
  });

  test("come along in checkpoints, and through resumeTraining", async () => {
    using network = await createNetwork({ ...options, metadata: texts });
    const checkpoints = await checkpointsOf(network, fitOptions);
    const middle = checkpoints[7] ?? new Uint8Array();
    using loaded = await loadNetwork(middle);
    expect(loaded.metadata).toEqual(texts);
    const { network: resumed } = await resumeTraining("-", x, y, { store: storeOf(middle) });
    expect(resumed.metadata).toEqual(texts);
    expect(resumed.toBytes()).toEqual(network.toBytes());
    resumed.dispose();
  });

  test("that are given to loadNetwork or resumeTraining take the place of the file's", async () => {
    using network = await createNetwork({ ...options, metadata: texts });
    const [, middle] = await checkpointsOf(network, fitOptions);
    const other = { note: "other" };
    using loaded = await loadNetwork(network.toBytes(), { metadata: other });
    expect(loaded.metadata).toEqual(other);
    const given = { store: storeOf(middle), metadata: other };
    const { network: resumed } = await resumeTraining("-", x, y, given);
    expect(resumed.metadata).toEqual(other);
    resumed.dispose();
    using without = await loadNetwork(network.toBytes(), { metadata: {} });
    expect(without.metadata).toEqual({});
  });

  test("are none by default: the file is of version 1, which 0.1 reads; with some it is of version 2", async () => {
    using plain = await createNetwork(options);
    expect(plain.metadata).toStrictEqual({});
    expect(partsOf(plain.toBytes()).header).toContain('"formatVersion":"1"');
    using noted = await createNetwork({ ...options, metadata: { note: "" } });
    expect(partsOf(noted.toBytes()).header).toContain('"formatVersion":"2"');
    using loaded = await loadNetwork(plain.toBytes());
    expect(loaded.metadata).toStrictEqual({});
  });

  test("of 64 KiB and 128 keys are kept, whatever they are made of", async () => {
    const most = Object.fromEntries(
      Array.from({ length: 128 }, (_, i) => [`${1000 + i}`, "\u0001".repeat(508)]),
    );
    using network = await createNetwork({ layerDims: Array(513).fill(1), metadata: most });
    using loaded = await loadNetwork(network.toBytes());
    expect(loaded.metadata).toEqual(most);
  });
});

describe("refused", () => {
  test.each<[string, unknown, string]>([
    ["null", null, "metadata"],
    ["a text", "note", "metadata"],
    ["an array", ["a"], "metadata"],
    ["a Map", new Map([["a", "b"]]), "metadata"],
    ["a number", { epochs: 3 }, "metadata.epochs"],
    ["undefined", { note: undefined }, "metadata.note"],
    ["an object", { classes: ["a"] }, "metadata.classes"],
    ["an empty key", metadata, "metadata"],
    ["a key of 257 characters", { ["k".repeat(257)]: "" }, "metadata"],
    ["a lone surrogate", { note: "\ud800" }, "metadata.note"],
    ["a lone surrogate in a key", { "\udfff": "" }, "metadata"],
    ["__proto__", JSON.parse('{"__proto__":"x"}'), "metadata"],
    ["129 keys", Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`k${i}`, ""])), "metadata"],
    ["more than 64 KiB", { a: "x".repeat(65_536) }, "metadata"],
    ["more than 64 KiB in UTF-8", { a: "€".repeat(22_000) }, "metadata"],
  ])("%s", async (_what, given, path) => {
    const asMetadata = given as Metadata;
    const error = await rejection(createNetwork({ ...options, metadata: asMetadata }));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ path });
    using network = await createNetwork(options);
    expect(await rejection(loadNetwork(network.toBytes(), { metadata: asMetadata }))).toBeInstanceOf(
      ConfigError,
    );
    const given2 = { store: storeOf(undefined), metadata: asMetadata };
    expect(await rejection(resumeTraining("-", x, y, given2))).toBeInstanceOf(ConfigError);
  });

  test.each([
    ["a lone surrogate", '"user.note":"\\ud800"'],
    ["an empty key", '"user.":""'],
    ["a key that is too long", `"user.${"k".repeat(257)}":""`],
    ["__proto__", '"user.__proto__":""'],
    ["more than 64 KiB", `"user.note":"${"x".repeat(65_536)}"`],
  ])("in a file: %s", async (_what, put) => {
    using network = await createNetwork({ ...options, metadata: { note: "" } });
    const file = forged(network.toBytes(), (text) => text.replace('"user.note":""', put));
    const error = await rejection(loadNetwork(file));
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({ rule: "metadata", message: expect.stringContaining("user.") });
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

test("the version in ONNX models is the package's", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(VERSION).toBe(version);
});
