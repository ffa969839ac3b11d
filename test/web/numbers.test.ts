import { describe, expect, test } from "vitest";
import { Download } from "../../web/src/digits/download.js";
import { epochsDone, percentage, roundNumber, shortNumber } from "../../web/src/numbers.js";
import { runtimeNote } from "../../web/src/runtime-note.js";

describe("numbers on the page", () => {
  test.each([
    [0.4, "0"],
    [999.4, "999"],
    [999.6, "1.00 k"],
    [60_480, "60.5 k"],
    [1_445_783, "1.45 M"],
    [1_400_000, "1.40 M"],
    [2.5e9, "2.50 B"],
  ])("%d is %s with three digits", (value, text) => expect(roundNumber(value)).toBe(text));

  test.each([
    [1, "1"],
    [1000, "1,000"],
    [9999, "9,999"],
    [20_000, "20 k"],
    [1_000_000, "1 M"],
  ])("%d is %s where someone chose it", (value, text) => expect(shortNumber(value)).toBe(text));

  test("a share is one of 100, and epochs are whole when they are done", () => {
    expect([percentage(1), percentage(0.91634, 2)]).toEqual(["100.0 %", "91.63 %"]);
    expect([4 + 225 / 235, 4.1, 5, 0.1 + 0.2].map(epochsDone)).toEqual(["4.9", "4.1", "5.0", "0.3"]);
  });
});

describe("a download", () => {
  test("says how long it still takes, once that can be told", () => {
    const download = new Download();
    expect(download.note(0, 10e6, 50_000)).toBe("Download: 0.0 of 10.0 MB");
    expect(download.note(0.5e6, 10e6, 51_000)).toBe("Download: 0.5 of 10.0 MB");
    expect(download.note(2e6, 10e6, 54_000)).toBe("Download: 2.0 of 10.0 MB, about 16 s left");
    expect(download.note(3e6, 10e6, 150_000)).toBe("Download: 3.0 of 10.0 MB, about 4 min left");
    expect(download.note(10e6, 10e6, 160_000)).toBe("Download: 10.0 of 10.0 MB");
    download.restart();
    expect(download.note(1e6, 2e6, 200_000)).toBe("Download: 1.0 of 2.0 MB");
  });
});

test("why there is one thread is said in words", () => {
  const math = { math: "exact", mathReason: "a page's own" } as const;
  const backend = {
    backend: "wasm",
    instructionSet: "simd128",
    backendReason: "a page's own",
    ...math,
  } as const;
  const runtime = { ...backend, simd: true, threads: 1 } as const;
  const small = runtimeNote({
    ...runtime,
    reason: "no layer has 1024 weights: threads would cost more than they gain",
  });
  expect(small).not.toMatch(/1024/);
  expect(runtimeNote({ ...runtime, threads: 2, reason: "2 threads were asked for" })).toBe(
    "Computed by WebAssembly with SIMD (128 bit) on 2 threads (2 threads were asked for)",
  );
});
