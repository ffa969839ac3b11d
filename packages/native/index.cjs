// Loads the file of this platform and processor. layerwise calls it; nobody else needs to.
"use strict";
const { existsSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { faultOf } = require("./elf.cjs");
const { levelOf, processorFeatures } = require("./level.cjs");

/** The platforms that there are files for, and their packages. */
const PLATFORMS = {
  "linux-x64-gnu": "@layerwise/native-linux-x64-gnu",
  "linux-x64-musl": "@layerwise/native-linux-x64-musl",
  "linux-arm64-gnu": "@layerwise/native-linux-arm64-gnu",
};

/** What the file for this machine exports. Throws an Error that says which file failed, and why. */
function load() {
  const platform = platformName();
  const name = PLATFORMS[platform];
  if (name === undefined) {
    const there = Object.keys(PLATFORMS).join(", ");
    throw new Error(`@layerwise/native has no files for ${platform}: there are some for ${there}`);
  }
  const level = levelOf(processorFeatures());
  const file = join(folderOf(platform, name), `layerwise.${level}.node`);
  if (!existsSync(file)) throw new Error(`${file} is missing: install ${name} again`);
  const fault = readableFaultOf(file);
  if (fault !== undefined) throw new Error(`${file} ${fault}: install ${name} again`);
  try {
    return require(file);
  } catch (cause) {
    throw new Error(`${file} can't be loaded: ${cause.message}`, { cause });
  }
}

/** {@link faultOf}, also of a file that this process may not read. */
function readableFaultOf(file) {
  try {
    return faultOf(file);
  } catch (error) {
    return `can't be read (${error.message})`;
  }
}

/** The folder of a platform's package: as npm has installed it, or as the project builds it. */
function folderOf(platform, name) {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    const built = join(__dirname, "npm", platform);
    if (existsSync(built)) return built;
    throw new Error(
      `${name} is not installed: npm leaves it out with --omit=optional, or where it is of another platform`,
    );
  }
}

/** Such as linux-x64-gnu, linux-arm64-musl or darwin-arm64. */
function platformName() {
  const { platform, arch } = process;
  return platform === "linux" ? `linux-${arch}-${hasGlibc() ? "gnu" : "musl"}` : `${platform}-${arch}`;
}

function hasGlibc() {
  const report = reportOf(process.report);
  const { header } = typeof report === "string" ? JSON.parse(report) : (report ?? {});
  return header === undefined || header.glibcVersionRuntime !== undefined;
}

/** What Node says of the process, without its connections: their names would be looked up, which may take seconds. */
function reportOf(reporter) {
  const { excludeNetwork } = reporter ?? {};
  try {
    if (excludeNetwork === false) reporter.excludeNetwork = true;
    return reporter?.getReport();
  } finally {
    if (excludeNetwork === false) reporter.excludeNetwork = false;
  }
}

module.exports = { load };
