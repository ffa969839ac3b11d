import { describe, expect, test } from "vitest";
import { FormatError, loadNetwork, resumeTraining } from "../../ts/index.js";
import { fileOf, forged, forgedData, partsOf } from "./signing.js";
import { MemoryStore, rejection, smallFiles, x, y } from "./small-files.js";

const [model, inEpoch, atEnd] = await smallFiles();

/** What loading says about a file: the rule, the byte and the message. */
async function refusal(
  file: Uint8Array,
  layerDims?: number[],
): Promise<{ rule: string; at: number; text: string }> {
  const error = await rejection(loadNetwork(file, layerDims === undefined ? {} : { layerDims }));
  if (!(error instanceof FormatError)) throw new Error(`no FormatError, but ${String(error)}`);
  expect(error.code).toBe("ERR_FORMAT");
  return { rule: error.rule, at: error.byteOffset, text: error.message };
}

/** Where a text stands in a file. */
function find(file: Uint8Array, text: string): number {
  return Buffer.from(file).indexOf(text);
}

function header(tensors: string): string {
  return `{${tensors}}`;
}

const zeros = (count: number) => new Uint8Array(count);

describe("the form of the file", () => {
  test("fewer bytes than the header's length takes", async () => {
    expect(await refusal(zeros(7))).toMatchObject({ rule: "truncated", at: 7 });
    expect(await refusal(zeros(0))).toMatchObject({ rule: "truncated", at: 0 });
  });

  test("a header longer than the file", async () => {
    const file = fileOf("{}");
    expect(await refusal(file.slice(0, 9))).toMatchObject({ rule: "truncated", at: 9 });
  });

  test("a header beyond 1 MiB, up to 2⁶⁴ − 1, before anything is read", async () => {
    const file = zeros(16);
    new DataView(file.buffer).setBigUint64(0, 2n ** 20n + 1n, true);
    expect(await refusal(file)).toMatchObject({ rule: "headerSize", at: 0 });
    new DataView(file.buffer).setBigUint64(0, 2n ** 64n - 1n, true);
    const { rule, text } = await refusal(file);
    expect(rule).toBe("headerSize");
    expect(text).toContain("18446744073709551615");
  });

  test.each([
    ["", 8],
    ["[]", 8],
    [" {}", 8],
    ["{", 9],
    ["{}x", 10],
    ["{} x", 11],
    ['{"a"}', 12],
    ['{"a":1}', 13],
    ['{"a":{"dtype":"F32"}}', 9],
    ['{"a":{"dtype":"F32","shape":[],"data_offsets":[0]}}', 9],
    ['{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}', 37],
    ['{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,0]}}', 38],
    ['{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,0]}}', 37],
    ['{"a":{"dtype":"F32","shape":[1e3],"data_offsets":[0,0]}}', 38],
    ['{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}', 53],
    ['{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"x":1}}', 61],
    ['{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"__proto__":{}}}', 61],
    ['{"__metadata__":{"a":1}}', 29],
    ['{"__metadata__":{"a":{"b":"c"}}}', 29],
    ['{"a\\x":{}}', 10],
    ['{"a\n":{}}', 11],
    ['{"a', 11],
    ['{"a\\', 12],
    ["{,}", 9],
    ['{"__metadata__":{},}', 27],
  ])("JSON of another form: %j", async (json, at) => {
    expect(await refusal(fileOf(json))).toMatchObject({ rule: "json", at });
  });

  test("a name that isn't UTF-8", async () => {
    const json = Buffer.from('{"a?":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}');
    json[3] = 0xff;
    expect(await refusal(fileOf(json))).toMatchObject({ rule: "json", at: 10 });
  });

  test.each([
    [
      '"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}',
      62,
    ],
    ['"__metadata__":{},"__metadata__":{}', 27],
    ['"__metadata__":{"a":"b","a":"b"}', 33],
    ['"a":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}', 28],
    // The same key, once with an escape.
    ['"__metadata__":{"a":"b","\\u0061":"b"}', 33],
  ])("a key that comes twice: %s", async (tensors, at) => {
    expect(await refusal(fileOf(header(tensors)))).toMatchObject({ rule: "duplicateKey", at });
  });

  test("more than 1024 tensors or 256 texts", async () => {
    const entry = (i: number) => `"${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`;
    const tensors = Array.from({ length: 1025 }, (_, i) => entry(i)).join(",");
    expect((await refusal(fileOf(header(tensors)))).rule).toBe("count");
    const texts = Array.from({ length: 257 }, (_, i) => `"${i}":""`).join(",");
    expect((await refusal(fileOf(header(`"__metadata__":{${texts}}`)))).rule).toBe("count");
  });

  test.each(["f32", "F128", "toString", ""])("dtype %s", async (dtype) => {
    const file = fileOf(header(`"a":{"dtype":"${dtype}","shape":[0],"data_offsets":[0,0]}`));
    expect(await refusal(file)).toMatchObject({ rule: "dtype", at: 22 });
  });

  test.each([
    ["[2]", "[0,4]"],
    ["[1]", "[4,0]"],
    ["[1073741824]", "[0,0]"], // 2³² bytes, 0 in 32 bits
    ["[4611686018427387904]", "[0,0]"], // 2⁶⁴ bytes, 0 in 64 bits
    ["[4294967296,4294967296]", "[0,0]"], // 2⁶⁴ numbers
    ["[18446744073709551615]", "[0,4]"],
    ["[1]", "[18446744073709551612,0]"], // 4 bytes apart, modulo 2⁶⁴
    ["[0,9007199254740993]", "[0,0]"],
    ["[99999999999999999999999999]", "[0,4]"],
  ])("a size that its offsets don't have: %s %s", async (shape, offsets) => {
    const file = fileOf(header(`"a":{"dtype":"F32","shape":${shape},"data_offsets":${offsets}}`), zeros(4));
    expect((await refusal(file)).rule).toBe("size");
  });

  const tensor = (name: string, start: number, end: number) =>
    `"${name}":{"dtype":"F32","shape":[${(end - start) / 4}],"data_offsets":[${start},${end}]}`;

  test("tensors that overlap", async () => {
    const json = header(`${tensor("a", 0, 8)},${tensor("b", 4, 12)}`);
    expect(await refusal(fileOf(json, zeros(12)))).toMatchObject({
      rule: "overlap",
      at: 8 + json.indexOf('"b"'),
    });
  });

  test("a hole between tensors, and before the first", async () => {
    const json = header(`${tensor("b", 8, 12)},${tensor("a", 0, 4)}`);
    expect(await refusal(fileOf(json, zeros(12)))).toMatchObject({
      rule: "hole",
      at: 8 + json.indexOf('"b"'),
    });
    expect((await refusal(fileOf(header(tensor("a", 4, 8)), zeros(8)))).rule).toBe("hole");
  });

  test("bytes behind the last tensor, and too few of them", async () => {
    const json = header(tensor("a", 0, 4));
    expect(await refusal(fileOf(json, zeros(5)))).toMatchObject({
      rule: "trailingBytes",
      at: 8 + json.length + 4,
    });
    expect(await refusal(fileOf(json, zeros(3)))).toMatchObject({
      rule: "truncated",
      at: 8 + json.length + 3,
    });
  });

  test("NaN and infinities, in every tensor and both dtypes", async () => {
    const [nan, infinite] = [Number.NaN, Number.NEGATIVE_INFINITY];
    const start = model.length - partsOf(model).data.length;
    const { rule, at, text } = await refusal(forgedData(model, (data) => data.setFloat32(8, nan, true)));
    expect({ rule, at }).toEqual({ rule: "finite", at: start + 8 });
    expect(text).toContain('"0.weight"[2]');
    expect((await refusal(forgedData(atEnd, (data) => data.setFloat64(8, infinite, true)))).rule).toBe(
      "finite",
    );
  });
});

