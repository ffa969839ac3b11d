import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { makeDataSet } from "../../web/src/playground/data-set.js";
import { decodePoints, encodePoints, MAX_POINTS, onGrid } from "../../web/src/playground/points.js";
import { Random } from "../../web/src/playground/random.js";
import { readSettings, writeSettings } from "../../web/src/playground/settings.js";

const settingsOf = (link: string) => {
  const parameters = new URLSearchParams(link);
  return readSettings((name) => parameters.get(name)).settings;
};

// A link that someone kept must go on giving the same points. Made by this generator, in V8 (Node 20) and in
// JavaScriptCore (Bun 1.4) alike.
test.each([
  ["data=circles&noise=0.1", "bd3ef464b2747cef"],
  ["data=moons", "5ad29e2e4f51678e"],
  ["data=spiral&classes=3", "75a817339c5066ed"],
  ["data=xor&seed=1099511627775", "6d3363995864a095"],
  ["data=gaussians&classes=4&examples=21&testShare=0", "ec7a2ad629ca8c86"],
])("%s gives the same points for ever", (link, expected) => {
  const { train, test } = makeDataSet(settingsOf(link), []);
  const hash = createHash("sha256");
  for (const part of [train.x, train.labels, test.x, test.labels]) hash.update(part);
  expect(hash.digest("hex").slice(0, 16)).toBe(expected);
});

test("every point is in one of the two sets, and every class in both", () => {
  const { train, test, classes } = makeDataSet(settingsOf("data=gaussians&classes=4&examples=400"), []);
  expect([train.labels.length, test.labels.length, classes]).toEqual([300, 100, 4]);
  expect(new Set(train.labels)).toEqual(new Set([0, 1, 2, 3]));
  expect(new Set(test.labels)).toEqual(new Set([0, 1, 2, 3]));
  expect(train.x.every((value) => Math.abs(value) < 2.2)).toBe(true);
});

test("bell has mean 0 and variance 1, direction has length 1", () => {
  const random = new Random(5);
  const values = Array.from({ length: 20_000 }, () => random.bell());
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  const { x, y } = random.direction();
  expect(x * x + y * y).toBeCloseTo(1, 12);
});

describe("a link", () => {
  test("carries points to the bit", () => {
    const random = new Random(9);
    const points = Array.from({ length: MAX_POINTS }, (_, i) =>
      onGrid({ x: 2.1 * random.bell(), y: random.bell(), label: i % 4 }),
    );
    expect(decodePoints(encodePoints(points))).toEqual(points);
  });

  test.each(["%", "AAAA", "AAAAAAk", "AAAAAAAAAAAA"])("with the points %o is refused", (text) => {
    expect(decodePoints(text)).toBeUndefined();
  });

  test("carries every setting, and names those it can't read", () => {
    const { settings } = readSettings(() => null);
    const texts = new Map(writeSettings(settings));
    expect(readSettings((name) => texts.get(name) ?? null)).toEqual({ settings, problems: [] });
    const wrong = readSettings((name) => (name === "beta1" ? "1" : null));
    expect(wrong.problems).toEqual([
      { name: "beta1", label: "β₁", message: "β₁ must be a number from 0 to below 1, not “1”." },
    ]);
    expect(wrong.settings).toEqual(settings);
  });
});
