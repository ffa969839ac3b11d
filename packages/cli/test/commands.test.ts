// What commands write, say and end with.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { loadModel } from "@layerwise/data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TRAIN_ROWS } from "../ts/commands/train.js";
import { commandOf } from "../ts/commands/train-output.js";
import { schemaOf } from "../ts/options/read-options.js";
import { type Ended, ended, layerwise, run, start } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "layerwise-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** 400 rows: a class that follows from two columns, one of them with gaps, an id, and a name that HTML would take for markup. */
function customers(): string {
  const rows = Array.from({ length: 400 }, (_, i) => {
    const [age, plan] = [20 + ((i * 37) % 50), ["basic", "plus", "pro"][i % 3]];
    const leaves = age > 45 !== (plan === "pro") ? "yes" : "no";
    return [`c${i}`, i % 11 === 0 ? "" : age, plan, (i * 13) % 7, leaves].join(",");
  });
  return ["id,age,plan,<b>visits</b>,leaves", ...rows].join("\n");
}

const data = join(folder, "customers.csv");
const three = join(folder, "three.csv");
beforeAll(() => {
  writeFileSync(data, customers());
  writeFileSync(three, "a,b\n1,2\n2,4\n3,6\n");
});

const quick = [
  "--target",
  "leaves",
  "--epochs",
  "60",
  "--networks",
  "1",
  "--layers",
  "16",
  "--learning-rate",
  "0.01",
];

/** What isn't on the diagonal of a report's confusion matrix of two classes. */
function wrongOf(report: string): { confusionMatrix: string; wrong: number } {
  const [confusionMatrix] = /<table class="matrix">[\s\S]*?<\/table>/.exec(report) ?? [""];
  const [, first = 0, second = 0] = [...confusionMatrix.matchAll(/<td[^>]*>(\d+)<\/td>/g)].map(([, n]) =>
    Number(n),
  );
  return { confusionMatrix, wrong: first + second };
}

it("tells networks what computes them", async () => {
  const compute = ["--engine", "wasm", "--threads", "1", "--math", "fast"];
  const planned = await layerwise("train", data, "--target", "leaves", ...compute, "--dry-run", "--json");
  const { options } = JSON.parse(planned.output.trim().split("\n").at(-1) ?? "");
  expect(options).toMatchObject({ engine: "wasm", threads: 1, math: "fast" });
  for (const [command, ...more] of [
    ["train", "-t", "leaves"],
    ["predict"],
    ["evaluate"],
    ["compare", "--data", data],
  ]) {
    const refused = await layerwise(command ?? "", "no.safetensors", data, ...more, "--math", "quick");
    expect(refused).toMatchObject({ code: 2, errors: expect.stringContaining("--math: expected") });
  }
  const rounds = await layerwise(
    "train",
    data,
    ...quick.slice(0, 2),
    "--rounds",
    "1",
    "--math",
    "fast",
    "-o",
    folder,
  );
  expect(rounds).toMatchObject({
    code: 2,
    errors: expect.stringContaining('math: expected "exact" in rounds'),
  });
});

it("a model that can't be written when it is trained isn't lost: an error says where it is, and --resume writes it", async () => {
  const out = join(folder, "late");
  const model = join(out, "model.safetensors");
  const onOutput = () => mkdirSync(join(model, "in the way"), { recursive: true });
  const args = [
    "train",
    data,
    "--target",
    "leaves",
    "--epochs",
    "2",
    "--networks",
    "2",
    "--layers",
    "4",
    "-o",
    out,
  ];
  const failed = await run([...args, "--json"], onOutput);
  expect(failed).toMatchObject({ code: 4, errors: expect.stringContaining(`${model}: expected`) });
  expect(failed.errors).toContain(`kept in ${join(out, "checkpoint")}, and the same command with --resume`);
  expect(readdirSync(out).sort()).toEqual(["checkpoint", "model.safetensors"]);
  rmSync(model, { recursive: true });
  const resumed = await layerwise(...args, "--resume", "--json");
  expect(resumed.code, resumed.errors).toBe(0);
  expect(resumed.output).not.toContain('"type":"epoch"');
  expect(readdirSync(out).sort()).toEqual(["metrics.json", "model.safetensors", "report.html"]);
}, 60_000);

