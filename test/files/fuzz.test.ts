import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { sharedEngine } from "../../ts/engine/start.js";
import { FORMAT_RULES } from "../../ts/errors/format-rules.js";
import { parseSafetensors } from "../../ts/files/safetensors.js";
import { FormatError } from "../../ts/index.js";
import { decode } from "../../ts/network/load-network.js";
import { fileOf, partsOf, signed } from "./signing.js";
import { smallFiles } from "./small-files.js";

// LAYERWISE_FUZZ=1000000 npx vitest run test/files/fuzz.test.ts: that many files in each of the three tests.
const RUNS = Number(process.env.LAYERWISE_FUZZ ?? 7000);

const engine = await sharedEngine();
const files = await smallFiles();
const limit = Error.stackTraceLimit;
Error.stackTraceLimit = 0; // a stack takes longer than a file
afterAll(() => {
  Error.stackTraceLimit = limit;
  for (const [rule, count] of [...seen].sort((a, b) => b[1] - a[1])) console.info(`${count} ${rule}`);
});

/** How often each rule refused a file. */
const seen = new Map<string, number>();

function count(what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1);
}

/** Decodes a file: true if it is taken. Anything but a FormatError with a rule and a byte fails the test. */
function isTaken(file: Uint8Array, options: Parameters<typeof decode>[2] = {}): boolean {
  try {
    decode(engine, parseSafetensors(file), options);
    count("taken");
    return true;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const { rule, byteOffset, expected, got } = error;
    const isPlace = Number.isInteger(byteOffset) && byteOffset >= 0 && byteOffset <= file.length;
    if (!isPlace || !FORMAT_RULES.includes(rule) || expected === "" || got === "") throw error;
    if (error.message.length > 1000) throw new Error("a message with the file in it");
    count(rule);
    return false;
  }
}

/** One change to a file's bytes. Places are fractions of its length. */
type Change = (file: Uint8Array) => Uint8Array;

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const short = fc.double({ min: 0, max: 1, noNaN: true }).map((fraction) => Math.floor(64 * fraction ** 3));

/** Numbers at which sizes and offsets may go wrong. */
const NUMBERS = [
  "0",
  "1",
  "-1",
  "4",
  "7",
  "8",
  "4294967295",
  "4294967296",
  "9007199254740993",
  "18446744073709551615",
  "1e3",
  "00",
  "NaN",
];
const WORDS = [
  "__proto__",
  "constructor",
  "toString",
  "F16",
  "F32",
  "F64",
  "{",
  "}",
  "[",
  "]",
  ",",
  '"',
  "\\",
  "\\u0000",
  "null",
  '"":{',
  " ",
];

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(place, fc.nat(255)).map(
    ([at, byte]): Change =>
      (file) => {
        const copy = file.slice();
        copy[Math.floor(at * copy.length)] = byte;
        return copy;
      },
  ),
  fc.tuple(place, short, fc.uint8Array({ maxLength: 16 })).map(
    ([at, removed, put]): Change =>
      (file) => {
        return spliced(file, Math.floor(at * file.length), removed, put);
      },
  ),
  fc.tuple(place, place, short).map(
    ([from, to, length]): Change =>
      (file) => {
        const start = Math.floor(from * file.length);
        return spliced(file, Math.floor(to * file.length), 0, file.slice(start, start + length));
      },
  ),
  place.map(
    (at): Change =>
      (file) =>
        file.slice(0, Math.floor(at * file.length)),
  ),
);

