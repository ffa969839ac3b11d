// What columns become before a network sees them, by the training rows alone.

import { fileURLToPath } from "node:url";
import { ConfigError, DataError } from "layerwise";
import { describe, expect, it } from "vitest";
import {
  fitPipeline,
  type Note,
  noteSentence,
  Pipeline,
  type PipelineOptions,
  type Row,
  readCsv,
  splitTable,
  tableFrom,
  trainModel,
} from "../ts/index.js";
import { exp, log, onCircle } from "../ts/pipeline/elementary.js";

const trap = (name: string) => fileURLToPath(new URL(`traps/${name}`, import.meta.url));

/** Rows of x and of y after a preparation that was fitted to `rows`, in float64. */
function prepared(rows: Row[], options: PipelineOptions, more: Row[] = rows) {
  const pipeline = fitPipeline(tableFrom(rows), options);
  const { x, y, notes } = pipeline.transform(more, { dtype: "float64" });
  return { pipeline, x: x.toArray(), y: y instanceof Uint32Array ? [...y] : y?.toArray(), notes };
}

const plain = { limit: false, rareBelow: 0 } as const;
const texts = ({ notes }: { notes: readonly Note[] }) =>
  notes.map((note) => `${note.column ?? ""}: ${noteSentence(note)}`).join("\n");

describe("numbers", () => {
  const rows = [
    { a: 1, y: "no" },
    { a: 3, y: "yes" },
    { a: null, y: "no" },
    { a: 8, y: "yes" },
  ];

  it("are imputed by the median, with an indicator, and standardised by what is there", () => {
    // mean 4, deviation √(26/3)
    const s = Math.sqrt(26 / 3);
    const { x, pipeline } = prepared(rows, { target: "y", ...plain });
    expect(pipeline.features).toEqual(["a", "a is missing"]);
    const expected = [
      [-3 / s, 0],
      [-1 / s, 0],
      [-1 / s, 1],
      [4 / s, 0],
    ];
    expect(x).toEqual(expected.map((row) => row.map((value) => expect.closeTo(value, 14))));
  });

  it.each([
    ["robust", [3, 3.5 / 1.349]],
    ["minMax", [1, 7]],
    ["none", [0, 1]],
  ] as const)("are scaled as asked: %s", (scaling, [center, scale]) => {
    const { x } = prepared(rows, { target: "y", ...plain, scaling });
    const expected = [1, 3, 3, 8].map((value) => (value - center) / scale);
    expect(x.map(([value]) => value)).toEqual(expected.map((value) => expect.closeTo(value, 14)));
  });

  it("are clipped softly or hard, without a word on how far they were off", () => {
    const far = [
      { a: 1e200, y: "no" },
      { a: -1e5, y: "no" },
    ];
    const soft = prepared(rows, { target: "y" }, far);
    expect(soft.x[0]?.[0]).toBe(6);
    expect(soft.x[1]?.[0]).toBeCloseTo(-6, 5);
    const hard = prepared(rows, { target: "y", limit: { hard: 2 } }, far);
    expect(hard.x.map(([value]) => value)).toEqual([2, -2]);
    // z/√(1 + (z/6)²) of z = 4/√(26/3)
    const z = 4 / Math.sqrt(26 / 3);
    expect(prepared(rows, { target: "y" }).x[3]?.[0]).toBeCloseTo(z / Math.sqrt(1 + (z / 6) ** 2), 14);
  });

  it("become quantiles of the normal distribution, as scikit-learn's QuantileTransformer has them", () => {
    const fitted = [1, 3, 3, 8, 2.5, 7, 7, 7, 20].map((a, y) => ({ a, y }));
    const asked = [-5, 1, 2, 3, 5, 7, 8, 14, 99].map((a) => ({ a }));
    const options = { target: "y", ...plain, scaling: "quantileNormal" } as const;
    const { x, pipeline } = prepared(fitted, options, asked);
    // QuantileTransformer(n_quantiles=9, output_distribution="normal"), scikit-learn 1.9.1
    const expected = [
      -5.199337582605575, -5.199337582605575, -1.382994127100638, -0.4887764111146695, -0.1573106846101707,
      0.31863936396437514, 1.1503493803760079, 1.5341205443525463, 5.19933758270342,
    ];
    expect(x.map(([value]) => value)).toEqual(expected.map((value) => expect.closeTo(value, 9)));
    const again = Pipeline.fromJSON(JSON.parse(JSON.stringify(pipeline)));
    expect(again.transform(asked, { dtype: "float64" }).x.toArray()).toEqual(x);
  });

  it("of many columns have fewer quantiles each, so that a file holds them", () => {
    const names = Array.from({ length: 80 }, (_, k) => `column ${k}`);
    const many = Array.from({ length: 500 }, (_, i) =>
      Object.fromEntries([...names.map((name, k) => [name, Math.sin(i * 80 + k)]), ["y", i]]),
    );
    const { columns } = fitPipeline(tableFrom(many), { target: "y", scaling: "quantileNormal" });
    const counts = columns.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.type === "quantileNormal" ? [step.quantiles.length] : [])),
    );
    expect(new Set(counts)).toEqual(new Set([493])); // 40,000 for 81 columns of numbers
  });

  it("that are nowhere but are asked for are an error", () => {
    const none = rows.map(({ y }) => ({ a: null, b: 1, y }));
    const options = { target: "y", columns: { a: { scaling: "none" }, b: {} } } as const;
    expect(() => fitPipeline(tableFrom(none), options)).toThrow(/column a: .*some row/);
  });

  it("of a single column may be prepared in their own way, or be names", () => {
    const { pipeline } = prepared(rows, { target: "y", rareBelow: 0, columns: { a: { type: "category" } } });
    expect(pipeline.features).toEqual(['a is "1"', 'a is "3"', 'a is "8"', "a is missing"]);
    const { x } = prepared(rows, { target: "y", columns: { a: { scaling: "none", limit: false } } });
    expect(x[3]).toEqual([8, 0]);
  });

  it("that are constant where they are there, or all of one size, divide by 1", () => {
    const { x } = prepared(
      [
        { a: 5, b: 1, y: 0 },
        { a: null, b: 2, y: 1 },
      ],
      { target: "y", ...plain },
    );
    expect(x.map(([a]) => a)).toEqual([0, 0]);
  });
});

