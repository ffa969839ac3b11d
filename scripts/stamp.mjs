// Is a step's result up to date? By content, never by time: a stamp is the hash of all that went into a
// step and of all that came out of it, written once the step has succeeded.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./project.mjs";

const stampFile = (step) => join(root, ".cache/stamps", step);

/** Files (a folder stands for every file below it), in an order that does not depend on the machine. */
function filesOf(paths) {
  return paths.flatMap((path) => {
    let entries;
    try {
      entries = readdirSync(join(root, path), { withFileTypes: true });
    } catch {
      return [path]; // a file, or nothing at all: contentOf tells them apart
    }
    const names = entries.filter((entry) => entry.isDirectory() || entry.isFile()).map((entry) => entry.name);
    return filesOf(names.sort().map((name) => `${path}/${name}`));
  });
}

function contentOf(path) {
  try {
    return createHash("sha256")
      .update(readFileSync(join(root, path)))
      .digest("hex");
  } catch {
    return "absent";
  }
}

function stampOf({ inputs, settings, outputs }) {
  const hash = createHash("sha256").update(JSON.stringify(settings ?? null));
  for (const file of [...filesOf(inputs), "→", ...filesOf(outputs)]) {
    hash.update(`${file}\0${file === "→" ? "" : contentOf(file)}\n`);
  }
  return hash.digest("hex");
}

/** The hash of files (a folder stands for every file below it) and of their names. */
export function hashOf(paths) {
  return stampOf({ inputs: paths, outputs: [] });
}

/** Was this step done with these inputs and settings, and is what it made still there, untouched? */
export function isUpToDate(step, parts) {
  try {
    return readFileSync(stampFile(step), "utf8") === stampOf(parts);
  } catch {
    return false;
  }
}

/** Forgets a step before its outputs are touched, so that a broken-off run is done again. */
export function clearStamp(step) {
  rmSync(stampFile(step), { force: true });
}

export function writeStamp(step, parts) {
  mkdirSync(dirname(stampFile(step)), { recursive: true });
  writeFileSync(stampFile(step), stampOf(parts));
}
