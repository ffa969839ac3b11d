import type { Examples } from "../data.js";
import { StateError } from "../errors.js";
import type { Instance } from "../wasm/kernels.js";
import { Sha256 } from "./sha256.js";

/** What tells one data set from another: its rows, and SHA-256 of x and of y in the network's dtype. */
export interface Fingerprint {
  readonly rows: number;
  readonly x: string;
  readonly y: string;
}

export function* fingerprint(instance: Instance, { m, x, labels }: Examples): Generator<void, Fingerprint> {
  return { rows: m, x: yield* digest(instance, x), y: yield* digest(instance, labels) };
}

function* digest(instance: Instance, numbers: Float32Array | Float64Array): Generator<void, string> {
  const hash = new Sha256(instance);
  yield* hash.updateInStretches(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  return hash.hex();
}

/** Raises StateError if the data set isn't the one that the checkpoint was made with. */
export function checkSameData(expected: Fingerprint, got: Fingerprint): void {
  if (expected.rows !== got.rows) {
    throw new StateError("x", `${expected.rows} examples, as the checkpoint says`, `${got.rows}`);
  }
  for (const field of ["x", "y"] as const) {
    if (expected[field] === got[field]) continue;
    const name = (digits: string) => `SHA-256 ${digits.slice(0, 16)}…`;
    throw new StateError(
      field,
      `the checkpoint's data set (${name(expected[field])})`,
      `another (${name(got[field])})`,
    );
  }
}