describe("categories", () => {
  const rows = [..."aaaabbbbcd"].map((k, i) => ({ k, y: i }));

  it("are a number for each level; rare ones are joined and unseen ones go with them, which is said", () => {
    const { pipeline, x, notes } = prepared(rows, { target: "y", rareBelow: 2 }, [
      { k: "b" },
      { k: "c" },
      { k: "new" },
      { k: "NEW" },
    ]);
    expect(pipeline.features).toEqual(['k is "a"', 'k is "b"', "k is another"]);
    expect(x).toEqual([
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 1],
      [0, 0, 1],
    ]);
    expect(texts(pipeline)).toContain('k: 2 rare levels in 2 rows joined: "c", "d"');
    expect(texts({ notes })).toContain(
      "k: 3 levels in 3 rows that training didn't know, or from too few rows",
    );
  });

  it("that weren't seen are 0 throughout where none is rare", () => {
    const { x, notes } = prepared(rows, { target: "y", rareBelow: 0 }, [{ k: "z" }, { k: null }]);
    expect(x).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(notes).toHaveLength(1);
  });

  it("have a number for what is missing, where something was", () => {
    const { pipeline, x } = prepared([...rows, { k: null, y: 3 }], { target: "y", rareBelow: 0 }, [
      { k: "" },
    ]);
    expect(pipeline.features.at(-1)).toBe("k is missing");
    expect(x).toEqual([[0, 0, 0, 0, 1]]);
  });

  it("keep at most so many levels", () => {
    expect(prepared(rows, { target: "y", rareBelow: 0, maxLevels: 1 }).pipeline.features).toEqual([
      'k is "a"',
      "k is another",
    ]);
  });
});