describe("train", () => {
  const [first, second] = [join(folder, "first"), join(folder, "second")];
  let trained: Ended;
  beforeAll(async () => {
    trained = await layerwise("train", data, ...quick, "-o", first);
  }, 60_000);

  it("decides, says why, and writes a model, a report and metrics", () => {
    expect(trained.code, trained.errors).toBe(0);
    expect(trained.errors).toContain("two classes of leaves: no, yes");
    expect(trained.errors).toMatch(/id: .*another in each row/);
    const metrics = JSON.parse(readFileSync(join(first, "metrics.json"), "utf8"));
    expect(metrics.rows).toEqual({ all: 400, training: 320, test: 80 });
    expect(metrics.scores.accuracy.value).toBeGreaterThan(0.85);
    const [low, high] = metrics.scores.accuracy.interval;
    expect(low).toBeLessThanOrEqual(metrics.scores.accuracy.value);
    expect(high).toBeGreaterThanOrEqual(metrics.scores.accuracy.value);
  });

  it("says of each column once why it is left out, in the plan and after the training together", async () => {
    const path = join(folder, "left-out.csv");
    const rows = Array.from({ length: 60 }, (_, i) =>
      [i + 1, `c${i}`, i === 0 ? "text 1" : `text ${i}`, 7, (i * 13) % 7, (i * 29) % 31].join(),
    );
    writeFileSync(path, ["n,id,text,same,a,b", ...rows].join("\n"));
    const flags = ["--epochs", "2", "--networks", "1", "--layers", "3", "-o", join(folder, "left-out")];
    const { errors: said } = await layerwise("train", path, "--target", "b", ...flags);
    const about = (name: string) => said.split("\n").filter((line) => line.startsWith(`${name}: `));
    for (const name of ["n", "id", "text", "same"]) {
      expect(about(name), name).toEqual([expect.stringMatching(/: training leaves it out$/)]);
    }
    expect(said).not.toContain("since task is");
    const model = await loadModel(join(folder, "left-out", "model.safetensors"));
    expect(model.pipeline.columns.map(({ name }) => name)).toEqual(["a"]);
    const target = await layerwise("train", path, "--target", "n", ...flags);
    expect(target.errors).toContain("task: numbers: n");
    expect(target.errors).not.toContain("n: it numbers");
  });

  it("tells by its own flags how a file would be read otherwise", async () => {
    const path = join(folder, "otherwise.csv");
    const rows = Array.from({ length: 60 }, (_, i) =>
      [`0${(i % 9) + 1}/0${(i % 7) + 1}/2024`, i === 3 ? "none" : i % 11, `$${i},000`, (i * 29) % 31].join(
        ";",
      ),
    );
    writeFileSync(path, ["when;some count;paid;y", ...rows].join("\n"));
    const { errors: told } = await layerwise("train", path, "--target", "y", "--dry-run");
    expect(told).toContain("the first line has the columns' names (--header no says otherwise)");
    expect(told).toContain("though both orders fit (--date-order says another)");
    expect(told).toContain("count as missing (--type 'some count=category' keeps them)");
    expect(told).toContain("(--type paid=number reads signs and thousands)");
    const given = [
      "--date-order",
      "mdy",
      "--type",
      "paid=number",
      "--type",
      "some count=category",
      "--header",
      "yes",
    ];
    const { errors } = await layerwise("train", path, "--target", "y", "--dry-run", ...given);
    expect(errors).toMatch(/when: dates read as mm\/dd\/yyyy\n/);
    expect(errors).toContain('amounts read as numbers, "$0,000" as 0');
    expect(errors).not.toMatch(/otherwise|keeps them/);
    const other = await layerwise("train", path, "--target", "y", "--dry-run", "--type", "payd=number");
    expect(other.errors).toMatch(/--type: expected "paid" \(did you mean it\?\), got "payd"/);
  });

  it("leaves out what 0 says: validation, early stopping, clipping and the limit of numbers", async () => {
    const out = join(folder, "without");
    const none = ["--validation", "0", "--patience", "0", "--clip-norm", "0", "--soft-limit", "0"];
    const flags = ["--target", "leaves", "--epochs", "3", "--networks", "1", "--layers", "4", ...none];
    const { code, errors, output } = await layerwise("train", data, ...flags, "-o", out);
    expect(code, errors).toBe(0);
    expect(output).toMatch(/^loss by epoch/);
    const model = await loadModel(join(out, "model.safetensors"));
    expect(model.training.networks).toEqual([expect.objectContaining({ epochs: 3, validationLoss: null })]);
    const steps = JSON.stringify(model.pipeline.toJSON());
    expect(steps).toContain('"center"');
    expect(steps).not.toMatch(/"(softClip|clip)"/);
    const ensemble = await layerwise("ensemble", data, ...flags, "--processes", "1", "-o", `${out}-ensemble`);
    expect(ensemble.code, ensemble.errors).toBe(0);
    const [one, two] = [out, `${out}-ensemble`].map((place) =>
      readFileSync(join(place, "model.safetensors")),
    );
    expect(one?.equals(two ?? Buffer.alloc(0))).toBe(true);
  }, 60_000);

  it("scores the test where it has a class that training didn't draw, and says so", async () => {
    const path = join(folder, "single.csv");
    const rows = Array.from({ length: 60 }, (_, i) =>
      [(i * 7) % 13, i < 20 ? `only ${i}` : "ab"[i % 2]].join(),
    );
    writeFileSync(path, ["a,b", ...rows].join("\n"));
    const flags = ["--epochs", "2", "--networks", "1", "--layers", "3", "-o", join(folder, "single")];
    const trained = await layerwise("train", path, "--target", "b", ...flags);
    expect(trained.code, trained.errors).toBe(0);
    expect(trained.output).toMatch(
      /the test's b: \d+ rows? left out, of classes that no training row had: "only/,
    );
    expect(readdirSync(join(folder, "single")).sort()).toEqual([
      "metrics.json",
      "model.safetensors",
      "report.html",
    ]);
  });

  it("shows the layers of every kind of network, with whose they are", async () => {
    const out = join(folder, "kinds");
    const flags = ["--target", "leaves", "--epochs", "1", "--networks", "4", "-o", out];
    const trained = await layerwise("train", data, ...flags);
    expect(trained.code, trained.errors).toBe(0);
    const report = readFileSync(join(out, "report.html"), "utf8");
    const { output } = await layerwise("inspect", join(out, "model.safetensors"));
    for (const shown of [report, output]) {
      for (const whose of ["networks 1 and 4", "network 2", "network 3"]) expect(shown).toContain(whose);
      expect(shown.match(/total: [\d,]+ parameters/g)).toHaveLength(3);
    }
    expect(report).toContain("4 networks, each from other rows");
  });

  it("writes a report that needs nothing else, with every text of the data escaped", () => {
    const report = readFileSync(join(first, "report.html"), "utf8");
    expect(report).toContain("customers.csv → leaves");
    expect(report).toContain("&lt;b&gt;visits&lt;/b&gt;");
    expect(report).not.toContain("<b>visits</b>");
    expect(report).not.toMatch(/<script|<link|https?:\/\/(?!www\.w3\.org)/);
    for (const title of [
      "How it learnt",
      "Classes",
      "What matters",
      "The largest mistakes",
      "The same again",
    ]) {
      expect(report).toContain(`<h2>${title}</h2>`);
    }
  });

  it("lists as mistakes what was wrong alone, and says of how many", () => {
    const report = readFileSync(join(first, "report.html"), "utf8");
    const [, mistakes = ""] = /<h2>The largest mistakes<\/h2>([\s\S]*?)<\/section>/.exec(report) ?? [];
    const { confusionMatrix, wrong } = wrongOf(report);
    expect(mistakes, confusionMatrix).toContain(`${wrong} of 80 test rows`);
    const rows = [...mistakes.matchAll(/<tr><td>(.*?)<\/td><td>(.*?)<\/td>/g)];
    expect(rows).toHaveLength(Math.min(10, wrong));
    for (const [, isTrue, predicted] of rows) expect(predicted).not.toBe(isTrue);
  });

  it("gives the same model to the bit by the command that the report tells", async () => {
    await layerwise("train", data, ...quick, "-o", second);
    const [a, b] = [first, second].map((path) => readFileSync(join(path, "model.safetensors")));
    expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
  }, 60_000);

  it("takes options from a file, flags first, and says what a misspelt one should be", async () => {
    const [good, bad] = [join(folder, "layerwise.json"), join(folder, "bad.json")];
    writeFileSync(good, JSON.stringify({ target: ["leaves"], epochs: 3, networks: 1, layers: [4], seed: 9 }));
    const { output } = await layerwise("train", data, "--config", good, "--seed", "4", "--dry-run", "--json");
    const plan = output.split("\n").flatMap((line) => (line.includes('"plan"') ? [JSON.parse(line)] : []))[0];
    expect(plan.options).toMatchObject({ target: "leaves", epochs: 3, layers: [4], seed: 4 });
    expect(plan.options).not.toHaveProperty("skip");
    const skip = await layerwise("train", data, "--config", good, "--no-skip", "--dry-run", "--json");
    expect(skip.output).toContain('"skip":false');
    expect(commandOf([data], { skip: false, log: true })).toMatch(/customers\.csv --no-skip --log$/);
    writeFileSync(bad, JSON.stringify({ target: "leaves", epoch: 3 }));
    const refused = await layerwise("train", data, "--config", bad);
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.errors).toContain("epochs (did you mean it?)");
  }, 60_000);

  it("writes nothing with --dry-run", async () => {
    const nowhere = join(folder, "nowhere");
    expect(await layerwise("train", data, ...quick, "--dry-run", "-o", nowhere)).toMatchObject({ code: 0 });
    expect(existsSync(nowhere)).toBe(false);
    const left = join(folder, "left.csv");
    writeFileSync(left, `x,Left\n${"1,Yes\n2,No\n".repeat(8)}`);
    const { errors } = await layerwise("train", left, "--target", "Left", "--dry-run");
    expect(errors).toContain("two classes of Left: Yes, No");
  }, 60_000);

  const bytesOf = (path: string) => readFileSync(join(path, "model.safetensors"));

  it("keeps what is best so far at Ctrl-C, and goes on from there", async () => {
    const stopped = join(folder, "stopped");
    const args = ["train", data, ...quick, "--json", "-o", stopped];
    const cut = await run(args, (text) => {
      if (text.includes('"epoch":3,')) process.emit("SIGINT");
    });
    expect(cut.code).toBe(130);
    using model = await loadModel(join(stopped, "model.safetensors"));
    expect(model.training.networks[0]?.stoppedBy).toBe("signal");
    const resumed = await layerwise(...args, "--resume");
    expect(resumed.code).toBe(0);
    expect(resumed.output).not.toContain('"epoch":1,');
    expect(bytesOf(stopped).equals(bytesOf(first))).toBe(true);
    expect(existsSync(join(stopped, "checkpoint"))).toBe(false);
  }, 60_000);

  it("goes on where it was killed, with the networks that it had trained", async () => {
    const [killed, whole] = [join(folder, "killed"), join(folder, "whole")];
    const args = ["train", data, ...quick, "--networks", "2", "--json"];
    const child = start(...args, "-o", killed);
    let [said, at] = ["", 1 + Math.floor(20 * Math.random())];
    child.stdout?.on("data", (text) => {
      said += text;
      if (said.includes(`"network":1,"networks":2,"epoch":${at},`)) child.kill("SIGKILL");
    });
    expect(await ended(child), `at ${at}`).toMatchObject({ code: null, signal: "SIGKILL" });
    expect(existsSync(join(killed, "model.safetensors"))).toBe(false);
    const { output } = await layerwise(...args, "-o", killed, "--resume");
    expect(output).not.toContain('"network":0');
    await layerwise(...args, "-o", whole);
    expect(bytesOf(killed).equals(bytesOf(whole)), `at ${at}`).toBe(true);
  }, 60_000);

  it("says which option isn't that of the training that it would go on with", async () => {
    const other = join(folder, "other");
    await run(["train", data, ...quick, "--json", "-o", other], (text) => {
      if (text.includes('"epoch":2,')) process.emit("SIGINT");
    });
    const refused = await layerwise("train", data, ...quick, "--epochs", "61", "-o", other, "--resume");
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.errors).toContain("epochs: expected 60");
    const anew = await layerwise("train", data, ...quick, "-o", other, "--epochs", "1");
    expect(anew.errors).toContain("--resume goes on from it");
  }, 60_000);
});

