import fs from "node:fs";
import { vi } from "vitest";

/** The .wasm file of a build, by its folder. */
export const buildFile = (folder: string) =>
  new URL(`../ts/engine/wasm/${folder}/layerwise_bg.wasm`, import.meta.url);

/** The folders of the builds that are read from now on. */
export function buildsRead(): string[] {
  const read: string[] = [];
  const note = (path: unknown) => read.push(/([\w-]+)\/layerwise_bg/.exec(String(path))?.[1] ?? String(path));
  const { readFile: asynchronous } = fs.promises;
  const { readFileSync } = fs;
  vi.spyOn(fs.promises, "readFile").mockImplementation((...args) => {
    note(args[0]);
    return asynchronous(...args);
  });
  vi.spyOn(fs, "readFileSync").mockImplementation((...args) => {
    note(args[0]);
    return readFileSync(...args);
  });
  return read;
}