describe("booleans and dates", () => {
  it("are 1 and 0, their share where one is missing", () => {
    const { x } = prepared(
      [
        { b: true, y: 1 },
        { b: false, y: 2 },
        { b: null, y: 3 },
        { b: true, y: 4.5 },
      ],
      { target: "y" },
    );
    expect(x).toEqual([
      [1, 0],
      [0, 0],
      [2 / 3, 1],
      [1, 0],
    ]);
  });

  it("are a year and places on circles", () => {
    const rows = ["2024-01-01", "2024-04-07T06:00:00", "2023-07-05T12:00:00"].map((d, i) => ({
      d,
      y: i + 0.5,
    }));
    const { pipeline, x } = prepared(rows, { target: "y" });
    expect(pipeline.features).toEqual([
      "d year",
      "d month sine",
      "d month cosine",
      "d weekday sine",
      "d weekday cosine",
      "d hour sine",
      "d hour cosine",
    ]);
    const [first, second, third] = x;
    expect(second?.slice(1, 3)).toEqual([1, expect.closeTo(0, 15)]);
    expect(first?.slice(5)).toEqual([0, 1]);
    expect(second?.slice(5)).toEqual([1, expect.closeTo(0, 15)]);
    expect(third?.slice(1, 3)).toEqual([expect.closeTo(0, 15), -1]);
    // 1 January 2024 was a Monday, 7 April a Sunday.
    expect(first?.[3]).toBeCloseTo(Math.sin((2 * Math.PI) / 7), 14);
    expect(second?.slice(3, 5)).toEqual([0, 1]);
    expect(Math.max(...x.map(([year]) => Math.abs(year ?? 9)))).toBeLessThan(2);
  });
});

describe("a target", () => {
  it("of numbers is standardised, of its logarithm where asked", () => {
    const rows = [
      { a: 1, y: 10.5 },
      { a: 2, y: 20.5 },
      { a: 4, y: 30.5 },
    ];
    const { y, pipeline } = prepared(rows, { target: "y" });
    expect(pipeline.targets[0]).toMatchObject({ type: "number", mean: 20.5 });
    expect(y?.[1]).toEqual([expect.closeTo(0, 14)]);
    const logs = prepared(rows, { target: "y", log: true }).pipeline.targets[0];
    const mean = (Math.log(10.5) + Math.log(20.5) + Math.log(30.5)) / 3;
    expect(logs).toMatchObject({ log: true, mean: expect.closeTo(mean, 14) });
    expect(() => prepared([...rows, { a: 3, y: 0 }], { target: "y", log: true })).toThrow(/above 0/);
  });

  it.each([
    [
      ["no", "yes", "no", "yes"],
      ["no", "yes"],
      [[0], [1], [0], [1]],
    ],
    [
      [true, false, true, false],
      ["false", "true"],
      [[1], [0], [1], [0]],
    ],
    [
      [0, 1, 1, 0],
      ["0", "1"],
      [[0], [1], [1], [0]],
    ],
    [
      [7, 3, 3, 7],
      ["3", "7"],
      [[1], [0], [0], [1]],
    ],
    [
      ["b", "a", "c", "a"],
      ["a", "b", "c"],
      [1, 0, 2, 0],
    ],
    [
      ["<=50K.", ">50K", "<=50K", ">50K."],
      ["<=50K", ">50K"],
      [[0], [1], [0], [1]],
    ],
  ])("of %j has the classes %j", (values, classes, y) => {
    const rows = values.map((y, a) => ({ a: a * a, y }));
    const result = prepared(rows, { target: "y" });
    expect(result.pipeline.targets[0]).toMatchObject({ type: "classes", classes });
    expect(result.y).toEqual(y);
  });

  it("of integers is a number or a class, by what they look like or by task, and why is said", () => {
    const of = (values: number[], task?: "numbers" | "classes") => {
      const rows = values.map((y, a) => ({ a: a * a, y }));
      return fitPipeline(tableFrom(rows), { target: "y", ...(task && { task }) });
    };
    const quality = [3, 4, 5, 6, 7, 8, 9, 5, 6, 5, 6, 5, 6, 7, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5];
    expect(of(quality).targets[0]?.type).toBe("number");
    const classes = of(quality, "classes");
    expect(classes.targets[0]).toMatchObject({
      classes: ["3", "4", "5", "6", "7", "8", "9"],
      values: "number",
    });
    expect(of([0, 1, 2, 0, 1, 2, 0, 1, 2]).targets[0]?.type).toBe("classes");
    expect(texts(of([0, 1, 2, 0, 1, 2, 0, 1, 2]))).toMatch(
      /y: a class, since it has few integers \(3 kinds from 0 to 2\)/,
    );
    expect(of([0, 1, 2, 0, 1, 2, 0, 1, 2], "numbers").targets[0]?.type).toBe("number");
  });

  it("may be several: of numbers, or of two classes each", () => {
    const rows = [
      { a: 1, y: 1.5, z: 2 },
      { a: 2, y: 2.5, z: 4.5 },
      { a: 5, y: 3.5, z: 9 },
    ];
    expect(prepared(rows, { target: ["y", "z"] }).y?.[1]).toHaveLength(2);
    const mixed = [
      { a: 1, y: 1.5, z: "u" },
      { a: 2, y: 2.5, z: "v" },
      { a: 5, y: 2, z: "w" },
    ];
    expect(() => prepared(mixed, { target: ["y", "z"] })).toThrow(
      /several of numbers, or several of two classes/,
    );
  });

  it("of one class, without values, constant or not there is an error", async () => {
    const one = await readCsv(trap("one-class.csv"));
    expect(() => fitPipeline(one, { target: "y" })).toThrow(
      /target y: expected at least two classes, got one class, yes, in 3 rows/,
    );
    const rows = [
      { a: 1, y: 2.5, z: null },
      { a: 2, y: 2.5, z: null },
    ];
    expect(() => prepared(rows, { target: "y" })).toThrow(/different numbers, got 2\.5 in every row/);
    expect(() => prepared(rows, { target: "z" })).toThrow(/none in any row/);
    expect(() => prepared(rows, { target: "aa" })).toThrow(/"a" \(did you mean it\?\)/);
  });

  it("with a point at each label's end has classes without it, and this is said", async () => {
    const table = await readCsv(trap("trailing-point-labels.csv"));
    const pipeline = fitPipeline(table, { target: "column4" });
    expect(pipeline.targets[0]).toMatchObject({ classes: ["<=50K", ">50K"] });
    expect(texts(pipeline)).toContain("a point at a label's end is no part of it");
  });
});