describe("a model", () => {
  const path = join(folder, "first", "model.safetensors");

  it("predicts rows without their target, as CSV or lines of JSON, packed ones too", async () => {
    const fresh = join(folder, "fresh.csv");
    const text = "age,plan,<b>visits</b>\n30,basic,1\n60,basic,2\n60,pro,3\n";
    writeFileSync(fresh, text);
    const { code, output } = await layerwise("predict", path, fresh);
    expect(code).toBe(0);
    const [head, ...rows] = output.trim().split("\n");
    expect(head).toBe("leaves,leaves: no,leaves: yes");
    expect(rows.map((row) => row.split(",")[0])).toEqual(["no", "yes", "no"]);
    const packed = join(folder, "fresh.csv.gz");
    writeFileSync(packed, gzipSync(text));
    const lines = (await layerwise("predict", path, packed, "--json")).output.trim().split("\n");
    const values = lines.map((line) => Object.values(JSON.parse(line)).join(","));
    expect(values).toEqual(rows);
    const objects = join(folder, "fresh.jsonl");
    const json = (age: string, plan: string, visits: number) =>
      JSON.stringify({ age, plan, "<b>visits</b>": visits, note: [] });
    writeFileSync(
      objects,
      `${json("30", "basic", 1)}\noops\n${json("60", "basic", 2)}\n${json("60", "pro", 3)}\n`,
    );
    const others = await layerwise("predict", path, objects, "--skip-bad-rows");
    expect(others.output).toBe(output);
    expect(others.errors).toMatch(/bad rows left out: 1, first .*line 2: expected JSON/);
  }, 60_000);

  it.each([
    ["csv", "age,plan,<b>visits</b>\n", "30,basic,1\n"],
    ["jsonl", "", '{"age":30,"plan":"basic","<b>visits</b>":1}\n'],
  ])(
    "predicts what comes on standard input as %s for as long as somebody reads",
    async (format, head, row) => {
      const child = start("predict", path, "-", "--format", format);
      const rows = row.repeat(1 << 16);
      child.stdin?.on("error", () => {}); // It ends before it has read all.
      child.stdin?.write(`${head}${rows}`);
      const more = () => child.stdin?.write(rows, (error) => error ?? setImmediate(more));
      more();
      child.stdout?.once("data", () => child.stdout?.destroy());
      expect(await ended(child)).toMatchObject({ code: 141, errors: "" });
    },
    60_000,
  );

  it("goes out as an ONNX model of all of it, and a network by itself is inspected", async () => {
    const onnx = join(folder, "model.onnx");
    expect(await layerwise("export", path, "--onnx", onnx)).toMatchObject({ code: 0 });
    using model = await loadModel(path);
    expect(readFileSync(onnx).equals(model.toOnnx())).toBe(true);
    const alone = join(folder, "alone.safetensors");
    await model.networks[0]?.save(alone);
    expect((await layerwise("inspect", alone)).output).toContain("total:");
    expect(await layerwise("export", alone, "--onnx", join(folder, "none", "x"))).toMatchObject({ code: 4 });
  }, 60_000);

  it("of Keras is imported, inspected and exported", async () => {
    const imported = join(folder, "imported.safetensors");
    const keras = "packages/data/test/import/sequential.keras";
    const { code, output } = await layerwise("import", keras, "-o", imported);
    expect(code).toBe(0);
    expect(output).toContain("total:");
    expect(output).toContain((await layerwise("inspect", imported)).output.trim());
    expect(await layerwise("export", imported, "--onnx", join(folder, "keras.onnx"))).toMatchObject({
      code: 0,
    });
    expect(await layerwise("predict", imported, data)).toMatchObject({ code: 4 });
    expect(await layerwise("import", data, "-o", imported)).toMatchObject({ code: 4 });
  }, 60_000);

  it("is evaluated, compared and inspected", async () => {
    const gaps = join(folder, "gaps.csv");
    writeFileSync(gaps, "age,plan,<b>visits</b>,leaves\n30,basic,1,no\n60,basic,2,yes\n60,pro,3,\n");
    expect((await layerwise("evaluate", path, gaps, "--json")).output).toContain('"rows":2,');
    const evaluated = JSON.parse((await layerwise("evaluate", path, data, "--json")).output);
    expect(evaluated).toMatchObject({ type: "evaluated", rows: 400 });
    expect(evaluated.scores.accuracy.value).toBeGreaterThan(0.85);
    const compared = JSON.parse((await layerwise("compare", path, path, "--data", data, "--json")).output);
    expect(compared.models).toHaveLength(2);
    expect(compared.models[0].scores.accuracy).toBe(evaluated.scores.accuracy.value);
    const inspected = await layerwise("inspect", path);
    for (const text of ["plan", "oneHot", "total:", "network 1", "320 rows"])
      expect(inspected.output).toContain(text);
  }, 60_000);
});

