// Parts of a table: each row in one of them, by columns' names.
import { ConfigError, DataError } from "layerwise";
import { describe, expect, it } from "vitest";
import { kFoldTable, splitTable, type Table, tableFrom } from "../ts/index.js";

const table = tableFrom(
  Array.from({ length: 60 }, (_, i) => ({
    i,
    kind: i % 3 === 0 ? "rare" : "usual",
    who: `p${i % 12}`,
    when: new Date(Date.UTC(2020, 0, 1 + ((i * 7) % 60))),
    gap: i === 5 ? null : i % 4,
  })),
);
const column = (part: Table | undefined, name: string) => (part?.toRows() ?? []).map((row) => row[name]);
const ids = (...parts: (Table | undefined)[]) => parts.flatMap((part) => column(part, "i") as number[]);
const count = (part: Table | undefined, kind: string) =>
  column(part, "kind").filter((one) => one === kind).length;

describe("splitTable", () => {
  it("puts each row into one part, the same with the same seed", async () => {
    const parts = await splitTable(table, { test: 0.2, validation: 0.1, seed: 3 });
    const { train, validation, test } = parts;
    expect([train.rows, validation?.rows, test.rows]).toEqual([42, 6, 12]);
    expect(ids(train, validation, test).sort((a, b) => a - b)).toEqual(ids(table));
    expect(ids(test)).toEqual(ids((await splitTable(table, { validation: 0.1, seed: 3 })).test));
    expect(ids(test)).not.toEqual(ids((await splitTable(table, { validation: 0.1, seed: 4 })).test));
    expect((await splitTable(table)).validation).toBeUndefined();
  });

  it("gives each part each value's share, or whole groups", async () => {
    const { train, test } = await splitTable(table, { test: 0.25, stratify: "kind" });
    expect([count(train, "rare"), count(test, "rare"), test.rows]).toEqual([15, 5, 15]);
    const whole = await splitTable(table, { test: 0.5, groups: "who" });
    expect(column(whole.train, "who").filter((who) => column(whole.test, "who").includes(who))).toEqual([]);
  });

  it("tests on what comes later, in the rows' order or a column's", async () => {
    expect(ids((await splitTable(table, { ordered: true })).test)).toEqual(ids(table).slice(48));
    const { train, validation, test } = await splitTable(table, { ordered: "when", validation: 0.2 });
    const times = [train, validation, test].map((part) => column(part, "when").map(Number));
    expect(times.flat()).toEqual(
      column(table, "when")
        .map(Number)
        .sort((a, b) => a - b),
    );
  });

  it.each([
    [{ ordered: "kind" }, DataError, /ordered, column kind: expected dates or numbers, got category/],
    [{ groups: "gap" }, DataError, /groups, column gap, row 5: expected a value/],
    [{ ordered: "gap" }, DataError, /row 5/],
    [{ stratify: "kid" }, DataError, /did you mean/],
    [{ stratify: true }, ConfigError, /stratify: expected a column's name/],
    [{ stratify: "kind", groups: "who" }, ConfigError, /groups: expected none beside stratify/],
    [{ tests: 0.2 }, ConfigError, /test \(did you mean it\?\)/],
    [{ test: 1 }, ConfigError, /test/],
  ])("refuses %j", async (options, kind, message) => {
    const refused = splitTable(table, options as never);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(kind);
  });
});

describe("kFoldTable", () => {
  it("tests on each row once; later rows after those before", async () => {
    const folds = await kFoldTable(table, { folds: 4, stratify: "kind" });
    expect(ids(...folds.map(({ test }) => test)).sort((a, b) => a - b)).toEqual(ids(table));
    expect(folds.map(({ test }) => count(test, "rare"))).toEqual([5, 5, 5, 5]);
    const [first] = await kFoldTable(table, { ordered: "when" });
    expect(first?.train.rows).toBe(10);
    const latest = Math.max(...column(first?.train, "when").map(Number));
    expect(Math.min(...column(first?.test, "when").map(Number))).toBeGreaterThan(latest);
  });
});
