import { describe, FormatError } from "../errors/errors.js";
import type { TensorEntry } from "./header.js";
import { LENGTH_BYTES } from "./limits.js";

/** A linear layer of another program's model, Z = X·Wᵀ + b. */
export interface LinearLayer {
  /** What its tensors' names begin with: `fc1`, `net.0`; empty where they have nothing else. */
  readonly name: string;
  /** W, outputs × inputs. */
  readonly weight: TensorEntry;
  /** b; undefined where the layer has none. */
  readonly bias: TensorEntry | undefined;
  readonly inputs: number;
  readonly outputs: number;
}

/** `fc1.weight`, `dense/kernel:0`, `layer_0_bias`, `weight`. */
const BY_WORD = /^(?:(.*)[./_])?(weight|kernel|bias|w|b)(?::0)?$/is;
/** `W1` and `b1`, `coefs_0` and `intercepts_0`. */
const BY_NUMBER = /^(.*?)(w|b|weights?|bias(?:es)?|coefs?|intercepts?)_?(\d{1,9})$/is;

interface Part {
  readonly layer: string;
  readonly isWeight: boolean;
}

function partOf(name: string): Part | undefined {
  const [, before = "", word] = BY_WORD.exec(name) ?? [];
  if (word !== undefined) return { layer: before, isWeight: /^[wk]/i.test(word) };
  const [, prefix = "", letter, number = ""] = BY_NUMBER.exec(name) ?? [];
  return letter === undefined ? undefined : { layer: prefix + number, isWeight: /^[wc]/i.test(letter) };
}

/**
 * The linear layers that these tensors make, in the order of their first tensors. Raises FormatError unless
 * each tensor is a layer's weights or biases, and the biases are as many as the weights' outputs.
 */
export function linearLayers(tensors: ReadonlyMap<string, TensorEntry>): LinearLayer[] {
  const parts = new Map<string, { weight?: TensorEntry; bias?: TensorEntry }>();
  const others: TensorEntry[] = [];
  for (const tensor of tensors.values()) {
    const part = partOf(tensor.name);
    const found = parts.get(part?.layer ?? "") ?? {};
    const key = part?.isWeight ? "weight" : "bias";
    const isLayers =
      part !== undefined && found[key] === undefined && (key === "bias" || tensor.shape.length === 2);
    if (isLayers) parts.set(part.layer, { ...found, [key]: tensor });
    else others.push(tensor);
  }
  const layers: LinearLayer[] = [];
  for (const [name, { weight, bias }] of parts) {
    if (weight !== undefined) layers.push(linearLayer(name, weight, bias));
    else if (bias !== undefined) others.push(bias);
  }
  const [first] = others;
  if (first !== undefined) throw extraTensors(first, others);
  if (layers.length > 0) return layers;
  throw new FormatError(
    "tensorSet",
    LENGTH_BYTES,
    "file",
    "weights and biases of linear layers",
    "no tensors",
  );
}

function extraTensors(first: TensorEntry, extra: readonly TensorEntry[]): FormatError {
  const shown = extra.slice(0, 4).map(({ name }) => describe(name));
  const more = extra.length > shown.length ? ", …" : "";
  const expected = `weights and biases of linear layers alone, or ignore: [${shown.join(", ")}${more}]`;
  const got = `${first.dtype} [${first.shape}]`;
  return new FormatError("tensorSet", first.byteOffset, describe(first.name), expected, got);
}

function linearLayer(name: string, weight: TensorEntry, bias: TensorEntry | undefined): LinearLayer {
  const [rows = 0, columns = 0] = weight.shape;
  if (rows === 0 || columns === 0) {
    const got = `[${weight.shape}]`;
    throw new FormatError(
      "tensorSet",
      weight.byteOffset,
      describe(weight.name),
      "one output and input or more",
      got,
    );
  }
  const count = bias === undefined ? rows : oneDimension(bias.shape);
  if (/kernel(:0)?$/.test(weight.name) || (count === columns && count !== rows)) throw transposed(weight);
  if (bias === undefined || count === rows) return { name, weight, bias, inputs: columns, outputs: rows };
  const expected = `[${rows}], the rows of ${describe(weight.name)}`;
  throw new FormatError("tensorSet", bias.byteOffset, describe(bias.name), expected, `[${bias.shape}]`);
}

/** The length of a vector, also of one that is stored as a row or a column. */
function oneDimension(shape: readonly number[]): number {
  const lengths = shape.filter((size) => size !== 1);
  return lengths.length > 1 ? Number.NaN : (lengths[0] ?? 1);
}

/** The error for weights that another program stores the other way around. */
export function transposed({ name, shape, byteOffset }: TensorEntry): FormatError {
  const expected = "weights stored outputs × inputs, as PyTorch does";
  const got =
    `[${shape}]: weights are stored inputs × outputs, as Keras and scikit-learn do: ` +
    "transpose each (np.ascontiguousarray(w.T))";
  return new FormatError("tensorSet", byteOffset, describe(name), expected, got);
}

/** Layers in words, at most a few: `fc1 (4 → 8), fc2 (8 → 3)`. */
export function inWords(layers: readonly LinearLayer[]): string {
  const shown = layers
    .slice(0, 6)
    .map(({ name, inputs, outputs }) => `${describe(name).slice(1, -1)} (${inputs} → ${outputs})`);
  return shown.join(", ") + (layers.length > shown.length ? ", …" : "");
}
