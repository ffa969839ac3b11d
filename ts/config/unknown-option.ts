import { LAYER_TYPES } from "../catalog/layers.js";
import { UPDATE_RULES } from "../catalog/optimizers.js";
import { SCHEDULES } from "../catalog/schedules.js";
import { ConfigError, shorten } from "../errors/errors.js";
import { type Call, OPTION_NAMES } from "./option-names.js";

/** Calls that make a layer; `named` are those that take its name alone. */
const LAYERS: readonly string[] = [...LAYER_TYPES, "named"];

/**
 * Words that say the same, letter case, _ and - aside: an option's name here (or two, where trainMlp keeps the
 * notebook's), then those of Keras, PyTorch, scikit-learn, TensorFlow.js, brain.js and ml5.
 */
const SYNONYMS: readonly string[] = [
  "decay rho alpha",
  "learningRate lr eta eta0 alpha stepSize learningRateInit",
  "beta1 beta betas momentum",
  "epsilon eps",
  "epochs iterations epoch nEpochs numEpochs maxEpochs nIter maxIter",
  "batchSize miniBatchSize batch",
  "optimizer solver optim opt",
  "keepProb dropout dropRate dropoutRate keepRate",
  "l2 lambd lambda regularization regularizer kernelRegularizer",
  "clip clipping gradientClipping gradClip clipGradients clipNorm globalClipNorm clipGradNorm maxGradNorm gradientClipVal clipValue clipGradValue",
  "norm maxNorm clipNorm globalClipNorm globalNorm l2Norm",
  "value maxValue clipValue",
  "from initial initialLearningRate initialLr initValue baseLr start",
  "to end endLearningRate endLr endValue etaMin minLr finalLr lowest",
  "peak maxLr maxLearningRate peakValue",
  "factor gamma decay decayRate",
  "warmup warmUp warmupSteps warmupEpochs numWarmupSteps",
  "rise pctStart",
  "lengthFactor tMult tMul",
  "steps totalSteps decaySteps transitionSteps stepSize tMax t0 firstDecaySteps totalIters milestones boundaries",
  "rates values",
  "signal abortSignal",
  "onEpoch callback onEpochEnd",
  "onStep onBatchEnd",
  "layerDims layers units neurons sizes hiddenUnits hiddenLayers hiddenLayerSizes inputs outputs inputSize outputSize inputShape inputDim",
  "hiddenActivation activation activationFunction",
  "loss lossFunction lossFn criterion objective",
  "initialization init initializer kernelInitializer weightInit",
  "seed paramsSeed randomState randomSeed manualSeed",
  "reduceOnPlateau reduceLrOnPlateau plateau",
  "accumulate gradientAccumulationSteps accumulationSteps accumulateGradBatches accumulateSteps",
  "weightAverage ema useEma swa averageWeights",
  "decay emaMomentum emaDecay",
  "fromEpoch swaStart swaEpochStart",
  "minDelta threshold",
  "restoreBest restoreBestWeights restoreBestModel loadBest",
  "dtype precision",
  "positiveWeight posWeight",
  "test testSize testFraction",
  "validation validationSize validationFraction valSize",
  "shuffleWindow bufferSize shuffleBuffer shuffleBufferSize window",
  "folds nSplits k nFolds numFolds",
  "stratify stratified",
  "groups group grouped",
  "ordered timeSeries chronological",
  "sampleWeight sampleWeights exampleWeight weights",
  "classWeight classWeights",
  "bestOnly saveBestOnly saveBest saveTopK",
  "bias useBias biases",
  "maxNorm kernelConstraint weightConstraint constraint",
  "trainable requiresGrad frozen freeze",
  "learningRateFactor learningRateMultiplier lrMultiplier lrMult lrFactor lrScale",
  "threads nJobs nThreads numThreads workers numWorkers",
];

/** What some of these words need besides the option's name. */
const NOTES: ReadonlyMap<string, string> = new Map([
  ["dropout", "keepProb is 1 − dropout"],
  ["droprate", "keepProb is 1 − the rate"],
  ["dropoutrate", "keepProb is 1 − the rate"],
  ["clipnorm", "clip: { norm }, of all gradients together"],
  ["globalclipnorm", "clip: { norm }"],
  ["clipgradnorm", "clip: { norm }"],
  ["maxgradnorm", "clip: { norm }"],
  ["gradientclipval", "clip: { norm } or clip: { value }"],
  ["clipvalue", "clip: { value }"],
  ["clipgradvalue", "clip: { value }"],
  ["activation", "hidden layers and output have one each"],
  ["hiddenlayers", "the widths of all layers, inputs and outputs included"],
  ["hiddenlayersizes", "the widths of all layers, inputs and outputs included"],
]);