describe("what can't be ends with its code and one line", () => {
  type Row = [string, string[], number, string];
  const inTheWay = join(folder, "in-the-way");
  mkdirSync(join(inTheWay, "report.html"), { recursive: true });

  it.each<Row>([
    ["no target", ["train", data], 2, "--target: expected the name of the column to predict"],
    [
      "a column that isn't there",
      ["train", data, "--target", "leavs"],
      3,
      'expected "leaves" (did you mean it?)',
    ],
    [
      "a number that is none",
      ["train", data, "-t", "leaves", "--epochs", "many"],
      2,
      "--epochs: expected an integer in [1, ",
    ],
    ["an empty number", ["train", data, "-t", "leaves", "--epochs", ""], 2, "--epochs: expected"],
    ["an unknown flag", ["train", data, "--traget", "leaves"], 2, "--target"],
    [
      "a file that isn't there",
      ["train", join(folder, "none.csv"), "-t", "leaves"],
      4,
      "a file that can be read",
    ],
    ["three rows", ["train", three, "-t", "b"], 3, "data: expected at least 10 rows, got 3"],
    ["a folder", ["train", folder, "-t", "b"], 4, "expected a file, got a folder"],
    ["a file that is no model", ["inspect", data], 4, "customers.csv"],
    [
      "a folder for results that can't be made",
      ["train", data, ...quick, "-o", join(data, "x", "y")],
      4,
      `y: expected a folder that can be written to, got a file in its way, ${data}`,
    ],
    // Node's recursive mkdir doesn't return from /proc.
    ...(process.platform === "linux"
      ? [
          [
            "a folder that nothing is made in",
            ["train", data, ...quick, "-o", "/proc/none"],
            4,
            "/proc/none: expected a folder",
          ] satisfies Row,
        ]
      : []),
    [
      "a folder in a result's place",
      ["train", data, ...quick, "-o", inTheWay],
      4,
      "report.html: expected a file that can be written, got a folder",
    ],
  ])("%s", async (_, args, code, text) => {
    const { code: ended, errors } = await layerwise(...args);
    expect(ended).toBe(code);
    expect(errors).toContain(text);
    expect(errors).not.toContain("    at ");
    expect(errors).not.toContain("epoch 1"); // It is said before training.
  });

  it("leaves no folder that was made for results of data that can't be", async () => {
    expect(await layerwise("train", three, "-t", "b", "-o", join(folder, "made", "deep"))).toMatchObject({
      code: 3,
    });
    expect(existsSync(join(folder, "made"))).toBe(false);
    expect(readdirSync(inTheWay)).toEqual(["report.html"]);
  });
});

it("data describe tells types, gaps and levels", async () => {
  const described = JSON.parse(
    (await layerwise("data", "describe", data, "--json")).output.trim().split("\n").at(-1) ?? "",
  );
  expect(described.rows).toBe(400);
  expect(described.columns.map(({ type }: { type: string }) => type)).toEqual([
    "text",
    "number",
    "category",
    "number",
    "category",
  ]);
  expect(described.columns[1].missing).toBe(37);
}, 60_000);

it("the schema has every option, each with its help", () => {
  const { properties } = schemaOf(TRAIN_ROWS) as { properties: Record<string, { description?: string }> };
  for (const { key, help } of TRAIN_ROWS) expect(properties[key]?.description).toContain(help);
});
