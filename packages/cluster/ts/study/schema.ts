// The JSON schema of a study, for editors. It imports nothing, so that the build can write it down as a file.

const text = { type: "string", minLength: 1 };
const texts = { oneOf: [text, { type: "array", items: text, minItems: 1 }] };
const whole = (minimum: number) => ({ type: "integer", minimum });
const share = { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 };
const below1 = { type: "number", minimum: 0, exclusiveMaximum: 1 };
const notNegative = { type: "number", minimum: 0 };
const positive = { type: "number", exclusiveMinimum: 0 };

const option = <Type extends object>(description: string, type: Type) => ({ description, ...type });

const OPTIONS = {
  task: option("whether the target is a number or a class", { enum: ["numbers", "classes"] }),
  ignore: option("columns to leave out", texts),
  type: option("columns' types", {
    type: "object",
    additionalProperties: { enum: ["number", "category", "boolean", "date", "ignore"] },
  }),
  log: option("learn the logarithm of the target", { type: "boolean" }),
  scaling: option("of numbers", { enum: ["standard", "robust", "minMax", "quantileNormal", "none"] }),
  softLimit: option("numbers beyond this many deviations are drawn in; 0: none is", notNegative),
  rareBelow: option("levels of fewer rows than this are joined", whole(0)),
  maxLevels: option("levels of a column beyond these are joined", { ...whole(1), maximum: 10_000 }),
  networks: option("how many are trained and averaged (default: 1)", { ...whole(1), maximum: 64 }),
  layers: option("widths of the hidden layers", { type: "array", items: whole(1), minItems: 1 }),
  activation: option("of hidden layers", {
    enum: ["relu", "silu", "gelu", "mish", "selu", "tanh", "softplus"],
  }),
  keepProb: option("of dropout", { type: "number", exclusiveMinimum: 0, maximum: 1 }),
  skip: option("whether hidden layers add to x (default: true)", { type: "boolean" }),
  loss: option("of targets that are numbers", {
    enum: ["meanSquaredError", "meanAbsoluteError", "huber", "logCosh"],
  }),
  labelSmoothing: option("of classes", below1),
  epochs: option("at most", whole(1)),
  batchSize: option("examples of a step", whole(1)),
  learningRate: option("the highest of adamW's", positive),
  weightDecay: option("of adamW", notNegative),
  l2: option("λ of the loss's L2", notNegative),
  clipNorm: option("limit of the gradients' norm; 0: none", notNegative),
  validation: option("share of the rows by which the best epoch is chosen; 0: the last one is", below1),
  patience: option("epochs without a better one before the end; 0: all are taken", whole(0)),
  dtype: option("of the network's numbers", { enum: ["float32", "float64"] }),
};

const when = {
  description: "parameters named before it, and the values of theirs with which it is there",
  type: "object",
};

const PARAMETER = {
  oneOf: [
    {
      type: "object",
      properties: { choices: { type: "array", minItems: 1, uniqueItems: true }, when },
      required: ["choices"],
      additionalProperties: false,
    },
    {
      type: "object",
      properties: {
        from: { type: "number" },
        to: { type: "number" },
        scale: { enum: ["linear", "log"] },
        integer: { type: "boolean" },
        points: { description: "values that a grid takes (default: 5)", ...whole(1) },
        when,
      },
      required: ["from", "to"],
      additionalProperties: false,
    },
  ],
};

const methodOf = (types: readonly string[], properties: object) => ({
  type: "object",
  properties: { type: { enum: types }, ...properties },
  required: ["type"],
  additionalProperties: false,
});

const METHOD = {
  oneOf: [
    { enum: ["grid", "random", "sobol", "halton", "tpe", "halving", "hyperband"] },
    methodOf(["grid", "random", "sobol", "halton"], {}),
    methodOf(["tpe"], {
      startup: option("trials by the Sobol sequence before the first estimate (default: 10)", whole(0)),
      candidates: option("among how many each suggestion is chosen (default: 24)", whole(1)),
      generation: option("trials that are suggested from the same results (default: 4)", whole(1)),
    }),
    methodOf(["halving", "hyperband"], {
      factor: option("one of so many goes on to the next rung (default: 3)", { ...whole(2), maximum: 1000 }),
      leastEpochs: option("of the first rung (default: epochs / factor³)", whole(1)),
      sampler: option("where configurations come from (default: random)", {
        enum: ["random", "sobol", "halton"],
      }),
    }),
  ],
};

const READING = {
  type: "object",
  properties: {
    format: { enum: ["csv", "jsonl", "parquet"] },
    delimiter: text,
    quote: text,
    decimal: { enum: [".", ","] },
    header: { enum: ["yes", "no"] },
    encoding: text,
    comment: text,
    skipLines: whole(0),
    dateOrder: { enum: ["dmy", "mdy"] },
    missing: texts,
    skipBadRows: { type: "boolean" },
    maxRows: whole(1),
  },
  additionalProperties: false,
};

/** What `layerwise schema --study` prints. */
export const STUDY_SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "a study of Layerwise",
  type: "object",
  properties: {
    $schema: { type: "string" },
    name: option("for people (default: the first file's name)", text),
    data: option("paths, seen from the study's file, or URLs", texts),
    reading: option("how the files are read, where not as is found out", READING),
    target: option("the column to predict, or several", texts),
    metric: option(
      "what trials are compared by (default: rootMeanSquaredError of numbers, logLoss of classes)",
      text,
    ),
    direction: option("default: as the metric is better", { enum: ["minimize", "maximize"] }),
    options: option("what all trials have", {
      type: "object",
      properties: OPTIONS,
      additionalProperties: false,
    }),
    space: option("what is searched: options, layers[0] for one layer's width, or $names for conditions", {
      type: "object",
      properties: Object.fromEntries(Object.keys(OPTIONS).map((name) => [name, PARAMETER])),
      patternProperties: { "^layers\\[\\d\\]$": PARAMETER, "^\\$": PARAMETER },
      additionalProperties: false,
    }),
    method: option("default: tpe", METHOD),
    budget: option("when it ends: at the first of these", {
      type: "object",
      properties: { trials: whole(1), epochs: whole(1), minutes: positive },
      additionalProperties: false,
    }),
    seed: option("from which everything random follows (default: 0)", whole(0)),
    repeats: option("trainings of each configuration, from other seeds (default: 1)", whole(1)),
    folds: option("parts on which each configuration is evaluated by turns", whole(2)),
    test: option("share of the rows that no trial sees (default: 0.2)", below1),
    evaluation: option("share of the others on which trials are compared (default: 0.2)", share),
    groups: option("a column whose equal values stay together", text),
    ordered: option("what is evaluated comes after what is trained on: true, or a column to order by", {
      oneOf: [{ type: "boolean" }, text],
    }),
  },
  required: ["data", "target"],
  additionalProperties: false,
};
