// An option of trainModel is an option of the command line, of layerwise.json and of a study, or it stands here why it isn't.
import { checkStudy, OPTION_NAMES, STUDY_SCHEMA } from "@layerwise/cluster";
import { createNetwork } from "layerwise";
import { expect, it } from "vitest";
import { TRAIN_NAMES } from "../../data/ts/model/train-options.js";
import { TRAIN_ROWS } from "../ts/commands/train.js";
import { schemaOf } from "../ts/options/read-options.js";
import { COLUMNS, COMPUTE, READING, TRAINING } from "../ts/options/rows.js";

/** trainModel's names for what a flag says in another form. */
const IN_OTHER_FORM: Readonly<Record<string, string>> = {
  columns: "type",
  limit: "softLimit",
  clip: "clipNorm",
  earlyStopping: "patience",
};

/** What no text can say, or what the commands do by themselves. */
const OF_PROGRAMS = ["optimizer", "metrics", "signal", "onEpoch", "onNetwork", "checkpoint"];

/** What a study says outside of its options. */
const OF_THE_STUDY = ["target", "seed"];

it("trainModel's options are the command line's", () => {
  const flags = [...COLUMNS, ...TRAINING, ...COMPUTE].map(({ key }) => key);
  const options = TRAIN_NAMES.filter((name) => !OF_PROGRAMS.includes(name));
  expect(flags.sort()).toEqual(options.map((name) => IN_OTHER_FORM[name] ?? name).sort());
});

it("a study's options are the command line's, and its schema allows the same values", () => {
  const flags = [...COLUMNS, ...TRAINING].map(({ key }) => key).filter((key) => !OF_THE_STUDY.includes(key));
  expect([...OPTION_NAMES].sort()).toEqual(flags.sort());
  type Properties = Record<string, { properties: Record<string, object> }>;
  const study = (STUDY_SCHEMA as unknown as { properties: Properties }).properties;
  expect(Object.keys(study.space?.properties ?? {})).toEqual(expect.arrayContaining(flags));
  const { properties } = schemaOf(TRAIN_ROWS) as { properties: Record<string, object> };
  for (const key of flags) {
    const [ours, theirs] = [properties[key], study.options?.properties[key]];
    expect([key, rangeOf(theirs)]).toEqual([key, rangeOf(ours)]);
  }
});

it("a study reads files by the command line's options, with the same values", () => {
  type Properties = Record<string, { properties: Record<string, object> }>;
  const { properties: theirs } =
    (STUDY_SCHEMA as unknown as { properties: Properties }).properties.reading ?? {};
  const { properties: ours } = schemaOf(READING) as { properties: Record<string, object> };
  const names = READING.map(({ key }) => key);
  expect(Object.keys(theirs ?? {}).sort()).toEqual([...names].sort());
  for (const key of names) expect([key, rangeOf(theirs?.[key])]).toEqual([key, rangeOf(ours[key])]);
  const reading = { dateOrder: "mdy", skipLines: 2 } as const;
  expect(checkStudy({ data: "x.csv", target: "y", reading }).reading).toEqual(reading);
});

it("what computes a network is the core's, in the same words, and no part of a study", async () => {
  for (const { key, value } of COMPUTE) {
    const choices = value.kind === "text" ? (value.choices ?? []) : [1, 64];
    for (const choice of choices) {
      using network = await createNetwork({ layerDims: [1, 1], engine: "wasm", [key]: choice }).catch(
        noNative,
      );
      expect(network).toBeDefined();
      const study = { data: "x.csv", target: "y", options: { [key]: choice } };
      expect(() => checkStudy(study)).toThrow(
        `options.${key}: expected none in a study: trials are math "exact"`,
      );
    }
    await expect(createNetwork({ layerDims: [1, 1], [key]: "other" })).rejects.toThrow(key);
  }
});

/** The word is known, and this machine hasn't built it. */
function noNative({ message }: Error): Disposable {
  expect(message).toMatch(/^engine: expected an engine that is here/);
  return { [Symbol.dispose]: () => {} };
}

/** Of a JSON schema what a value may be, without words. */
function rangeOf(schema: object | undefined): object {
  const { enum: choices, minimum, exclusiveMinimum, type } = { ...schema } as Record<string, unknown>;
  return { choices, minimum, exclusiveMinimum, type };
}
