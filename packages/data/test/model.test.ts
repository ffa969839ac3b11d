// From a table to a model, to a file, and back.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  activation,
  ConfigError,
  createNetwork,
  DataError,
  dense,
  FormatError,
  loadNetwork,
  StateError,
} from "layerwise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  forgetCheckpoint,
  loadModel,
  type Model,
  type NetworkReport,
  prepareTraining,
  type Row,
  type TrainingReport,
  type TrainOptions,
  tableFrom,
  trainModel,
} from "../ts/index.js";
import { littleRoomFor } from "../ts/model/room-on-disk.js";

const folder = mkdtempSync(join(tmpdir(), "layerwise-model-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** x in steps, a category that adds to it, and now and then nothing. */
const rows: Row[] = Array.from({ length: 120 }, (_, i) => {
  const x = ((i * 37) % 120) / 10;
  const kind = ["low", "middle", "high"][i % 3] ?? "low";
  const price = 100 * x + 50 * (i % 3) + 1000;
  const size = x < 4 ? "small" : x < 8 ? "medium" : "large";
  return { x: i % 17 === 0 ? null : x, kind, price, size, cheap: price < 1600, also: 2 * price - x };
});

const quick = {
  networks: 2,
  layers: [16],
  epochs: 30,
  keepProb: 1,
  skip: false,
  threads: 1,
  learningRate: 0.02,
} as const;
const train = (options: Omit<TrainOptions, "target"> & { target: TrainOptions["target"] }, given = rows) =>
  trainModel(tableFrom(given), { ...quick, ...options });

let classes: Model;
let numbers: Model;
beforeAll(async () => {
  classes = await train({ target: "size", ignore: ["also", "price", "cheap"] });
  numbers = await train({ target: "price", ignore: ["also", "size", "cheap"] });
});

describe("a model", () => {
  it("of classes says names and probabilities", () => {
    const predictions = classes.predict([
      { x: 1, kind: "low" },
      { x: 11.5, kind: "high" },
    ]);
    const [first, second] = predictions.toRows();
    expect(predictions.names).toEqual(["size", "size: large", "size: medium", "size: small"]);
    expect([first?.size, second?.size]).toEqual(["small", "large"]);
    const sum = ["large", "medium", "small"].reduce((sum, name) => sum + Number(first?.[`size: ${name}`]), 0);
    expect(sum).toBeCloseTo(1, 6);
    const [scores] = classes.evaluate(rows, { metrics: ["brier"] }).targets;
    expect(scores).toMatchObject({ type: "classes", rows: 120, accuracy: expect.closeTo(0.93, 1) });
    expect(scores?.metrics.brier).toBeLessThan(0.2);
  });

  it("of numbers answers in their unit", () => {
    const [value] = numbers.predict([{ x: 5, kind: "middle" }]).toRows();
    expect(value?.price).toBeGreaterThan(1400);
    expect(value?.price).toBeLessThan(1700);
    const [scores] = numbers.evaluate(rows).targets;
    expect(scores?.type === "numbers" && scores.r2).toBeGreaterThan(0.85);
  });

  it("of two classes has labels of the data's own type", async () => {
    const model = await train({ target: "cheap", ignore: ["price", "also", "size"] });
    const [row] = model.predict([{ x: 1, kind: "low" }]).toRows();
    expect(row?.cheap).toBe(true);
    expect(Number(row?.["cheap: false"]) + Number(row?.["cheap: true"])).toBeCloseTo(1, 12);
    const numbered = rows.map(({ cheap, ...row }) => ({ ...row, grade: cheap === true ? 3 : 7 }));
    const graded = await train({ target: "grade", ignore: ["price", "also", "size"] }, numbered);
    expect(graded.predict([{ x: 1, kind: "low" }]).toRows()[0]?.grade).toBe(3);
  });

  it("may learn the logarithm, and several numbers at once", async () => {
    const logs = await train({ target: "price", log: true, ignore: ["also", "size", "cheap"] });
    const [scores] = logs.evaluate(rows).targets;
    expect(scores?.type === "numbers" && scores.r2).toBeGreaterThan(0.8);
    const both = await train({ target: ["price", "also"], ignore: ["size", "cheap"] });
    expect(both.evaluate(rows).targets.map((one) => one.type === "numbers" && one.r2 > 0.8)).toEqual([
      true,
      true,
    ]);
  });

  it("adds hidden layers given by their widths to x, so that what is linear is learnt as such", async () => {
    const typesOf = async (options: Partial<TrainOptions>) => {
      const model = await train({
        target: "price",
        ignore: ["also", "size", "cheap"],
        epochs: 1,
        networks: 1,
        ...options,
      });
      const config = model.networks[0]?.config;
      return config !== undefined && "layers" in config ? config.layers.map(({ type }) => type) : [];
    };
    expect(await typesOf({ skip: true })).toEqual(["residual", "dense"]);
    expect(await typesOf({})).toEqual(["dense", "dense"]);
    expect(await typesOf({ skip: true, layers: [dense(8), activation("relu")] })).toEqual([
      "dense",
      "activation",
      "dense",
    ]);
    expect(await typesOf({ skip: true, layers: [] })).toEqual(["dense"]);
    const linear: Row[] = Array.from({ length: 60 }, (_, i) => {
      const [a, b] = [((i * 13) % 61) / 3, Math.cos(i)];
      return { a, b, y: 3 * a - 20 * b };
    });
    const model = await train({ target: "y", skip: true, epochs: 100, limit: false }, linear);
    const [scores] = model.evaluate(linear).targets;
    expect(scores?.type === "numbers" && scores.r2).toBeGreaterThan(0.999);
    const [network] = (await trainModel(tableFrom(linear), { target: "y", networks: 1, epochs: 1 })).networks;
    expect(network?.config).toMatchObject({ layers: [{ type: "residual" }, { type: "dense", units: 1 }] });
  });

  it("has twelve networks of three kinds by turns of few rows, and four of one kind of many", () => {
    const widthsOf = (count: number, options: Partial<TrainOptions> = {}) => {
      const given = Array.from({ length: count }, (_, i) => ({ x: Math.sin(i), y: Math.cos(i) }));
      const { settings, network } = prepareTraining(tableFrom(given), { target: "y", ...options });
      return Array.from({ length: settings.networks }, (_, k) => {
        const [first] = network(k).layers;
        const layers = first?.type === "residual" ? first.layers : network(k).layers;
        return layers.flatMap((layer) =>
          layer.type === "dense" ? [`${layer.units} ${layer.activation}`] : [],
        );
      });
    };
    const large = ["256 silu", "128 silu", "1 linear"];
    const kinds = [large, ["64 silu", "32 silu", "1 linear"], ["100 relu", "1 linear"]];
    expect(widthsOf(1999)).toEqual([...kinds, ...kinds, ...kinds, ...kinds]);
    expect(widthsOf(2000)).toEqual([large, large, large, large]);
    expect(widthsOf(50, { networks: 1 })).toEqual([large]);
    expect(widthsOf(50, { networks: 2, layers: [7], activation: "tanh" })).toEqual([
      ["7 tanh", "1 linear"],
      ["7 tanh", "1 linear"],
    ]);
    expect(widthsOf(50, { networks: 3, activation: "mish", skip: true }).map(([first]) => first)).toEqual([
      "256 mish",
      "64 mish",
      "100 mish",
    ]);
  });

  it("averages its networks, each with rows of validation of its own", () => {
    const [a, b] = numbers.networks;
    const { x } = numbers.pipeline.transform(rows.slice(0, 5).map(({ x, kind }) => ({ x, kind })));
    const target = numbers.pipeline.targets[0];
    const mean = (i: number) => (Number(a?.predict(x).data[i]) + Number(b?.predict(x).data[i])) / 2;
    const [prediction] = numbers.predict(rows.slice(0, 5)).targets;
    const values = prediction?.type === "numbers" ? prediction.values : [];
    if (target?.type !== "number") throw new Error("expected a number");
    values.forEach((value, i) => {
      expect(value).toBe(mean(i) * target.deviation + target.mean);
    });
    expect(numbers.training.networks).toHaveLength(2);
    expect(new Set(numbers.training.networks.map(({ validationLoss }) => validationLoss)).size).toBe(2);
  });

  it("is the same to the bit with the same seed, and another with another", async () => {
    const bytes = (await train({ target: "size", ignore: ["also", "price", "cheap"] })).toBytes();
    expect(bytes).toEqual(classes.toBytes());
    const other = await train({ target: "size", ignore: ["also", "price", "cheap"], seed: 1 });
    expect(other.toBytes()).not.toEqual(bytes);
  });

  it("says what was inferred and decided", () => {
    expect(numbers.training.notes.join("\n")).toMatch(/price: a number, since/);
  });

  it("takes rows without a target out of training and evaluation, and says so", async () => {
    const holes = rows.map((row, i) => (i < 20 ? { ...row, price: null } : row));
    const model = await train({ target: "price", ignore: ["also", "size", "cheap"] }, holes);
    expect(model.training.rows).toBe(100);
    const { targets, notes } = model.evaluate(holes);
    expect([targets[0]?.rows, notes[0]?.message]).toEqual([100, "20 rows without a target left out"]);
    expect(model.predict(holes).rows).toBe(120);
  });

  it("scores rows of the classes that it knows, names those of others, and says which rows these are", () => {
    const strange = rows.map((row, i) => (i % 10 === 3 ? { ...row, size: i === 3 ? "tiny" : "huge" } : row));
    const { targets, notes, indices, predictions } = classes.evaluate(strange);
    expect([targets[0]?.rows, predictions.rows, indices.length]).toEqual([108, 108, 108]);
    expect(indices.slice(0, 4)).toEqual([0, 1, 2, 4]);
    const message = '12 rows left out, of classes that no training row had: "tiny", "huge"';
    expect(notes).toContainEqual({ kind: "dropped", column: "size", message });
    expect(() => classes.evaluate(rows.map((row) => ({ ...row, size: "huge" })))).toThrow(DataError);
  });

  it("stops by a signal with what is best so far, and tells of each epoch", async () => {
    const stoppedAt = async (at: string) => {
      const stop = new AbortController();
      const seen: string[] = [];
      const model = await train({
        target: "price",
        signal: stop.signal,
        onEpoch: ({ network, epoch, validation }) => {
          seen.push(`${network}.${epoch}`);
          expect(validation?.loss).toBeGreaterThan(0);
          if (seen.at(-1) === at) stop.abort();
        },
      });
      expect(seen.at(-1)).toBe(at);
      expect(model.predict(rows).rows).toBe(120);
      return model.training.networks.map(({ stoppedBy }) => stoppedBy);
    };
    expect(await stoppedAt("0.3")).toEqual(["signal"]);
    // One that has hardly begun would only make the average worse.
    expect(await stoppedAt("1.3")).toEqual(["epochs"]);
    expect(await stoppedAt("0.30")).toEqual(["epochs"]);
  });

  it("goes on from where a training was interrupted, to the bits of one that wasn't", async () => {
    const options = { target: "price", ignore: ["also"], earlyStopping: { patience: 4 } };
    const whole = await train(options);
    const checkpoint = { folder: join(folder, "checkpoint"), everySeconds: 0.01 };
    for (const at of ["0.2", "0.7", "1.3"]) {
      const onEpoch = ({ network, epoch }: TrainingReport) => {
        if (`${network}.${epoch}` === at) throw new Error("interrupted");
      };
      const resume = at !== "0.2";
      await expect(train({ ...options, onEpoch, checkpoint: { ...checkpoint, resume } })).rejects.toThrow(
        "inter",
      );
    }
    const other = train({ ...options, checkpoint: { ...checkpoint, resume: true }, learningRate: 0.01 });
    await expect(other).rejects.toThrow(StateError);
    const resumed: TrainOptions["checkpoint"] = { ...checkpoint, resume: true };
    const epochs: number[] = [];
    const onNetwork = ({ history }: NetworkReport) => epochs.push(history.loss.length);
    const model = await train({ ...options, onNetwork, checkpoint: resumed });
    expect(model.toBytes()).toEqual(whole.toBytes());
    expect(epochs).toEqual(whole.training.networks.map((network) => network.epochs));
    const again = await train({ ...options, checkpoint: resumed, onEpoch: () => expect.unreachable() });
    expect(again.toBytes()).toEqual(whole.toBytes());
    expect(await forgetCheckpoint(checkpoint.folder)).toBe(true);
    expect(readdirSync(folder)).not.toContain("checkpoint");
  });

  it("tells what its folder has free where that is less than checkpoints and model may take", async () => {
    const room = (layers: readonly number[]) =>
      littleRoomFor(prepareTraining(tableFrom(rows), { target: "price", layers }), folder);
    expect(await room([4])).toBeUndefined();
    const little = await room([1e6, 1e6]);
    expect(little?.needed).toBeGreaterThan(8 * 5 * 4e12);
    expect(little?.free).toBeLessThan(little?.needed ?? 0);
    const onLittleRoom = "say" as unknown as () => void;
    await expect(train({ target: "price", checkpoint: { folder, onLittleRoom } })).rejects.toThrow(
      ConfigError,
    );
  });

  it("takes an engine and its math, says where the math is another, and goes on with the same alone", async () => {
    const options = { target: "price", ignore: ["also"], networks: 1, epochs: 4, engine: "wasm" } as const;
    const exact = await train({ ...options, math: "exact" });
    const checkpoint = { folder: join(folder, "math"), everySeconds: 60 };
    const onEpoch = ({ epoch }: TrainingReport) => {
      if (epoch === 3) throw new Error("interrupted");
    };
    const fast = { ...options, math: "fast", checkpoint } as const;
    await expect(
      train({ ...fast, onEpoch, checkpoint: { ...checkpoint, everySeconds: 1e-6 } }),
    ).rejects.toThrow("interrupted");
    const model = await train({ ...fast, checkpoint: { ...checkpoint, resume: true } });
    const { runtime } = model.networks[0] ?? expect.unreachable();
    expect(runtime.backend).toBe("wasm");
    const said = model.training.notes.filter((note) => note.includes("math"));
    expect(said).toEqual([expect.stringContaining(`math "${runtime.math}"`)]);
    if (runtime.math === "exact") {
      expect(model.networks[0]?.parameters()).toEqual(exact.networks[0]?.parameters());
      expect(model.predict(rows)).toEqual(exact.predict(rows));
    }
    await forgetCheckpoint(checkpoint.folder);
    const again = await loadModel(exact.toBytes(), { engine: "wasm", math: "fast", threads: 1 });
    expect(again.networks[0]?.runtime).toMatchObject({ backend: "wasm", threads: 1, math: runtime.math });
    await expect(loadModel(exact.toBytes(), { math: "quick" as "fast" })).rejects.toThrow(ConfigError);
    await expect(loadModel(exact.toBytes(), { maths: "fast" } as object)).rejects.toThrow(
      "math (did you mean it?)",
    );
  });

  it("can't be used after dispose", async () => {
    const model = await train({ target: "price", epochs: 1, networks: 1 });
    model.dispose();
    expect(() => model.predict(rows)).toThrow(StateError);
  });

  it.each([
    [{ target: "price", epoch: 3 }, /epochs \(did you mean it\?\)/, ConfigError],
    [{ target: "price", networks: 0 }, /networks/, ConfigError],
    [{ target: "price", validation: { fraction: 1 } }, /validation\.fraction/, ConfigError],
    [{ target: "price", validation: { fraction: 0.1, stratify: true } }, /fraction/, ConfigError],
    [{ target: "price", batchSize: 0 }, /batchSize/, ConfigError],
    [{ target: "prize" }, /"price" \(did you mean it\?\)/, DataError],
    [{}, /target/, ConfigError],
  ])("refuses %j", async (options, message, kind) => {
    const training = train(options as TrainOptions);
    await expect(training).rejects.toThrow(message);
    await expect(training).rejects.toBeInstanceOf(kind);
  });

  it("refuses a table of three rows", async () => {
    await expect(train({ target: "price" }, rows.slice(0, 3))).rejects.toThrow(
      /at least 10 rows with a target, got 3/,
    );
  });
});

describe("a model file", () => {
  const some = rows.slice(0, 30);

  it("gives the same predictions to the bit, from bytes and from a path", async () => {
    for (const model of [classes, numbers]) {
      const path = join(folder, "model.safetensors");
      await model.save(path);
      for (const source of [model.toBytes(), path]) {
        const again = await loadModel(source);
        expect(again.predict(some)).toEqual(model.predict(some));
        expect(again.training).toEqual(model.training);
        expect(again.toBytes()).toEqual(model.toBytes());
      }
    }
    expect(readdirSync(folder)).toEqual(["model.safetensors"]);
  });

  it("is a safetensors file whose tensors are the networks' own, with the preparation in its metadata", async () => {
    const bytes = numbers.toBytes();
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(header.__metadata__).toMatchObject({ format: "layerwise", formatVersion: "2", kind: "prepared" });
    expect(JSON.parse(header.__metadata__.pipeline)).toEqual(numbers.pipeline.toJSON());
    expect(Object.keys(header).slice(1)).toEqual([
      "0/0.weight",
      "0/0.bias",
      "0/2.weight",
      "0/2.bias",
      "1/0.weight",
      "1/0.bias",
      "1/2.weight",
      "1/2.bias",
    ]);
    const { data_offsets, shape } = header["1/2.weight"];
    const weights = new Float32Array(
      bytes.slice(8 + length + data_offsets[0], 8 + length + data_offsets[1]).buffer,
    );
    expect(shape).toEqual([1, 16]);
    const [, second] = numbers.networks;
    const [, last] = second?.parameters() ?? [];
    expect(last !== undefined && "weights" in last && [...last.weights.data]).toEqual([...weights]);
  });

  it("that was changed in any byte is a FormatError", async () => {
    const bytes = numbers.toBytes();
    for (let at = 0; at < bytes.length; at += 97) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 4;
      await expect(loadModel(damaged)).rejects.toBeInstanceOf(FormatError);
    }
    for (const length of [0, 7, 8, 100, bytes.length - 1]) {
      await expect(loadModel(bytes.subarray(0, length))).rejects.toBeInstanceOf(FormatError);
    }
    await expect(loadModel(new Uint8Array([...bytes, 0]))).rejects.toBeInstanceOf(FormatError);
  });

  it("of a network alone, or of another kind, is refused with the way to read it", async () => {
    using network = await createNetwork({ layerDims: [2, 1] });
    await expect(loadModel(network.toBytes())).rejects.toThrow(/loadNetwork reads others/);
    await expect(loadNetwork(numbers.toBytes())).rejects.toThrow(/loadModel of @layerwise\/data/);
    await expect(loadModel(new TextEncoder().encode("a,b\n1,2\n3,4\n"))).rejects.toBeInstanceOf(FormatError);
  });

  it("that can't be written leaves nothing behind", async () => {
    writeFileSync(join(folder, "file"), "");
    await expect(numbers.save(join(folder, "file", "model.safetensors"))).rejects.toThrow(
      /a file that can be written/,
    );
    expect(readdirSync(folder).sort()).toEqual(["file", "model.safetensors"]);
  });
});
