// A model as ONNX, from raw columns to predictions: the same as its own.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { StateError } from "layerwise";
import { afterAll, describe, expect, it } from "vitest";
import { check, whyNoPython } from "../../../test/files/python/environment.js";
import { type Model, type Row, readCsv, type TrainOptions, tableFrom, trainModel } from "../ts/index.js";
import { readModel, runModel, type Tensor } from "./onnx/run.js";

const START = Date.UTC(1995, 0, 28, 5);
const HOURS = 3_600_000;

/** A column of each kind, all but one with gaps; names that ONNX or the graph itself might take for another. */
const rows: Row[] = Array.from({ length: 90 }, (_, i) => {
  const size = i % 11 === 0 ? null : ((i * 37) % 90) / 7;
  return {
    "": i % 13 === 0 ? -200 : 1e6 + i,
    layerwise_1: size,
    kind: i % 17 === 0 ? null : ["red", "green", "ünï", i === 50 ? "once" : "red"][i % 4],
    plain: "ab"[i % 2],
    "new?": i % 19 === 0 ? null : i % 3 === 0,
    when: i % 23 === 0 ? null : new Date(START + i * 1111 * HOURS),
    price: 3 + (size ?? 5) + (i % 4),
    grade: i % 3,
    "grade: probabilities": i % 7,
    sold: i % 5 < 2,
    word: i % 2 === 0 ? "yes" : "no",
  };
});

const quick = { networks: 2, layers: [5], epochs: 2, threads: 1 } as const;

async function trained(options: TrainOptions): Promise<Model> {
  const names = ["price", "grade", "sold", "word"].filter((name) => !options.target.includes(name));
  return trainModel(tableFrom(rows, { columnMissing: { "": ["-200"] } }), {
    ...quick,
    ignore: names,
    ...options,
  });
}

/** Besides the rows, what none of them has: values missing everywhere, levels and numbers from far away, leap days. */
const others: Row[] = [
  { kind: "blue", plain: "c" },
  {
    "": -200,
    layerwise_1: 1e300,
    kind: "?",
    plain: null,
    "new?": "TRUE",
    when: new Date("2000-02-29T23:59:59Z"),
  },
  { "": 0, layerwise_1: -1e15, kind: "NA", plain: "", "new?": "False", when: new Date("1900-03-01") },
  {
    "": 1e6,
    layerwise_1: 0,
    kind: "once",
    plain: "a",
    "new?": "tRuE",
    when: new Date("1969-12-31T12:00:00Z"),
  },
  { "": 1e6, layerwise_1: 3, kind: "red", plain: "b", "new?": false, when: new Date("2024-12-01T06:30:00Z") },
];

const asked = [...rows, ...others];

/** What a model is given: numbers with NaN, milliseconds, and texts. */
function columnsOf(model: Model, of: readonly Row[] = asked): Record<string, (number | string)[]> {
  const columns = model.pipeline.columns.map(({ name, type }) => {
    const values = of.map((row) => {
      const value = row[name];
      if (type === "category" || type === "boolean") return value == null ? "" : String(value);
      return value == null ? Number.NaN : Number(value);
    });
    return [name === "" ? "_" : name, values];
  });
  return Object.fromEntries(columns);
}

/** Its own answers: labels or numbers, and probabilities, under the names of the outputs. */
function answersOf(
  model: Model,
  of: readonly Row[] = asked,
): Record<string, readonly (string | number | boolean)[]> {
  const missing = Object.fromEntries(model.pipeline.columns.map(({ name }) => [name, null]));
  const { targets } = model.predict(of.map((row) => ({ ...missing, ...row })));
  return Object.fromEntries(
    targets.flatMap((target) =>
      target.type === "numbers"
        ? [[target.name, [...target.values]]]
        : [
            [target.name, target.labels],
            [probabilitiesOf(model, target.name), [...target.probabilities.data]],
          ],
    ),
  );
}

/** A column may already be called so. */
function probabilitiesOf(model: Model, target: string): string {
  const name = `${target}: probabilities`;
  return model.pipeline.columns.some((column) => column.name === name) ? `${name}_` : name;
}

const all = {
  numbers: { target: "price", log: true, dtype: "float64", scaling: "quantileNormal" },
  "several numbers": { target: ["price", "grade"], task: "numbers", scaling: "robust", limit: { hard: 1.5 } },
  classes: { target: "grade", layers: [6, 5], activation: "relu" },
  "true and false": { target: "sold", networks: 1, scaling: "minMax", limit: { hard: 50 } },
  "several pairs of classes": { target: ["word", "sold"], dtype: "float64", rareBelow: 0 },
} as const satisfies Record<string, TrainOptions>;

const models = new Map<string, Promise<Model>>();
const modelOf = (name: keyof typeof all) => {
  const model = models.get(name) ?? trained(all[name]);
  models.set(name, model);
  return model;
};

