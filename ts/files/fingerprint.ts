import type { Dtype } from "../config/dtype.js";
import type { Examples } from "../data/examples.js";
import { numbersOf } from "../data/scaled.js";
import type { Engine } from "../engine/engine.js";
import type { Floats } from "../engine/memory.js";
import { StateError } from "../errors/errors.js";
import { CHUNK } from "../platform/breath.js";
import { sha256 } from "./sha256.js";

/** What tells one data set from another: its rows, and SHA-256 of x and of y in the network's dtype, and of the weights. */
export interface Fingerprint {
  readonly rows: number;
  readonly x: string;
  readonly y: string;
  /** Of the weights in float64, those of classes included, where there are any. */
  readonly weights?: string;
}

export function fingerprint(engine: Engine, examples: Examples, dtype: Dtype): Generator<void, Fingerprint> {
  return fingerprintOfParts(engine, examples.m, [examples], dtype);
}

/** The same where only some of the `rows` can be had: of these, part after part. */
export function* fingerprintOfParts(
  engine: Engine,
  rows: number,
  parts: readonly Examples[],
  dtype: Dtype,
): Generator<void, Fingerprint> {
  return {
    rows,
    x: yield* sha256(engine, piecesOf(parts, dtype)),
    y: yield* sha256(
      engine,
      parts.map(({ labels }) => bytesOf(hashed(labels, dtype))),
    ),
    ...(parts[0]?.weights !== undefined && {
      weights: yield* sha256(
        engine,
        parts.map(({ weights }) => bytesOf(weights ?? new Float64Array())),
      ),
    }),
  };
}

/** The bytes of x in the network's dtype; those that are kept as bytes are converted some at a time. */
function* piecesOf(parts: readonly Examples[], dtype: Dtype): Generator<Uint8Array> {
  for (const part of parts) {
    const { length } = part.x;
    for (let start = 0; start < length; start += CHUNK) {
      yield bytesOf(numbersOf(part, start, Math.min(start + CHUNK, length), dtype));
    }
  }
}

/**
 * What is hashed of labels: classes as numbers of the network's dtype, as version 0.1 kept them, or as the integers
 * that they are where one has no such number (in float32 beyond 2²⁴).
 */
function hashed(labels: Examples["labels"], dtype: Dtype): Floats | Uint32Array {
  if (!(labels instanceof Uint32Array)) return labels;
  const floats = dtype === "float32" ? new Float32Array(labels) : new Float64Array(labels);
  return labels.every((label, i) => label === floats[i]) ? floats : labels;
}

function bytesOf(numbers: Floats | Uint32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** Raises StateError if the data set isn't the one that the checkpoint was made with. */
export function checkSameData(expected: Fingerprint, got: Fingerprint, prefix = ""): void {
  if (expected.rows !== got.rows) {
    throw new StateError(`${prefix}x`, `${expected.rows} examples, as the checkpoint says`, `${got.rows}`);
  }
  const name = (digits: string) => `SHA-256 ${digits.slice(0, 16)}…`;
  for (const field of ["x", "y"] as const) {
    if (expected[field] === got[field]) continue;
    throw new StateError(
      prefix + field,
      `the checkpoint's data set (${name(expected[field])})`,
      `another (${name(got[field])})`,
    );
  }
  if (expected.weights === got.weights) return;
  const [before, now] = [expected, got].map(({ weights }) =>
    weights === undefined ? "none" : name(weights),
  );
  const weights = "weights, as sampleWeight and classWeight make them";
  throw new StateError(`${prefix}sampleWeight`, `the checkpoint's ${weights} (${before})`, `others (${now})`);
}