describe("the metadata", () => {
  test.each([
    ["a version that is newer", '"formatVersion":"1"', '"formatVersion":"3"', "version"],
    ["a higher version than its content needs", '"formatVersion":"1"', '"formatVersion":"2"', "version"],
    ["another program's format, on what is else ours", '"format":"layerwise"', '"format":"pt"', "metadata"],
    [
      "texts of the user's in a file of version 1",
      '"kind":"model"',
      '"kind":"model","user.a":"1"',
      "metadata",
    ],
    ["no layerDims", '"layerDims":"[3,4,1]",', "", "metadata"],
    ["a key that isn't known", '"kind":"model"', '"kind":"model","more":"1"', "metadata"],
    ["a kind that isn't known", '"kind":"model"', '"kind":"other"', "metadata"],
    ["layerDims of one layer", '"[3,4,1]"', '"[3]"', "metadata"],
    ["layerDims with a space", '"[3,4,1]"', '"[3,4, 1]"', "metadata"],
    ["layerDims with a 0", '"[3,4,1]"', '"[3,0,1]"', "metadata"],
    ["layerDims of 2³² − 1 units", '"[3,4,1]"', '"[3,4294967295,1]"', "tensorSet"],
    ["layerDims beyond 2³²", '"[3,4,1]"', '"[3,9007199254740991,1]"', "metadata"],
    ["other layerDims", '"[3,4,1]"', '"[4,3,1]"', "tensorSet"],
    ["more layers", '"[3,4,1]"', '"[3,4,1,1]"', "tensorSet"],
    ["fewer layers", '"[3,4,1]"', '"[3,4]"', "tensorSet"],
    ["the other dtype", '"dtype":"float32"', '"dtype":"float64"', "tensorSet"],
    ["an activation by a name of Object's", '"relu"', '"toString"', "metadata"],
    [
      "an activation and a loss that don't fit",
      '"binaryCrossEntropy"',
      '"categoricalCrossEntropy"',
      "metadata",
    ],
    ["softmax of one class", '"sigmoid","loss":"binary', '"softmax","loss":"categorical', "metadata"],
    ["a seed that is negative", '"seed":"5"', '"seed":"-5"', "metadata"],
    ["a seed of another spelling", '"seed":"5"', '"seed":"5e0"', "metadata"],
    ["a seed of 2⁵³", '"seed":"5"', '"seed":"9007199254740992"', "metadata"],
    ["more epochs than steps", '"progress.epoch":"3"', '"progress.epoch":"12"', "metadata"],
    ["an epoch of more steps than all", '"progress.step":"5"', '"progress.step":"16"', "metadata"],
    ["an epoch without a step", '"progress.step":"5"', '"progress.step":"0"', "metadata"],
    [
      "steps before the first epoch that aren't all",
      '"progress.epoch":"3"',
      '"progress.epoch":"0"',
      "metadata",
    ],
    ["a tensor by another name", '"0.weight"', '"0.weigth"', "tensorSet"],
    ["a tensor of another shape", "[4,3]", "[3,4]", "tensorSet"],
    ["a checkpoint without its state", '"kind":"model"', '"kind":"checkpoint"', "metadata"],
  ])("%s", async (_what, from, to, rule) => {
    const file = forged(model, (text) => text.replace(from, to));
    const refused = await refusal(file);
    expect(refused.rule).toBe(rule);
    expect(refused.at).toBeGreaterThanOrEqual(8);
    expect(refused.at).toBeLessThan(file.length);
  });

  test("one tensor too many", async () => {
    const more = '"more":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';
    const file = forged(model, (text) => text.replace(',"0.weight"', `,${more},"0.weight"`));
    expect(await refusal(file)).toMatchObject({ rule: "tensorSet", at: find(file, '"more"') });
  });

  test("another byte than the checksum was made of", async () => {
    const file = model.slice();
    file[file.length - 4] = (file[file.length - 4] ?? 0) ^ 1;
    expect(await refusal(file)).toMatchObject({ rule: "checksum", at: find(file, '"sha256":"') + 10 });
  });

  test("keys such as __proto__ are names like others, and change nothing", async () => {
    const evil =
      '"__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"constructor":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}';
    expect((await refusal(fileOf(header(evil)))).rule).toBe("tensorSet");
    const inMetadata = forged(model, (text) => text.replace('"kind"', '"__proto__":"polluted","kind"'));
    expect((await refusal(inMetadata)).rule).toBe("metadata");
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect("polluted" in {}).toBe(false);
  });

  test("a file without tensors, with layerDims or without", async () => {
    expect((await refusal(fileOf("{}"))).rule).toBe("tensorSet");
    expect((await refusal(fileOf("{}"), [3, 1])).rule).toBe("tensorSet");
  });
});