describe.each(Object.keys(all) as (keyof typeof all)[])("of %s", (name) => {
  it("each operator by its definition gives the model's answers", async () => {
    const model = await modelOf(name);
    const graph = readModel(model.toOnnx());
    const columns = columnsOf(model);
    expect([...graph.inputs.keys()]).toEqual(Object.keys(columns));
    const tensors = Object.entries(columns).map(([name, data]): [string, Tensor] => [
      name,
      { shape: [asked.length, 1], data },
    ]);
    const outputs = runModel(graph, Object.fromEntries(tensors));
    const answers = answersOf(model);
    expect([...outputs.keys()]).toEqual(Object.keys(answers));
    for (const [output, { data }] of outputs) expectNear(data, answers[output] ?? [], model, output);
  });
});

/** What a number may be off by: its own size where it is a logarithm's, else the target's deviation, or its distance from the mean. */
function sizeOf(model: Model, output: string, number: number): number {
  const target = model.pipeline.targets.find(({ name }) => name === output);
  if (target?.type !== "number") return 1;
  return target.log ? Math.abs(number) : Math.max(target.deviation, Math.abs(number - target.mean));
}

/** As docs have it: to 1e-5, and of float64 to 1e-12; and nowhere off by `most`. */
function expectNear(
  given: readonly unknown[],
  expected: readonly unknown[],
  model: Model,
  output: string,
  most = 1e-5,
) {
  const limit = model.networks[0]?.config.dtype === "float64" ? 1e-12 : 1e-5;
  expect(given).toHaveLength(expected.length);
  given.forEach((value, i) => {
    const own = Number(expected[i]);
    if (typeof value !== "number") {
      expect(value).toBe(expected[i]);
      return;
    }
    expect(Math.abs(value - own) / sizeOf(model, output, own)).toBeLessThan(limit);
    expect(Math.abs(value - own)).toBeLessThan(most);
  });
}

it("a graph says what it takes and gives", async () => {
  const graph = readModel((await modelOf("several pairs of classes")).toOnnx());
  const [double, text, boolean] = [11, 8, 9];
  expect(Object.fromEntries(graph.inputs)).toEqual({
    _: double,
    layerwise_1: double,
    kind: text,
    plain: text,
    "new?": text,
    when: double,
    "grade: probabilities": double,
  });
  expect(Object.fromEntries(graph.outputs)).toEqual({
    word: text,
    "word: probabilities": double,
    sold: boolean,
    "sold: probabilities": double,
  });
  expect(JSON.parse(graph.metadata.classes ?? "")).toEqual({ word: ["no", "yes"], sold: ["false", "true"] });
  expect(graph.operatorSets).toEqual({ "": 13, "ai.onnx.ml": 2 });
});

it("a model that was disposed of has none", async () => {
  const model = await trained({ target: "price", networks: 1, epochs: 1 });
  model.dispose();
  expect(() => model.toOnnx()).toThrow(StateError);
});

const reason = whyNoPython();
if (reason !== undefined)
  console.warn(`SKIPPED: what onnxruntime makes of models. No environment: ${reason}`);

describe.skipIf(reason !== undefined)("onnxruntime", () => {
  const folder = mkdtempSync(join(tmpdir(), "layerwise-onnx-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The outputs of each model for these rows, by their names. */
  function answered(models: readonly (readonly [Model, readonly Row[]])[], most?: number) {
    const jobs = models.map(([model, of], i) => {
      const path = join(folder, `${i}.onnx`);
      writeFileSync(path, model.toOnnx());
      const columns = Object.entries(columnsOf(model, of)).map(([name, values]) => [
        name,
        values.map((value) => (Number.isNaN(value) ? null : value)),
      ]);
      return { path, columns: Object.fromEntries(columns) };
    });
    writeFileSync(join(folder, "jobs.json"), JSON.stringify(jobs));
    const outputs = check("columns", join(folder, "jobs.json")) as Record<string, unknown[]>[];
    models.forEach(([model, of], i) => {
      const answers = answersOf(model, of);
      expect(Object.keys(outputs[i] ?? {})).toEqual(Object.keys(answers));
      for (const [name, expected] of Object.entries(answers))
        expectNear(outputs[i]?.[name] ?? [], expected, model, name, most);
    });
  }

  it("gives a model's answers, to 1e-5", async () => {
    const names = Object.keys(all) as (keyof typeof all)[];
    answered(await Promise.all(names.map(async (name) => [await modelOf(name), asked] as const)));
  });

  it("gives numbers around 0 to 1e-5 of their target's deviation, on a real table", async () => {
    const path = fileURLToPath(new URL("../../../examples/data/california_housing.csv.gz", import.meta.url));
    const houses = (await readCsv(path, { maxRows: 3000 })).toRows();
    const mean = houses.reduce((sum, house) => sum + Number(house.median_house_value), 0) / houses.length;
    const centred = houses.map(({ median_house_value, ...house }) => ({
      ...house,
      off: Number(median_house_value) - mean,
    }));
    const options = { target: "off", networks: 3, layers: [64, 32], epochs: 5, threads: 1 } as const;
    const float32 = await trainModel(tableFrom(centred), options);
    const float64 = await trainModel(tableFrom(centred), {
      ...options,
      activation: "mish",
      dtype: "float64",
    });
    answered(
      [float32, float64].map((model) => [model, centred] as const),
      Number.POSITIVE_INFINITY,
    );
  });
});
