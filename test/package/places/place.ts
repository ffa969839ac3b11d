import type { Browser } from "playwright-core";
import type { Trained } from "../train.js";

/** What a place gave: the trainings, and the bytes of the program's script, or of the page's own, compressed as servers do. */
export interface Outcome {
  readonly trained: readonly Trained[];
  readonly bytes?: number;
}

/** A place that can't be had here, though its packages are. */
export class NotHere extends Error {}

/** A folder with the package and this place's own packages installed, and nothing else. */
export interface Project {
  readonly folder: string;
  /** Writes files; each path is seen from the folder. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Runs a file of an installed package by Node; resolves to what it printed. */
  tool(file: string, ...args: readonly string[]): Promise<string>;
  node(...args: readonly string[]): Promise<string>;
  /** The compressed size of the scripts in these folders and files. */
  scriptBytes(...paths: readonly string[]): Promise<number>;
  /** The compressed size of the scripts that this folder's index.html names. */
  pageBytes(folder: string): Promise<number>;
  /** A Chromium, with more flags than the usual. */
  browser(...flags: readonly string[]): Promise<Browser>;
}

/** A place where people put the package: a test runner, a framework, a bundler, a runtime. */
export interface Place {
  readonly name: string;
  /** The group of packages in versions.json that it needs. */
  readonly packages: string;
  /** What a user must write besides, for docs/environments.md; undefined for nothing. */
  readonly setUp?: string;
  /** Threads there, in words. */
  readonly threads: string;
  /** `"wasm"` unless given. */
  readonly backend?: "wasm" | "native";
  /** Short enough for `npm test`. */
  readonly quick?: true;
  run(project: Project): Promise<Outcome>;
}
