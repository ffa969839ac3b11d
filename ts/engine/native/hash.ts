import type { Hash } from "../engine.js";
import type { Addon } from "./addon.js";
import { newBlock } from "./block.js";

/** Bytes that are hashed at a time. */
const CHUNK = 1 << 16;

const DIGEST_BYTES = 32;

/** SHA-256 by the crate. */
export class NativeHash implements Hash {
  readonly #addon: Addon;
  readonly #bytes: Uint8Array;
  readonly #address: number;
  readonly #hash: number;
  #finished = false;

  constructor(addon: Addon) {
    const { buffer, offset, address } = newBlock(addon, CHUNK, "a checksum");
    this.#addon = addon;
    this.#bytes = new Uint8Array(buffer, offset, CHUNK);
    this.#address = address;
    this.#hash = addon.sha256Start();
  }

  update(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; start += CHUNK) {
      const chunk = bytes.subarray(start, start + CHUNK);
      this.#bytes.set(chunk);
      this.#addon.sha256Update(this.#hash, this.#address, chunk.length);
    }
  }

  hex(): string {
    this.release();
    const digest = Array.from(this.#bytes.subarray(0, DIGEST_BYTES));
    return digest.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  release(): void {
    if (!this.#finished) this.#addon.sha256Finish(this.#hash, this.#address);
    this.#finished = true;
  }
}