describe("columns that say nothing, or too much", () => {
  it("are left out and named", async () => {
    const pipeline = fitPipeline(await readCsv(trap("leading-zeros-and-large-ids.csv")), { target: "y" });
    expect(pipeline.columns.map(({ name }) => name)).toEqual(["zip"]);
    expect(pipeline.ignored.map(({ name }) => name)).toEqual(["id", "order"]);
    const kept = fitPipeline(await readCsv(trap("leading-zeros-and-large-ids.csv")), {
      target: "y",
      columns: { id: {} },
    });
    expect(kept.columns.map(({ name }) => name)).toEqual(["id", "zip"]);
  });

  it("are those of the whole table, of which some rows were drawn for training: they no longer count up", async () => {
    const table = tableFrom(Array.from({ length: 40 }, (_, i) => ({ n: i + 1, a: (i * 7) % 11, y: i % 3 })));
    expect(texts(table)).toBe("n: it numbers the rows: training leaves it out");
    const { train } = await splitTable(table, { test: 0.2 });
    expect(fitPipeline(train, { target: "y" }).ignored).toEqual([
      { name: "n", reason: "it numbers the rows" },
    ]);
    expect(fitPipeline(train, { target: "y", columns: { n: {} } }).ignored).toEqual([]);
    const model = await trainModel(train, { target: "y", networks: 1, layers: [3], epochs: 1, threads: 1 });
    expect(model.training.notes.filter((note) => note.startsWith("n: "))).toEqual([
      "n: it numbers the rows: training leaves it out",
    ]);
  });

  it("hold the target: a copy, a sum of two, its classes by other names", async () => {
    const pipeline = fitPipeline(await readCsv(trap("constant-and-leaking-columns.csv")), { target: "y" });
    expect(texts(pipeline)).toMatch(/copy: y follows from it in every row/);
    expect(texts(pipeline)).toMatch(/part1: part1 \+ part2 is y in every row/);
    expect(texts(pipeline)).toMatch(/constant: constant \(5 in every row\)/);
    expect(pipeline.notes.filter(({ kind }) => kind === "leak")).toHaveLength(2);
    const rows = [..."abababab"].map((k, i) => ({ k, x: i % 3, y: k === "a" ? "yes" : "no" }));
    expect(texts(fitPipeline(tableFrom(rows), { target: "y" }))).toMatch(
      /k: it names the classes of y one by one/,
    );
  });

  it("hold the target but for slips in the data, and are told; a few values that agree by chance are not", () => {
    const day = (i: number) => ({
      asleep: ((i * 37) % 190) / 10,
      weight: (i * 53) % 97,
      few: i % 20 === 7 ? 1 : 0,
    });
    const rows = Array.from({ length: 83 }, (_, i) => {
      const { asleep, weight, few } = day(i);
      const awake = i === 0 || i === 40 ? 30 : 24 - asleep; // slips, where a line would begin
      return { asleep, weight, few, rest: 10 - asleep + (i === 5 ? 1 : 0), part: i % 7, awake };
    });
    const leaks = (table: Row[], target: string) =>
      fitPipeline(tableFrom(table), { target })
        .notes.filter(({ kind }) => kind === "leak")
        .map(({ column, message }) => `${column}: ${message}`);
    expect(leaks(rows, "awake")).toEqual([
      "asleep: awake follows from it in 81 of 83 rows: is it known when you predict?",
      "rest: awake follows from it in 80 of 83 rows: is it known when you predict?",
    ]);
    const sums = rows.map(({ asleep, weight }, i) => ({ asleep, weight, y: i === 3 ? 0 : asleep + weight }));
    expect(leaks(sums, "y")).toEqual([
      "asleep: asleep + weight is y in 82 of 83 rows: are they known when you predict?",
    ]);
    const holed = rows.map((row, i) =>
      i % 10 === 0 ? { ...row, asleep: Number.NaN, rest: Number.NaN } : row,
    );
    expect(leaks(holed, "awake")).toEqual([]);
    const agreeing = rows.map(({ few, weight }, i) => ({ few, weight, y: i === 27 ? 0 : few }));
    expect(leaks(agreeing, "y")).toEqual([]);
  });

  it("that number the rows are left out where there are enough of them", () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({ n: i + 1, x: (i * 7) % 11, y: i % 2 }));
    expect(fitPipeline(tableFrom(rows), { target: "y" }).ignored).toEqual([
      { name: "n", reason: "it numbers the rows" },
    ]);
  });
});

