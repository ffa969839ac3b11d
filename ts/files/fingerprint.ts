import type { Examples } from "../data.js";
import { StateError } from "../errors.js";
import type { Floats } from "../numbers.js";
import type { Instance } from "../wasm/kernels.js";
import { sha256 } from "./sha256.js";

/** What tells one data set from another: its rows, and SHA-256 of x and of y in the network's dtype. */
export interface Fingerprint {
  readonly rows: number;
  readonly x: string;
  readonly y: string;
}

export function* fingerprint(instance: Instance, { m, x, labels }: Examples): Generator<void, Fingerprint> {
  return { rows: m, x: yield* digest(instance, x), y: yield* digest(instance, hashed(labels, x)) };
}

/**
 * What is hashed of labels: classes as numbers of the network's dtype, as version 0.1 kept them, or as the integers
 * that they are where one has no such number (in float32 beyond 2²⁴).
 */
function hashed(labels: Examples["labels"], x: Floats): Floats | Uint32Array {
  if (!(labels instanceof Uint32Array)) return labels;
  const floats = x instanceof Float32Array ? new Float32Array(labels) : new Float64Array(labels);
  return labels.every((label, i) => label === floats[i]) ? floats : labels;
}

function digest(instance: Instance, numbers: Floats | Uint32Array): Generator<void, string> {
  return sha256(instance, new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
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
