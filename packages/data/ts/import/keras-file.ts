import { Hdf5 } from "./hdf5.js";
import type { KerasLayer } from "./keras-layers.js";
import { broken, type LayerTensors, type Tensor } from "./tensors.js";
import { Zip } from "./zip.js";

/** A model of Keras: what it is, and its layers' arrays. */
export interface KerasModel {
  readonly model: unknown;
  readonly isKeras3: boolean;
  tensorsOf(layer: KerasLayer): LayerTensors;
}

/** The text as JSON. Raises FormatError. */
export function parsed(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw broken("json", place, "JSON", cause instanceof Error ? cause.message : String(cause));
  }
}

/** `.keras`: a zip archive of config.json and model.weights.h5. Raises FormatError. */
export async function readKeras(bytes: Uint8Array, file: string): Promise<KerasModel> {
  const zip = new Zip(bytes, file);
  const config = new TextDecoder().decode(await zip.read("config.json"));
  const model = parsed(config, `${file}, config.json`);
  const weights = await Hdf5.open(await zip.read("model.weights.h5"), `${file}, model.weights.h5`);
  return { model, isKeras3: true, tensorsOf: (layer) => byNumber(weights, layer) };
}

/** Keras 3 numbers a layer's arrays in the order in which the layer makes them. */
function byNumber(weights: Hdf5, { place, type, config }: KerasLayer): LayerTensors {
  const names = namesOf(type, config);
  return (name) => {
    const number = names.indexOf(name);
    return number < 0 ? undefined : weights.tensor(`layers/${place}/vars/${number}`);
  };
}

function namesOf(type: string, { scale, center }: KerasLayer["config"]): readonly string[] {
  if (type === "Dense") return ["kernel", "bias"];
  if (type === "Normalization") return ["mean", "variance"];
  const norm = [...(scale === false ? [] : ["gamma"]), ...(center === false ? [] : ["beta"])];
  return type === "BatchNormalization" ? [...norm, "moving_mean", "moving_variance"] : norm;
}

/** `.h5` of a whole model, as Keras 1 to 3 write it; of weights alone, their tensors. Raises FormatError. */
export async function readKerasH5(
  bytes: Uint8Array,
  file: string,
): Promise<KerasModel | { readonly weights: ReadonlyMap<string, Tensor> }> {
  const hdf5 = await Hdf5.open(bytes, file);
  const config = hdf5.text("model_config");
  if (config === undefined) return { weights: denseWeights(hdf5, file) };
  const isKeras3 = /^3\./.test(hdf5.text("keras_version") ?? "");
  return {
    model: parsed(config, `${file}, model_config`),
    isKeras3,
    tensorsOf: ({ name: layer }) => byName(hdf5, `model_weights/${layer}`),
  };
}

/** `model_weights/dense/dense/kernel:0`, at any depth. */
function byName(hdf5: Hdf5, group: string): LayerTensors {
  const find = (name: string, path: string): Tensor | undefined => {
    for (const key of hdf5.names(path)) {
      const below = `${path}/${key}`;
      const found = key === name || key === `${name}:0` ? hdf5.tensor(below) : undefined;
      const tensor = found ?? find(name, below);
      if (tensor !== undefined) return tensor;
    }
    return undefined;
  };
  return (name) => find(name, group);
}

/** Of a file without a model: Keras 3's `layers/dense/vars/0`, Keras 2's `dense/dense/kernel:0`, by the names of PyTorch. */
function denseWeights(hdf5: Hdf5, file: string): Map<string, Tensor> {
  const weights = new Map<string, Tensor>();
  const root = hdf5.names("layers").length > 0 ? "layers" : "";
  for (const layer of inNumericOrder(root === "" ? hdf5.rootNames : hdf5.names(root))) {
    const path = root === "" ? layer : `${root}/${layer}`;
    const byNumber = hdf5.names(`${path}/vars`);
    const named = byName(hdf5, path);
    const at = (number: string, name: string) =>
      byNumber.length > 0 ? hdf5.tensor(`${path}/vars/${number}`) : named(name);
    const [kernel, bias] = [at("0", "kernel"), at("1", "bias")];
    if (kernel === undefined) continue;
    if (byNumber.length > 2 || kernel.shape.length !== 2 || (bias !== undefined && bias.shape.length !== 1)) {
      const expected = "dense layers alone (a .keras file says what the others are)";
      throw broken("tensorSet", `${file}, ${path}`, expected, `arrays of [${kernel.shape}] and others`);
    }
    weights.set(`${layer}.weight`, kernel);
    if (bias !== undefined) weights.set(`${layer}.bias`, bias);
  }
  if (weights.size > 0) return weights;
  throw broken("tensorSet", file, "arrays of dense layers", "none");
}

/** dense, dense_1, …, dense_10: HDF5 has them in the alphabet's order. */
function inNumericOrder(names: readonly string[]): string[] {
  const numberOf = (name: string) => Number(/_(\d+)$/.exec(name)?.[1] ?? -1);
  return [...names].sort((a, b) => numberOf(a) - numberOf(b) || (a < b ? -1 : 1));
}
