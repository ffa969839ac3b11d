import { describe, FormatError } from "../errors.js";
import { LENGTH_BYTES } from "./format-rules.js";
import type { MetadataText } from "./header.js";
import type { Safetensors } from "./safetensors.js";

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
