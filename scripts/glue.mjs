// The changes made to what wasm-pack generates.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { Failure } from "./command.mjs";

const ONLY_ONE = "function initSync(module) {\n    if (wasm !== undefined) return wasm;\n";
const ONLY_ONE_WITH_MEMORY =
  "function initSync(module, memory) {\n    if (wasm !== undefined) return wasm;\n";

/**
 * Makes `initSync` give a new instance at each call, where the generated one keeps the first for ever: after
 * a trap the instance is discarded and the next network needs another.
 */
export function allowManyInstances(file) {
  const glue = readFileSync(file, "utf8");
  const found = [ONLY_ONE, ONLY_ONE_WITH_MEMORY].find((text) => glue.includes(text));
  if (found === undefined) {
    throw new Failure(`${file}: expected initSync as wasm-bindgen 0.2.130 writes it, got another`);
  }
  writeFileSync(file, glue.replace(found, `${found.slice(0, found.indexOf("\n"))}\n`));
}

const SPARE_MEMORY = /memory: memory \|\| new WebAssembly\.Memory\(.*?\)/;

/** Takes the memory out that the glue would make where it is given none: it reserves gigabytes of addresses. */
export function dropSpareMemory(file) {
  const glue = readFileSync(file, "utf8");
  if (glue.includes("WebAssembly.Memory") && !SPARE_MEMORY.test(glue)) {
    throw new Failure(`${file}: expected a spare memory as wasm-bindgen 0.2.130 writes it, got another`);
  }
  writeFileSync(file, glue.replace(SPARE_MEMORY, "memory"));
}

const ONLY_OWN_MODULES =
  "    if (!(module instanceof WebAssembly.Module)) {\n        module = new WebAssembly.Module(module);\n    }\n";

/** Lets `initSync` take a module of another realm, as edge runtimes hand it over. It is never given bytes. */
export function takeForeignModules(file) {
  const glue = readFileSync(file, "utf8");
  if (!glue.includes(ONLY_OWN_MODULES)) {
    throw new Failure(`${file}: expected initSync as wasm-bindgen 0.2.130 writes it, got another`);
  }
  writeFileSync(file, glue.replace(ONLY_OWN_MODULES, ""));
}

/** Adds the number of the crate's sources, by which the glue knows a .wasm file of other sources. */
export function addBuild(file, build) {
  appendFileSync(file, `\nexport const BUILD = ${build};\n`);
  appendFileSync(file.replace(/\.js$/, ".d.ts"), "\nexport const BUILD: number;\n");
}

const HEADER_BYTES = 8;
const CUSTOM_SECTION = 0;

/** Takes the functions' names (a tenth of the file) and other notes out of a .wasm file: only tools read them. */
export function dropNotes(file) {
  writeFileSync(
    file,
    withoutSections(readFileSync(file), (id) => id === CUSTOM_SECTION),
  );
}

/**
 * A module without the sections that are unwanted by their id.
 * @param {Buffer} wasm
 * @param {(id: number) => boolean} isUnwanted
 */
export function withoutSections(wasm, isUnwanted) {
  const kept = [wasm.subarray(0, HEADER_BYTES)];
  for (let start = HEADER_BYTES; start < wasm.length; ) {
    const id = wasm[start];
    const size = leb128(wasm, start + 1);
    const end = size.next + size.value;
    if (!isUnwanted(id)) kept.push(wasm.subarray(start, end));
    start = end;
  }
  return Buffer.concat(kept);
}

/** The unsigned integer of seven bits a byte that begins at `at`, and where it ends. */
function leb128(bytes, at) {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * factor;
    if (byte < 128) return { value, next: at };
  }
}
