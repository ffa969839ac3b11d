import { describe, expect, test } from "vitest";
import { sharedEngine } from "../../ts/engine/start.js";
import { parseSafetensors } from "../../ts/files/safetensors.js";
import { FormatError, loadNetwork } from "../../ts/index.js";
import { decode } from "../../ts/network/load-network.js";
import { instanceOf } from "../instance.js";
import { fileOf } from "./signing.js";
import { rejection, smallFiles } from "./small-files.js";

const engine = await sharedEngine();
const files = await smallFiles();

/** What decoding says about a file; undefined if it takes it. */
function refusal(file: Uint8Array): unknown {
  try {
    decode(engine, parseSafetensors(file), {});
  } catch (error) {
    return error;
  }
  return undefined;
}

function checkRefused(file: Uint8Array, what: string): void {
  const error = refusal(file);
  if (!(error instanceof FormatError)) expect.unreachable(`${what}: ${String(error)}`);
  const { byteOffset } = error;
  if (!(byteOffset >= 0 && byteOffset <= file.length)) expect.unreachable(`${what}: byte ${byteOffset}`);
}

describe.each([
  ["a model", files[0]],
  ["a checkpoint in the middle of an epoch", files[1]],
  ["a checkpoint at the end, in float64", files[2]],
] as const)("%s", (_name, file) => {
  test("is taken as it is", () => {
    expect(refusal(file)).toBeUndefined();
  });

  test("is refused after every truncation", () => {
    for (let length = 0; length < file.length; length++)
      checkRefused(file.slice(0, length), `${length} bytes`);
  });

  test("is refused after every flip of a single bit", () => {
    const damaged = file.slice();
    for (let bit = 0; bit < 8 * file.length; bit++) {
      const [at, mask] = [bit >> 3, 1 << (bit & 7)];
      damaged[at] = (damaged[at] ?? 0) ^ mask;
      checkRefused(damaged, `bit ${bit}`);
      damaged[at] = (damaged[at] ?? 0) ^ mask;
    }
    expect(damaged).toEqual(file);
  });

  test("is refused with bytes behind it, or in front", () => {
    for (const more of [1, 7, 8, 100]) {
      const longer = new Uint8Array(file.length + more);
      longer.set(file);
      checkRefused(longer, `${more} behind`);
      checkRefused(longer.copyWithin(more, 0, file.length), `${more} in front`);
    }
  });
});

test("after any refusal the next file loads, and wasm memory has not grown", async () => {
  const [file] = files;
  using before = await loadNetwork(file);
  const instance = await instanceOf(before);
  const bytes = instance.memoryBytes;
  for (let length = 0; length < file.length; length += 5) {
    expect(await rejection(loadNetwork(file.slice(0, length)))).toBeInstanceOf(FormatError);
  }
  using after = await loadNetwork(file);
  expect(after.toBytes()).toEqual(before.toBytes());
  expect(instance.memoryBytes).toBe(bytes);
});

describe("memory", () => {
  /**
   * Bytes of JavaScript's memory that `work` leaves used, before anything is collected: the middle of three
   * times, since other things take memory meanwhile, or give some back.
   */
  function used(work: () => unknown): number {
    const total = () => {
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    work(); // Compiled, and its caches filled.
    const times = [1, 2, 3].map(() => {
      const before = total();
      work();
      return total() - before;
    });
    return times.sort((a, b) => a - b)[1] ?? Number.NaN;
  }

  test.each([
    ["a header of 2⁶⁴ − 1 bytes", () => new Uint8Array(1 << 20).fill(255)],
    [
      "a tensor that claims 2⁵² bytes",
      () =>
        fileOf(
          `{"a":{"dtype":"F32","shape":[${2 ** 50}],"data_offsets":[0,${2 ** 52}]}}`,
          new Uint8Array(1 << 20),
        ),
    ],
    [
      "layerDims of a network that would take 2⁶⁶ bytes",
      () =>
        fileOf(
          `{"__metadata__":{"format":"layerwise","formatVersion":"1","layerDims":"[4294967295,4294967295]"}}`,
        ),
    ],
    [
      "10 MB of numbers, one of them NaN",
      () => {
        const data = new Float32Array(2_500_000);
        data[2_499_999] = Number.NaN;
        return fileOf(
          `{"a":{"dtype":"F32","shape":[2500000],"data_offsets":[0,10000000]}}`,
          new Uint8Array(data.buffer),
        );
      },
    ],
    [
      "a header of 1 MiB full of tensors",
      () => {
        const entry = (i: number) =>
          `"${i}":{"dtype":"F32","shape":[],"data_offsets":[${4 * i},${4 * i + 4}]}`;
        const entries = Array.from({ length: 15_000 }, (_, i) => entry(i)).join(",");
        return fileOf(`{${entries}}`, new Uint8Array(60_000));
      },
    ],
    ["a header of 1 MiB that is one name", () => fileOf(`{"${"a".repeat(1_048_000)}":{}}`)],
    [
      "a header of 1 MiB of keys",
      () => {
        const keys = Array.from({ length: 100_000 }, (_, i) => `"${i}":""`).join(",");
        return fileOf(`{"__metadata__":{${keys.slice(0, 1_000_000)}"}}`);
      },
    ],
    ["a header of 1 MiB of brackets", () => fileOf(`{"a":{"shape":${"[".repeat(1_000_000)}`)],
  ])("stays below twice the file and 1 MiB for %s", (_what, make) => {
    const file = make();
    expect(used(() => expect(refusal(file)).toBeInstanceOf(FormatError))).toBeLessThan(
      2 * file.length + (1 << 20),
    );
  });
});
