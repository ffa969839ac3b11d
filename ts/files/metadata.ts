import { checkMetadata, type Metadata, NO_METADATA } from "../config/metadata.js";
import { ConfigError, describe, FormatError } from "../errors/errors.js";
import type { MetadataText } from "./header.js";
import { LENGTH_BYTES } from "./limits.js";
import type { Safetensors } from "./safetensors.js";

/** Before the user's own keys, so that they are none of ours. */
export const USER_PREFIX = "user.";

/** How keys begin that only files of version 2 have: the user's own texts, and what training can do since 0.1. */
const PREFIXES_OF_VERSION_2 = [
  USER_PREFIX,
  "layers",
  "trainable",
  "validation.scores",
  "earlyStopping",
  "fit.clip.",
  "fit.l1",
  "fit.math",
  "optimizer.schedule",
  "optimizer.reduction",
  "optimizer.lowest",
  "fit.accumulate",
  "reduceOnPlateau",
  "weightAverage",
];

/** The lowest format version that has all these keys. */
export function lowestVersion(keys: Iterable<string>): "1" | "2" {
  for (const key of keys) {
    if (PREFIXES_OF_VERSION_2.some((prefix) => key.startsWith(prefix))) return "2";
  }
  return "1";
}

/** The texts of `__metadata__`, each under a key of its own and read once. Raises FormatError. */
export class MetadataReader {
  readonly #texts: ReadonlyMap<string, MetadataText>;
  readonly #read = new Set<string>();

  constructor({ metadata }: Safetensors) {
    this.#texts = metadata;
  }

  has(key: string): boolean {
    return this.#texts.has(key);
  }

  text(key: string): MetadataText {
    this.#read.add(key);
    const found = this.#texts.get(key);
    if (found !== undefined) return found;
    throw new FormatError("metadata", LENGTH_BYTES, place(key), "a text", "none");
  }

  choice<Name extends string>(key: string, names: readonly Name[]): Name {
    const { text } = this.text(key);
    const found = names.find((name) => name === text);
    if (found !== undefined) return found;
    throw this.invalid(key, names.map((name) => `"${name}"`).join(" or "));
  }

  /** An integer in [lowest, highest]. */
  integer(key: string, lowest: number, highest = Number.MAX_SAFE_INTEGER): number {
    return this.number(
      key,
      `an integer in [${lowest}, ${highest}]`,
      (value) => Number.isSafeInteger(value) && value >= lowest && value <= highest,
    );
  }

  /** A finite number, written as JavaScript writes it: so it is the very same float64. */
  number(key: string, expected: string, holds: (value: number) => boolean): number {
    const { text } = this.text(key);
    const value = Number(text);
    if (Number.isFinite(value) && String(value) === text && holds(value)) return value;
    throw this.invalid(key, expected);
  }

  /** `[1,2,3]`: at most `most` integers >= 1. */
  integers(key: string, most: number): number[] {
    const { text } = this.text(key);
    const longest = 17 * most;
    if (text.length <= longest && /^\[[1-9][0-9]{0,15}(,[1-9][0-9]{0,15})*\]$/.test(text)) {
      const integers = text.slice(1, -1).split(",").map(Number);
      if (integers.length <= most && integers.every(Number.isSafeInteger)) return integers;
    }
    throw this.invalid(key, `at most ${most} integers such as [2,3,1]`);
  }

  /** 64 hexadecimal digits. */
  digest(key: string): string {
    const { text, byteLength } = this.text(key);
    if (byteLength === 64 && /^[0-9a-f]{64}$/.test(text)) return text;
    throw this.invalid(key, "64 hexadecimal digits");
  }

  /** Any JSON, which whoever asks for it checks. */
  json(key: string): unknown {
    const { text } = this.text(key);
    try {
      return JSON.parse(text);
    } catch {
      throw this.invalid(key, "JSON");
    }
  }

  /** Raises FormatError unless this version of the format is the lowest that has all keys. */
  checkVersion(version: "1" | "2"): void {
    const lowest = lowestVersion(this.#texts.keys());
    if (lowest === version) return;
    const { byteOffset } = this.text("formatVersion");
    if (lowest === "1") {
      const without = `format version 1, without ${PREFIXES_OF_VERSION_2.map((prefix) => `${prefix}*`).join(", ")}`;
      throw new FormatError("version", byteOffset, "file", without, version);
    }
    throw new FormatError(
      "metadata",
      byteOffset,
      "__metadata__",
      "keys of format version 1",
      "some of version 2",
    );
  }

  /** The user's own texts: those whose keys begin with USER_PREFIX. */
  own(): Metadata {
    const keys = [...this.#texts.keys()].filter((key) => key.startsWith(USER_PREFIX));
    const [first] = keys;
    if (first === undefined) return NO_METADATA;
    const texts = keys.map((key): [string, string] => [key.slice(USER_PREFIX.length), this.text(key).text]);
    try {
      return checkMetadata(Object.fromEntries(texts));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const { byteOffset } = this.text(first);
      throw new FormatError("metadata", byteOffset, place(`${USER_PREFIX}*`), error.expected, error.got);
    }
  }

  invalid(key: string, expected: string): FormatError {
    const { text, byteOffset } = this.text(key);
    return new FormatError("metadata", byteOffset, place(key), expected, describe(text));
  }

  /** Every key has been read. */
  finish(): void {
    for (const [key, { byteOffset }] of this.#texts) {
      if (this.#read.has(key)) continue;
      throw new FormatError("metadata", byteOffset, "__metadata__", "known keys", describe(key));
    }
  }
}

function place(key: string): string {
  return `__metadata__.${key}`;
}
