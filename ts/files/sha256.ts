import type { Instance } from "../wasm/kernels.js";

/** Bytes that cross into wasm at a time. */
const CHUNK = 1 << 14;

/** Bytes hashed between two chances to breathe: some 10 ms. */
const STRETCH = 1 << 20;

const DIGEST_BYTES = 32;

/**
 * SHA-256 as the bytes come, by the crate (the RustCrypto project's sha2). WebCrypto takes all bytes at
 * once, gives only promises, and is absent from pages that weren't served over https.
 */
class Sha256 {
  readonly #instance: Instance;
  readonly #hash: number;
  readonly #block: number;
  #finished = false;

  constructor(instance: Instance) {
    this.#instance = instance;
    this.#block = instance.allocate(CHUNK, "a checksum");
    this.#hash = instance.sha256.start();
  }

  update(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; start += CHUNK) {
      const chunk = bytes.subarray(start, start + CHUNK);
      this.#instance.bytes(this.#block, chunk.length).set(chunk);
      this.#instance.sha256.update(this.#hash, this.#block, chunk.length);
    }
  }

  /** {@link Sha256.update} of many bytes, with pauses. */
  *updateInStretches(bytes: Uint8Array): Generator<void, void> {
    for (let start = 0; start < bytes.length; start += STRETCH) {
      this.update(bytes.subarray(start, start + STRETCH));
      yield;
    }
  }

  /** The digest in 64 hexadecimal digits; call it once, at the end. */
  hex(): string {
    this.#finish();
    const digest = [...this.#instance.bytes(this.#block, DIGEST_BYTES)];
    return digest.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Gives its memory back, whether it came to its end or not. */
  release(): void {
    this.#finish();
    this.#instance.release(this.#block, CHUNK);
  }

  #finish(): void {
    if (!this.#finished) this.#instance.sha256.finish(this.#hash, this.#block);
    this.#finished = true;
  }
}

/** SHA-256 of these bytes, one after the other, with pauses. Raises what they raise, and then no memory is lost. */
export function* sha256(instance: Instance, ...pieces: readonly Uint8Array[]): Generator<void, string> {
  const hash = new Sha256(instance);
  try {
    for (const piece of pieces) yield* hash.updateInStretches(piece);
    return hash.hex();
  } finally {
    hash.release();
  }
}
