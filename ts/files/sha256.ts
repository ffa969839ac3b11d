import type { Engine } from "../engine/engine.js";

/** Bytes hashed between two chances to breathe: some 10 ms. */
const STRETCH = 1 << 20;

/** SHA-256 of these bytes, one after the other, with pauses. Raises what they raise, and then no memory is lost. */
export function* sha256(engine: Engine, pieces: Iterable<Uint8Array>): Generator<void, string> {
  const hash = engine.hash();
  try {
    for (const piece of pieces) {
      for (let start = 0; start < piece.length; start += STRETCH) {
        hash.update(piece.subarray(start, start + STRETCH));
        yield;
      }
    }
    return hash.hex();
  } finally {
    hash.release();
  }
}
