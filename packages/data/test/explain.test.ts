// What a model's columns are worth, and how sure its scores are.
import { afterAll, beforeAll, expect, it } from "vitest";
import { drawsFor, type Model, scoreIntervals, Table, tableFrom, trainModel } from "../ts/index.js";
import { Random } from "../ts/model/random.js";

/** y follows from a and, less, from b; not from c. */
function rows(from: number, count: number): Table {
  return tableFrom(
    Array.from({ length: count }, (_, k) => {
      const i = from + k;
      const [a, b, c] = [(i * 37) % 101, ["low", "high"][(i * 7) % 2], (i * 53) % 89];
      return { a, b, c, y: 3 * a + (b === "high" ? 40 : 0) };
    }),
  );
}

let model: Model;
beforeAll(async () => {
  model = await trainModel(rows(0, 400), { target: "y", networks: 1, layers: [32], epochs: 80, keepProb: 1 });
});
afterAll(() => model.dispose());

it("explain puts the columns in the order of what they tell, the same at each call", () => {
  const test = rows(1000, 200);
  const importance = model.explain(test);
  expect(importance.map(({ column }) => column)).toEqual(["a", "b", "c"]);
  const [a, b, c] = importance.map(({ drop }) => drop);
  expect(a).toBeGreaterThan(60);
  expect(b).toBeGreaterThan(8);
  expect(Math.abs(c ?? Number.NaN)).toBeLessThan(4);
  for (const { drop, range } of importance) {
    expect(range[0]).toBeLessThanOrEqual(drop);
    expect(range[1]).toBeGreaterThanOrEqual(drop);
  }
  expect(model.explain(test)).toEqual(importance);
});

it("a column's worth is what the score loses where its values are shuffled among the rows, whatever numbers they become", async () => {
  const table = tableFrom(
    Array.from({ length: 120 }, (_, i) => ({
      kind: "abcd"[(i * 5) % 4],
      size: i % 9 === 0 ? Number.NaN : (i * 37) % 101,
      seen: ["2024-01-03", "2024-05-17", "2025-02-28"][i % 3],
      y: (i * 5) % 4 > 1 === i % 3 > 0 ? "yes" : "no",
    })),
  );
  using own = await trainModel(table, {
    target: "y",
    networks: 2,
    layers: [8],
    epochs: 10,
    threads: 1,
    seed: 5,
  });
  const lossOf = (rows: Table) => {
    const [score] = own.evaluate(rows).targets;
    return score?.type === "classes" ? score.logLoss : Number.NaN;
  };
  const before = lossOf(table);
  const random = new Random(5);
  const expected = own.pipeline.columns.map(({ name }) => {
    const drops = Array.from({ length: 5 }, () => {
      const order = Array.from({ length: table.rows }, (_, i) => i);
      for (let i = table.rows - 1; i > 0; i--) {
        const j = random.below(i + 1);
        [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
      }
      const shuffled = table.select(order).column(name);
      const columns = table.columns.map((column) => (column.name === name ? shuffled : column));
      return lossOf(new Table(columns, table.rows)) - before;
    });
    return { column: name, drop: drops.reduce((sum, one) => sum + one, 0) / 5 };
  });
  const calls: (readonly [number, number])[] = [];
  const found = own.explain(table, { onColumn: (...call) => calls.push(call) });
  expect(calls).toEqual(own.pipeline.columns.map((_, i, { length }) => [i + 1, length]));
  for (const { column, drop } of expected)
    expect(found.find((one) => one.column === column)?.drop).toBeCloseTo(drop, 12);
  expect(lossOf(table)).toBe(before);
  expect(() => own.explain(table, { onColumn: 5 as never })).toThrow("onColumn: expected a function, got 5");
});

it("intervals hold their score, follow from the seed, and are narrower for more rows", () => {
  const widthOf = (count: number) => {
    const { targets, predictions } = model.evaluate(rows(1000, count));
    const [target] = targets;
    const [prediction] = predictions.targets;
    if (target === undefined || prediction === undefined) throw new Error("one target");
    const found = scoreIntervals(target, prediction, 3);
    expect(scoreIntervals(target, prediction, 3)).toEqual(found);
    const { value, interval = [0, 0] } = found.find(({ metric }) => metric === "rootMeanSquaredError") ?? {
      value: 0,
    };
    expect(value).toBe(target.type === "numbers" ? target.rootMeanSquaredError : Number.NaN);
    expect(interval[0]).toBeLessThan(value);
    expect(interval[1]).toBeGreaterThan(value);
    return interval[1] - interval[0];
  };
  expect(widthOf(400)).toBeLessThan(widthOf(30));
  expect([drawsFor(10), drawsFor(8000), drawsFor(1e9)]).toEqual([1000, 500, 100]);
});
