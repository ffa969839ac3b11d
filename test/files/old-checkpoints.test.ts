// Checkpoints that version 0.1 wrote, with classes hashed as floats, are taken up again to the bit.
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { toExamples } from "../../ts/data/examples.js";
import { sharedEngine } from "../../ts/engine/start.js";
import { fingerprint } from "../../ts/files/fingerprint.js";
import { adam, createNetwork, type NetworkOptions, resumeTraining } from "../../ts/index.js";
import { atOnce } from "../../ts/platform/breath.js";
import { hashOf } from "../closeness.js";
import { classes, fitOptions, options, storeOf, x } from "./small-files.js";

test.each(["float32", "float64"] as const)("a softmax network in %s", async (dtype) => {
  // Step 7 of 15 of the very fit below.
  const file = await readFile(new URL(`./old/softmax-${dtype}.safetensors`, import.meta.url));
  const network: NetworkOptions = { ...options, dtype, layerDims: [3, 2, 3], outputActivation: "softmax" };
  using whole = await createNetwork(network);
  const history = await whole.fit(x, classes, { ...fitOptions, optimizer: adam() });
  const resumed = await resumeTraining("-", x, classes, { store: storeOf(file) });
  using again = resumed.network;
  expect(hashOf(again.parameters())).toBe(hashOf(whole.parameters()));
  expect(resumed.history).toEqual(history);
  const others = classes.map((label, i) => (i === 7 ? (label + 1) % 3 : label));
  await expect(resumeTraining("-", x, others, { store: storeOf(file) })).rejects.toMatchObject({ path: "y" });
});

test("classes that are one number in float32 are two data sets", async () => {
  const engine = await sharedEngine();
  using network = await createNetwork({ layerDims: [1, 3], outputActivation: "softmax" });
  const config = { ...network.config, layerDims: [1, 2 ** 24 + 8] };
  const digest = (label: number) =>
    atOnce(fingerprint(engine, atOnce(toExamples([[0]], [label], config, engine)), "float32")).y;
  const labels = [2 ** 24 - 1, 2 ** 24, 2 ** 24 + 1, 2 ** 24 + 2];
  expect(new Set(labels.map(digest)).size).toBe(4);
});
