// Which of a platform's files a processor can run.
"use strict";
const fs = require("node:fs");

/** The levels of x64, the better first, and the features of the processor that their code uses beyond the level below. */
const LEVELS = [
  ["x64-v4", ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]],
  ["x64-v3", ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"]],
];

/** Of a processor that computes vectors of 512 bits in two halves: x64-v3's code is the faster there (measured on Zen 4). */
const HALVED = "avx512_halved";

/** Where this is set, the level that is taken, if the processor has it. */
const VARIABLE = "LAYERWISE_LEVEL";

/** The levels that a processor of these features can run, the better first. */
function levelsOf(features) {
  const fits = (level) => featuresOf(level).every((feature) => features.has(feature));
  return LEVELS.filter(fits).map(([name]) => name);
}

/** The level to be taken. Throws an Error that names the features that are missing. */
function levelOf(features) {
  const wanted = process.env[VARIABLE];
  const names = LEVELS.map(([name]) => name);
  if (wanted !== undefined && !names.includes(wanted)) {
    throw new Error(`${VARIABLE} is ${wanted}, and not one of ${names.join(", ")}`);
  }
  const isWanted = (name) =>
    wanted === undefined ? !(name === "x64-v4" && features.has(HALVED)) : name === wanted;
  const best = levelsOf(features).find(isWanted);
  if (best !== undefined) return best;
  const least = LEVELS.find(([name]) => name === wanted) ?? LEVELS[LEVELS.length - 1];
  const missing = featuresOf(least).filter((feature) => !features.has(feature));
  throw new Error(`this processor lacks ${missing.join(", ")}`);
}

/** A level's own features and those of the levels below it. */
function featuresOf(level) {
  return LEVELS.slice(LEVELS.indexOf(level)).flatMap(([, features]) => features);
}

/** The processor's features, by the names that Linux gives them, and {@link HALVED}. */
function processorFeatures(text = fs.readFileSync("/proc/cpuinfo", "utf8")) {
  const field = (name) => text.match(new RegExp(`^${name}\\s*:(.*)$`, "m"))?.[1].trim() ?? "";
  const features = new Set(field("flags").split(" "));
  const isZen4 = field("vendor_id") === "AuthenticAMD" && field("cpu family") === "25";
  if (isZen4 && features.has("avx512f")) features.add(HALVED);
  return features;
}

module.exports = { levelOf, levelsOf, processorFeatures };