describe("a checkpoint's state", () => {
  const LARGE_RATE = '"optimizer.learningRate":"1e+300"';

  test.each([
    ["a cursor that is no multiple of the batch", '"fit.cursor":"15"', '"fit.cursor":"14"'],
    ["a cursor beyond the data", '"fit.cursor":"15"', '"fit.cursor":"25"'],
    ["a step that isn't the cursor's", '"progress.step":"3"', '"progress.step":"2"'],
    ["steps that don't make whole epochs", '"progress.steps":"13"', '"progress.steps":"14"'],
    ["more epochs than there are", '"fit.epochs":"3"', '"fit.epochs":"2"'],
    ["fewer epochs in all than in this fit", '"progress.epoch":"3"', '"progress.epoch":"1"'],
    ["an epoch that no step began", '"progress.epoch":"3"', '"progress.epoch":"4"'],
    ["a batch larger than the data", '"fit.batchSize":"5"', '"fit.batchSize":"24"'],
    ["a first step behind the last", '"fit.firstStep":"0"', '"fit.firstStep":"14"'],
    ["β = 1", '"optimizer.beta1":"0.9"', '"optimizer.beta1":"1"'],
    ["ε for momentum", '"optimizer.epsilon":"0"', '"optimizer.epsilon":"1"'],
    ["a rule that isn't known", '"optimizer":"momentum"', '"optimizer":"adadelta"'],
    ["keepProb 0", '"fit.keepProb":"0.75"', '"fit.keepProb":"0"'],
    ["l2 NaN", '"fit.l2":"0.01"', '"fit.l2":"NaN"'],
    ["a digest of capital letters", /"data.x":"[0-9a-f]{64}"/, `"data.x":"${"A".repeat(64)}"`],
    ["no digest", /"data.y":"[0-9a-f]{64}",/, ""],
    ["a schedule of 0 steps", '"checkpoint.everySteps":"1"', '"checkpoint.everySteps":"0"'],
    ["a learning rate that overflows float32", '"optimizer.learningRate":"0.0075"', LARGE_RATE],
    ["more optimizer steps than the network's", '"optimizer.steps":"13"', '"optimizer.steps":"14"'],
    ["fewer optimizer steps than the fit's", '"optimizer.steps":"13"', '"optimizer.steps":"12"'],
    ["a count that has no next number", /"progress.epoch":"\d+"/, '"progress.epoch":"9007199254740991"'],
    ["clipping in a file of version 1", '"fit.keepProb"', '"fit.clip.norm":"1","fit.keepProb"'],
    ["100 generations", '"checkpoint.keep":"1"', '"checkpoint.keep":"100"'],
  ])("%s", async (_what, from, to) => {
    const file = forged(inEpoch, (text) => text.replace(from, to));
    expect((await refusal(file)).rule).toBe("metadata");
  });

  test.each(["0", "-1", "NaN", "Infinity", "1e-40", "1.0", ""])("clipping by the norm %j", async (norm) => {
    const keys = `"fit.clip.norm":"${norm}","fit.keepProb"`;
    const file = forged(inEpoch, (text) =>
      text.replace('"formatVersion":"1"', '"formatVersion":"2"').replace('"fit.keepProb"', keys),
    );
    const refused = await refusal(file);
    expect(refused).toMatchObject({ rule: "metadata", at: find(file, keys) + '"fit.clip.norm":"'.length });
  });

  test.each([
    ['{"type":"step","from":0.0075,"factor":0.5,"steps":3}', true],
    ['{"type":"step","factor":0.5,"from":0.0075,"steps":3}', false],
    ['{"type":"step","from":0.0075,"factor":0.50,"steps":3}', false],
    ['{"type":"step","from":0.0075,"steps":3}', false],
    ['{"type":"step","from":0.01,"factor":0.5,"steps":3}', false],
    ['{"type":"step","from":0.0075,"factor":0.5,"steps":0}', false],
    ['{"type":"step","from":0.0075,"factor":0.5,"steps":3,"more":1}', false],
    ['{"type":"toString","from":0.0075,"steps":3}', false],
    ["[]", false],
    ["null", false],
    ["0.0075", false],
    ["{", false],
  ])("a schedule that is %s, without its rates", async (schedule, isOne) => {
    const file = forged(inEpoch, (text) =>
      text
        .replace('"formatVersion":"1"', '"formatVersion":"2"')
        .replace('"optimizer.steps"', `"optimizer.schedule":${JSON.stringify(schedule)},"optimizer.steps"`),
    );
    const refused = await refusal(file);
    // The one that may be lacks the tensor of its rates.
    expect(refused.rule).toBe(isOne ? "tensorSet" : "metadata");
  });

  test("powers that no steps make, and an s below 0", async () => {
    // history.loss (3 numbers) and history.partial come before optimizer.powers.
    const powers = forgedData(atEnd, (data) => data.setFloat64(8 * 4, 0.95, true));
    expect((await refusal(powers)).rule).toBe("range");
    const s = forgedData(atEnd, (data) => data.setFloat64(data.byteLength - 8, -1, true));
    const refused = await refusal(s);
    expect(refused).toMatchObject({ rule: "range", at: s.length - 8 });
    expect(refused.text).toContain("optimizer.s");
  });

  test("hyperparameters with which no step would stay finite, before anything is made", async () => {
    for (const [key, value] of [
      ["learningRate", "1e+300"],
      ["learningRate", "1.7976931348623157e+308"],
      ["epsilon", "5e-324"],
    ]) {
      const file = forged(atEnd, (text) =>
        text.replace(new RegExp(`"optimizer.${key}":"[^"]*"`), `"optimizer.${key}":"${value}"`),
      );
      const store = new MemoryStore();
      store.generations.push(file);
      const error = await rejection(resumeTraining("-", x, y, { store }));
      expect(error).toBeInstanceOf(FormatError);
      const at = find(file, `"optimizer.${key}":"`) + `"optimizer.${key}":"`.length;
      expect(error).toMatchObject({ rule: "metadata", byteOffset: at, got: `"${value}"` });
      expect(await refusal(file)).toMatchObject({ rule: "metadata", at });
    }
  });

  test("a part of an epoch's loss between two epochs", async () => {
    // history.loss (3 numbers) comes before it.
    const file = forgedData(atEnd, (data) => data.setFloat64(8 * 3, 0.5, true));
    const start = file.length - partsOf(file).data.length;
    expect(await refusal(file)).toMatchObject({ rule: "range", at: start + 8 * 3 });
  });

  test("v beyond what a gradient may be", async () => {
    const v = forgedData(inEpoch, (data) => data.setFloat32(data.byteLength - 4, 3e38, true));
    expect((await refusal(v)).rule).toBe("range");
  });

  test("a model is no checkpoint", async () => {
    const store = new MemoryStore();
    store.generations.push(model);
    const error = await rejection(resumeTraining("-", x, y, { store }));
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({ rule: "metadata" });
  });
});
