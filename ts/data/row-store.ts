import type { Dtype } from "../config/dtype.js";
import type { Floats } from "../engine/memory.js";
import { ResourceError } from "../errors/errors.js";
import type { Examples } from "./examples.js";
import type { ClassIndices } from "./labels.js";
import { newFloats } from "./numbers.js";
import { numbersOf, scaleInto } from "./scaled.js";

/** Room for some examples, each in a place of its own: bytes as long as only bytes of one scale come, else numbers. */
export class RowStore {
  readonly #dtype: Dtype;
  #x: Floats | Uint8Array;
  #scale: number;
  readonly #labels: Floats | ClassIndices;
  readonly #inputs: number;
  readonly #labelWidth: number;
  readonly #weights: Float64Array | undefined;

  /** @param like - examples of the same widths, and of the form that is expected */
  constructor(capacity: number, like: Examples, dtype: Dtype) {
    const { x, scale, labels, inputs, labelWidth, weights } = like;
    this.#dtype = dtype;
    this.#inputs = inputs;
    this.#labelWidth = labelWidth;
    this.#scale = scale;
    this.#x =
      x instanceof Uint8Array ? newBytes(capacity * inputs) : newFloats("x", capacity * inputs, dtype);
    const length = capacity * labelWidth;
    this.#labels = labels instanceof Uint32Array ? new Uint32Array(length) : newFloats("y", length, dtype);
    if (weights !== undefined) this.#weights = new Float64Array(capacity);
  }

  /** place ← a row of examples of any form. */
  copyRow(place: number, { x, scale, labels, weights }: Examples, row: number): void {
    const isOfBytes = x instanceof Uint8Array;
    if (this.#x instanceof Uint8Array && !(isOfBytes && scale === this.#scale)) this.#becomeNumbers();
    const into = this.#x;
    copy(into, place, x, row, this.#inputs);
    if (isOfBytes && !(into instanceof Uint8Array)) {
      const numbers = into.subarray(place * this.#inputs, (place + 1) * this.#inputs);
      scaleInto(numbers, numbers, scale);
    }
    copy(this.#labels, place, labels, row, this.#labelWidth);
    if (this.#weights !== undefined) this.#weights[place] = weights?.[row] ?? 1;
  }

  #becomeNumbers(): void {
    this.#x = numbersOf({ x: this.#x, scale: this.#scale }, 0, this.#x.length, this.#dtype);
    this.#scale = 1;
  }

  /** `m` places from `start` on, as they are: not a copy. */
  examples(m: number, start = 0): Examples {
    const end = start + m;
    return {
      x: this.#x.subarray(start * this.#inputs, end * this.#inputs),
      scale: this.#scale,
      labels: this.#labels.subarray(start * this.#labelWidth, end * this.#labelWidth),
      m,
      weights: this.#weights?.subarray(start, end),
      inputs: this.#inputs,
      labelWidth: this.#labelWidth,
      borrowed: false,
    };
  }
}

type Numbers = Floats | Uint8Array | Uint32Array;

/** Rows up to this length are copied number by number: cheaper than making a view. */
const SHORT_ROW = 32;

function copy(to: Numbers, place: number, from: Numbers, row: number, width: number): void {
  const [at, first] = [place * width, row * width];
  if (width > SHORT_ROW) to.set(from.subarray(first, first + width), at);
  else for (let j = 0; j < width; j++) to[at + j] = Number(from[first + j]);
}

function newBytes(length: number): Uint8Array {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new ResourceError("x", `${length} bytes of memory`, String(cause), { cause });
  }
}