/** Changes after which the file still has a header. */
const subtleChanges: fc.Arbitrary<Change> = fc.oneof(
  // A number or a word of the header becomes another.
  {
    weight: 4,
    arbitrary: fc.tuple(place, fc.constantFrom(...NUMBERS)).map(([at, put]) => exchange(/\d+/g, at, put)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(place, fc.constantFrom(...WORDS))
      .map(([at, put]) => exchange(/[\w.]+|[[\]{},:"]/g, at, put)),
  },
  // An entry of the header comes again, or goes.
  fc.tuple(place, place, fc.boolean()).map(
    ([at, to, goes]): Change =>
      (file) => {
        const { header, data } = partsOfAny(file);
        const entries = header.split(/,(?=")/);
        const entry = entries[Math.floor(at * entries.length)] ?? "";
        entries.splice(Math.floor(to * entries.length), goes ? 1 : 0, ...(goes ? [] : [entry]));
        return fileOf(entries.join(","), data);
      },
  ),
  // A number of the data becomes another, or no number.
  fc.tuple(place, fc.constantFrom(0x7f, 0x80, 0xff, 0)).map(
    ([at, byte]): Change =>
      (file) => {
        const { header, data } = partsOfAny(file);
        const start = Math.floor((at * data.length) / 4) * 4;
        return fileOf(header, data.slice().fill(byte, start, start + 4));
      },
  ),
);

function spliced(file: Uint8Array, at: number, removed: number, put: Uint8Array): Uint8Array {
  const rest = file.subarray(Math.min(file.length, at + removed));
  const copy = new Uint8Array(at + put.length + rest.length);
  copy.set(file.subarray(0, at));
  copy.set(put, at);
  copy.set(rest, at + put.length);
  return copy;
}

/** Puts a text in the place of one that the pattern finds in the header, whose length then fits. */
function exchange(pattern: RegExp, at: number, put: string): Change {
  return (file) => {
    const { header, data } = partsOfAny(file);
    const found = [...header.matchAll(pattern)];
    const match = found[Math.floor(at * found.length)];
    if (match === undefined) return file;
    const end = match.index + match[0].length;
    return fileOf(header.slice(0, match.index) + put + header.slice(end), data);
  };
}

/** The parts even of a file that was cut. */
function partsOfAny(file: Uint8Array): { header: string; data: Uint8Array } {
  const isWhole =
    file.length >= 8 && new DataView(file.buffer, file.byteOffset).getBigUint64(0, true) <= file.length;
  return isWhole ? partsOf(file) : { header: "", data: file };
}

function mutated(change: fc.Arbitrary<Change>): fc.Arbitrary<{ original: Uint8Array; file: Uint8Array }> {
  return fc.tuple(fc.nat(2), fc.array(change, { minLength: 1, maxLength: 4 })).map(([which, applied]) => {
    const original = files[which] ?? new Uint8Array();
    return { original, file: applied.reduce((file, change) => change(file), original) };
  });
}

const settings = { numRuns: RUNS, endOnFailure: true };
const time = Math.max(60_000, RUNS);

describe("mutated files", () => {
  test("are refused with a rule and a byte, or are the same file", { timeout: time }, () => {
    fc.assert(
      fc.property(mutated(fc.oneof(changes, subtleChanges)), ({ original, file }) => {
        if (isTaken(file)) expect(Buffer.compare(file, original)).toBe(0);
      }),
      settings,
    );
  });

  test("with a checksum that fits meet every other rule, and nothing else happens", { timeout: time }, () => {
    fc.assert(
      fc.property(mutated(subtleChanges), ({ file }) => void isTaken(signed(file))),
      settings,
    );
  });

  test("of another program with any header too", { timeout: time }, () => {
    const size = fc.oneof(fc.nat(40), fc.constantFrom(...NUMBERS));
    const name = fc.oneof(
      fc.constantFrom(
        "0.weight",
        "0.bias",
        "2.weight",
        "2.bias",
        "net.0.weight",
        "__proto__",
        "__metadata__",
      ),
      fc.string({ unit: "binary", maxLength: 5 }),
    );
    const entry = fc.record({
      name,
      dtype: fc.constantFrom("F32", "F32", "F32", "F64", "F16", "BF16", "F4", "I64"),
      shape: fc.array(size, { maxLength: 3 }),
      offsets: fc.array(size, { minLength: 1, maxLength: 3 }),
    });
    const entries = fc.array(entry, { maxLength: 5 });
    fc.assert(
      fc.property(entries, fc.uint8Array({ maxLength: 80 }), (list, data) => {
        const texts = list.map(
          ({ name, dtype, shape, offsets }) =>
            `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${offsets}]}`,
        );
        isTaken(fileOf(`{${texts.join(",")}}`, data), { layerDims: [2, 1], outputActivation: "sigmoid" });
      }),
      settings,
    );
  });

  test("have touched no prototype", () => {
    expect(Reflect.ownKeys(Object.prototype).sort()).toEqual(
      [
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
      ].sort(),
    );
  });
});