/** What to do where no option does what a library's word says. */
const ADVICE: readonly (readonly [words: string, advice: string])[] = [
  [
    "validationSplit validationData validationFraction evalSet",
    "fit({ validation: { x, y } }), or { fraction: 0.2 } of the examples",
  ],
  ["nIterNoChange tol errorThresh", "fit({ earlyStopping: { patience, minDelta } }) stops early"],
  ["initialEpoch startEpoch", "fit goes on where the network is; resumeTraining, from a checkpoint"],
  ["stepsPerEpoch", "an epoch visits all examples once; a stream's length says how many it has"],
  ["callbacks", "give functions as onEpoch and onStep"],
  ["verbose log logPeriod debug", "fit prints nothing: let onEpoch print its report"],
  ["shuffle", "mini-batches are always shuffled, and one batch of all examples never"],
  [
    "weightDecay",
    "it belongs to an optimizer: adamW({ weightDecay }); l2 is a term of the loss, λ/(2m)·Σ‖W‖²",
  ],
  ["momentum nesterov", "take the optimizer momentum, and its beta, or sgd({ momentum, nesterov })"],
  [
    "scheduler schedule lrScheduler",
    "a schedule is an optimizer's learningRate, such as adam({ learningRate: cosine({ from, epochs }) })",
  ],
];

/** Options of fit that have options of their own. */
const PARTS_OF_FIT: readonly string[] = ["checkpoint", "reduceOnPlateau", "weightAverage"];

/** A longer word resembles none of the names. */
const LONGEST_WORD = 60;

/** What was expected in place of this call's option `key`, which there isn't: words for an error. */
export function instead(call: Call, key: string): string {
  const names: readonly string[] = OPTION_NAMES[call];
  const word = plain(key);
  const lines = SYNONYMS.map((line) => line.split(" ")).filter((line) => sameAs(word, line));
  // PyTorch's alpha is RMSprop's decay too.
  const synonyms = lines.find((line) => line.some((synonym) => names.includes(synonym))) ?? lines.at(-1);
  const words = synonyms ?? [key];
  const note = NOTES.has(word) ? `: ${NOTES.get(word)}` : "";
  const slip = synonyms === undefined ? nearest(word, names, 1) : undefined;
  const meant = sameAs(word, names) ?? words.find((synonym) => names.includes(synonym)) ?? slip;
  if (meant !== undefined) return `a known option (did you mean ${meant}?${note})`;
  const advice = ADVICE.find(([line]) => sameAs(word, line.split(" ")))?.[1];
  const elsewhere = advice ?? placeOf(key) ?? words.map(placeOf).find((place) => place !== undefined);
  if (elsewhere !== undefined) return `a known option (${elsewhere}${note})`;
  const near = nearest(word, names);
  return near === undefined ? `one of ${names.join(", ")}` : `a known option (did you mean ${near}?)`;
}

/** The error for a key that plain data doesn't have, which has these. */
export function unknownKey(path: string, key: string, names: readonly string[]): ConfigError {
  const near = nearest(key, names);
  const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
  return new ConfigError(`${path}.${shorten(key)}`, `only ${names.join(", ")}${hint}`, "an unknown one");
}

/** Where the option of this name stands. */
function placeOf(key: string): string | undefined {
  for (const [call, names] of Object.entries(OPTION_NAMES)) {
    const name = sameAs(plain(key), names);
    if (name === undefined) continue;
    if (LAYERS.includes(call)) continue; // what a layer takes, createNetwork takes by another name
    if (UPDATE_RULES.some((rule) => rule === call)) return `it belongs to an optimizer: ${call}({ ${name} })`;
    if (call in SCHEDULES) return `it belongs to a schedule: ${call}({ ${name} })`;
    if (call === "clip") return `it belongs to clip, which fit and trainStep take: { ${name} }`;
    if (PARTS_OF_FIT.includes(call)) return `it belongs to fit's ${call}: { ${name} }`;
    return `it belongs to ${call}({ ${name} })`;
  }
  return undefined;
}

function sameAs(word: string, names: readonly string[]): string | undefined {
  return names.find((name) => plain(name) === word);
}

/** batch_size, batch-size and batchSize are one word. */
function plain(word: string): string {
  return word
    .slice(0, LONGEST_WORD + 1)
    .replace(/[_\-\s]/g, "")
    .toLowerCase();
}

/** The name within a few edits of `word` (letter case aside), and fewer than it has letters, if there is one. */
export function nearest(word: string, names: readonly string[], most = 2): string | undefined {
  if (word.length > LONGEST_WORD) return undefined;
  let best: string | undefined;
  let fewest = most + 1;
  for (const name of names) {
    const edits = editDistance(word.toLowerCase(), name.toLowerCase());
    if (edits < fewest && edits < name.length) {
      fewest = edits;
      best = name;
    }
  }
  return best;
}

/** Levenshtein's distance: the fewest insertions, deletions and replacements that turn a into b. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
