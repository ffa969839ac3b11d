import type { Hash } from "../engine.js";
import type { Exports } from "./exports.js";
import type { Heap } from "./room.js";

/** Bytes that cross into wasm at a time. */
const CHUNK = 1 << 14;

const DIGEST_BYTES = 32;

/**
 * SHA-256 by the crate (the RustCrypto project's sha2). WebCrypto takes all bytes at once, gives only promises, and is
 * absent from pages that weren't served over https.
 */
export class WasmHash implements Hash {
  readonly #exports: Exports;
  readonly #heap: Heap;
  readonly #block: number;
  readonly #hash: number;
  #finished = false;

  constructor(exports: Exports, heap: Heap) {
    this.#exports = exports;
    this.#heap = heap;
    this.#block = heap.allocate(CHUNK, "a checksum");
    this.#hash = exports.sha256_start();
  }

  update(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; start += CHUNK) {
      const chunk = bytes.subarray(start, start + CHUNK);
      this.#heap.views.bytes(this.#block, chunk.length).set(chunk);
      this.#exports.sha256_update(this.#hash, this.#block, chunk.length);
    }
  }

  hex(): string {
    this.#finish();
    const digest = Array.from(this.#heap.views.bytes(this.#block, DIGEST_BYTES));
    return digest.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  release(): void {
    if (!this.#heap.lost) this.#finish();
    this.#heap.release(this.#block, CHUNK);
  }

  #finish(): void {
    if (!this.#finished) this.#exports.sha256_finish(this.#hash, this.#block);
    this.#finished = true;
  }
}