describe("a pipeline", () => {
  const rows = [
    { a: 1, k: "x", t: true, d: "2024-01-01", y: "no" },
    { a: 3, k: "y", t: false, d: "2024-02-01", y: "yes" },
    { a: null, k: "x", t: true, d: "2024-03-01", y: "no" },
  ];
  const pipeline = fitPipeline(tableFrom(rows), { target: "y", rareBelow: 0 });

  it("is JSON, and of it the same again", () => {
    const again = Pipeline.fromJSON(JSON.parse(JSON.stringify(pipeline)));
    expect(again.toJSON()).toEqual(pipeline.toJSON());
    expect(again.transform(rows).x).toEqual(pipeline.transform(rows).x);
  });

  it("says the types by which a file is to be read", () => {
    const { schema = {} } = pipeline.readOptions();
    const types = Object.entries(schema).map(([name, { type }]) => [name, type]);
    expect(Object.fromEntries(types)).toEqual({
      a: "number",
      k: "category",
      t: "boolean",
      d: "date",
      y: "category",
    });
  });

  it("prepares a few rows as it prepares all", async () => {
    const all = pipeline.transform(rows).x.toArray();
    for (const [i, row] of rows.entries()) {
      expect(pipeline.transform([row]).x.toArray()).toEqual([all[i]]);
    }
    const text = new TextEncoder().encode("a,k,t,d\n1,x,true,2024-01-01\n");
    expect(pipeline.transform(await readCsv(text, pipeline.readOptions())).x.toArray()).toEqual([all[0]]);
  });

  it.each([
    [[{ a: 1, k: "x", t: true }], /the columns "d"/],
    [[{ a: "one", k: "x", t: true, d: "2024-01-01" }], /column a: expected a number, got "one"/],
    [[{ a: 1, k: "x", t: "maybe", d: "2024-01-01" }], /true or false, got "maybe"/],
    [[{ a: 1, k: "x", t: true, d: "soon" }], /a date/],
    [
      [{ a: 1, k: "x", t: true, d: "2024-01-01", y: "perhaps" }],
      /target y, row 0: expected a class: "no", "yes", got "perhaps"/,
    ],
  ])("refuses rows that aren't like those that it was fitted to: %j", (given, message) => {
    expect(() => pipeline.transform(given)).toThrow(message);
    expect(() => pipeline.transform(given)).toThrow(DataError);
  });

  const changed = (change: (json: ReturnType<typeof copy>) => void) => {
    const json = copy();
    change(json);
    return () => Pipeline.fromJSON(json);
  };
  const copy = () =>
    JSON.parse(JSON.stringify(pipeline)) as {
      [key: string]: unknown;
      columns: { steps: Record<string, unknown>[]; [key: string]: unknown }[];
      targets?: Record<string, unknown>[];
    };

  it.each([
    [
      "an unknown step",
      changed((json) => Object.assign(json.columns[0]?.steps[1] ?? {}, { type: "eval" })),
      /columns\[0\]\.steps\[1\]\.type: expected a step or kind that is known/,
    ],
    [
      "a step named as a property of objects",
      changed((json) => Object.assign(json.columns[0]?.steps[0] ?? {}, { type: "toString" })),
      /step or kind/,
    ],
    ["another version", changed((json) => Object.assign(json, { version: 2 })), /version/],
    ["a further key", changed((json) => Object.assign(json, { more: 1 })), /the keys/],
    [
      "a key less",
      changed((json) => {
        delete json.targets;
      }),
      /the key targets/,
    ],
    [
      "a scale of 0",
      changed((json) => Object.assign(json.columns[0]?.steps[1] ?? {}, { scale: 0 })),
      /scale: expected a number above 0/,
    ],
    [
      "quantiles that fall",
      changed((json) =>
        Object.assign(json.columns[0]?.steps ?? [], { 1: { type: "quantileNormal", quantiles: [1, 3, 2] } }),
      ),
      /quantiles\[2\]: expected at least 3/,
    ],
    ["steps in another order", changed((json) => json.columns[0]?.steps.reverse()), /impute/],
    ["a column twice", changed((json) => json.columns.push(...json.columns.slice(0, 1))), /each column once/],
    [
      "no columns",
      changed((json) => {
        json.columns = [];
      }),
      /at least 1/,
    ],
    [
      "more than 1 MiB",
      changed((json) => Object.assign(json.columns[0] ?? {}, { missing: ["x".repeat(2 ** 20)] })),
      /at most 1048576 bytes/,
    ],
  ])("of JSON with %s is a ConfigError", (_, make, message) => {
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(message);
  });

  it.each([
    [{ target: "y", colums: {} }, /columns \(did you mean it\?\)/],
    [{ target: "y", scaling: "zscore" }, /scaling/],
    [{ target: "y", limit: { soft: 0 } }, /limit\.soft/],
    [{ target: "y", columns: { y: "ignore" } }, /other columns than the target/],
    [{ target: "y", columns: { nothing: "ignore" } }, /nothing/],
    [{ target: [] }, /target/],
    [{ target: "y", ignore: ["a", "k", "t", "d"] }, /at least one to predict from/],
  ])("refuses the options %j", (options, message) => {
    expect(() => fitPipeline(tableFrom(rows), options as never)).toThrow(message);
  });
});

describe("elementary functions", () => {
  const relative = (a: number, b: number) => Math.abs(a - b) / Math.abs(b);

  it("agree with Math's to 1e-15 or so, and with each other", () => {
    for (let x = -745; x < 709; x += 0.37) {
      if (x > -700) expect(relative(exp(x), Math.exp(x))).toBeLessThan(1e-14);
      expect(relative(log(exp(x > -700 ? x : 1)), x > -700 ? x : 1)).toBeLessThan(1e-13);
    }
    for (let x = 1e-300; x < 1e300; x *= 17.3) expect(relative(log(x), Math.log(x))).toBeLessThan(1e-15);
    for (let turn = 0; turn < 1; turn += 1 / 128) {
      const [sine, cosine] = onCircle(turn);
      expect(Math.abs(sine - Math.sin(2 * Math.PI * turn))).toBeLessThan(1e-15);
      expect(Math.abs(cosine - Math.cos(2 * Math.PI * turn))).toBeLessThan(1e-15);
    }
    expect([exp(0), exp(710), exp(-800), log(1), log(0)]).toEqual([1, Infinity, 0, 0, -Infinity]);
    expect([log(-1), exp(Number.NaN)]).toEqual([Number.NaN, Number.NaN]);
  });
});
