// Which of a platform's files a processor can run.
"use strict";
const fs = require("node:fs");

/** An architecture's levels, the better first, and the features of the processor that their code uses beyond the level below. */
const LEVELS = {
  x64: [
    ["x64-v4", ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]],
    ["x64-v3", ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"]],
  ],
  arm64: [["neon", []]], // every one has it
};

/** Of a processor that computes vectors of 512 bits in two halves: x64-v3's code is the faster there (measured on Zen 4). */
const HALVED = "avx512_halved";

/** Where this is set, the level that is taken, if the processor has it. */
const VARIABLE = "LAYERWISE_LEVEL";

/** The levels that a processor of these features can run, the better first. */
function levelsOf(features, arch = process.arch) {
  const levels = LEVELS[arch] ?? [];
  const fits = (level) => featuresOf(levels, level).every((feature) => features.has(feature));
  return levels.filter(fits).map(([name]) => name);
}

/** The level to be taken. Throws an Error that names the features that are missing. */
function levelOf(features, arch = process.arch) {
  const wanted = process.env[VARIABLE];
  const levels = LEVELS[arch] ?? [];
  const names = levels.map(([name]) => name);
  if (wanted !== undefined && !names.includes(wanted)) {
    throw new Error(`${VARIABLE} is ${wanted}, and not one of ${names.join(", ")}`);
  }
  const isWanted = (name) =>
    wanted === undefined ? !(name === "x64-v4" && features.has(HALVED)) : name === wanted;
  const best = levelsOf(features, arch).find(isWanted);
  if (best !== undefined) return best;
  const least = levels.find(([name]) => name === wanted) ?? levels[levels.length - 1];
  const missing = featuresOf(levels, least).filter((feature) => !features.has(feature));
  throw new Error(`this processor lacks ${missing.join(", ")}`);
}

/** A level's own features and those of the levels below it. */
function featuresOf(levels, level) {
  return levels.slice(levels.indexOf(level)).flatMap(([, features]) => features);
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
