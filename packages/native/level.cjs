// Which of a platform's files a processor can run.
"use strict";
const fs = require("node:fs");

/** The levels of x64, the better first, and the features of the processor that their code uses beyond the level below. */
const LEVELS = [
  ["x64-v4", ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]],
  ["x64-v3", ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"]],
];

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
  const best = levelsOf(features).find((name) => wanted === undefined || name === wanted);
  if (best !== undefined) return best;
  const least = LEVELS.find(([name]) => name === wanted) ?? LEVELS[LEVELS.length - 1];
  const missing = featuresOf(least).filter((feature) => !features.has(feature));
  throw new Error(`this processor lacks ${missing.join(", ")}`);
}

/** A level's own features and those of the levels below it. */
function featuresOf(level) {
  return LEVELS.slice(LEVELS.indexOf(level)).flatMap(([, features]) => features);
}

/** The processor's features, by the names that Linux gives them. */
function processorFeatures() {
  const flags = fs.readFileSync("/proc/cpuinfo", "utf8").match(/^flags\s*:(.*)$/m);
  return new Set(flags === null ? [] : flags[1].trim().split(" "));
}

module.exports = { levelOf, levelsOf, processorFeatures };
