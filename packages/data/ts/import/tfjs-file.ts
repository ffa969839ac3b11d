import { describe, listed } from "../platform/describe.js";
import { allBytes, type OpenedSource, openSources, type Source } from "../source/source.js";
import { isWebAddress } from "../source/web-address.js";
import type { KerasModel } from "./keras-file.js";
import { isObject, type KerasLayer } from "./keras-layers.js";
import { broken, type LayerTensors, type Tensor } from "./tensors.js";

/*
 * A layers model of TensorFlow.js: model.json, and files beside it that hold the weights, one after the other.
 */

interface Spec {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * @param source - of model.json: a path or a URL, whose files lie beside it, or the first of a list of all files
 * Raises FormatError or StorageError.
 */
export async function readTfjs(
  json: unknown,
  file: string,
  source: Source | readonly Source[],
  others: readonly OpenedSource[],
): Promise<KerasModel> {
  const { modelTopology: topology, weightsManifest: manifest } = isObject(json) ? json : {};
  if (!isObject(topology) || !Array.isArray(manifest))
    throw broken("json", file, "a layers model: modelTopology and weightsManifest", describe(json));
  if (isObject(topology.library) || Array.isArray(topology.node))
    throw broken(
      "json",
      file,
      "a layers model (a Keras model that was converted, or tf.LayersModel's save)",
      "a graph model",
    );
  const tensors = new Map<string, Tensor>();
  const files = filesOf(manifest, file, source, others);
  for (const group of manifest) {
    const { weights } = isObject(group) ? group : {};
    const bytes = await files.next(isObject(group) ? group.paths : undefined);
    for (const [name, tensor] of readGroup(weights, bytes, file)) tensors.set(name, tensor);
  }
  const model = isObject(topology.model_config) ? topology.model_config : topology;
  const version = String(topology.keras_version ?? "");
  return { model, isKeras3: /^3\./.test(version), tensorsOf: (layer) => tensorsOf(tensors, layer) };
}

/** `dense_1/kernel`, or at more depth. */
function tensorsOf(tensors: ReadonlyMap<string, Tensor>, { name: layer }: KerasLayer): LayerTensors {
  const own = [...tensors].filter(([name]) => name.split("/").slice(0, -1).includes(layer));
  return (name) => own.find(([path]) => path.split("/").at(-1)?.replace(/:0$/, "") === name)?.[1];
}

function filesOf(
  manifest: readonly unknown[],
  file: string,
  source: Source | readonly Source[],
  others: readonly OpenedSource[],
) {
  const all = manifest.flatMap((group) => (isObject(group) && Array.isArray(group.paths) ? group.paths : []));
  let at = 0;
  return {
    /** The bytes of some files, joined. */
    async next(paths: unknown): Promise<Uint8Array> {
      if (!Array.isArray(paths) || !paths.every((path) => typeof path === "string"))
        throw broken("json", `${file}, weightsManifest`, "paths of files", describe(paths));
      const parts: Uint8Array[] = [];
      for (const path of paths) parts.push(await allBytes(await opened(path)));
      const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
      let start = 0;
      for (const part of parts) {
        joined.set(part, start);
        start += part.length;
      }
      return joined;
    },
  };

  async function opened(path: string): Promise<OpenedSource> {
    if (others.length > 0) {
      const byName = others.find(({ name }) => name.split(/[\\/]/).at(-1) === path.split("/").at(-1));
      const found = byName ?? (others.length === all.length ? others[at] : undefined);
      at += 1;
      if (found !== undefined) return found;
      throw broken(
        "tensorSet",
        file,
        `the file ${path} among those given`,
        listed(others.map(({ name }) => name)),
      );
    }
    const place = beside(source, path);
    if (place === undefined)
      throw broken(
        "tensorSet",
        file,
        `the files of its weights too, as a list: [model.json, ${listed(all as string[])}]`,
        "model.json alone",
      );
    const [one] = await openSources(place);
    if (one === undefined) throw broken("tensorSet", file, path, "none");
    return one;
  }
}

function beside(source: Source | readonly Source[], path: string): Source | undefined {
  if (source instanceof URL) return new URL(path, source);
  if (typeof source !== "string") return undefined;
  if (isWebAddress(source)) return new URL(path, source);
  return source.replace(/[^\\/]*$/, "") + path;
}

const BYTES = { float32: 4, int32: 4, bool: 1 } as const;

function* readGroup(specs: unknown, bytes: Uint8Array, file: string): Generator<[string, Tensor]> {
  if (!Array.isArray(specs)) throw broken("json", `${file}, weightsManifest`, "weights", describe(specs));
  let at = 0;
  for (const spec of specs) {
    const { name, shape, dtype, quantization } = isObject(spec) ? spec : {};
    if (typeof name !== "string" || !isShape(shape))
      throw broken("json", `${file}, weightsManifest`, "weights with a name and a shape", describe(spec));
    const place = `${file}, ${name}`;
    if (quantization !== undefined)
      throw broken(
        "dtype",
        place,
        "weights that aren't quantised (convert without quantization)",
        describe(isObject(quantization) ? quantization.dtype : quantization),
      );
    const isKnown = typeof dtype === "string" && Object.hasOwn(BYTES, dtype);
    if (!isKnown) throw broken("dtype", place, "float32", describe(dtype));
    const size = shape.reduce((product, one) => product * one, 1) * BYTES[dtype as keyof typeof BYTES];
    if (at + size > bytes.length)
      throw broken("truncated", place, `${size} bytes from ${at} on`, `${bytes.length - at}`);
    if (dtype === "float32")
      yield [name, { shape, data: new Float32Array(bytes.slice(at, at + size).buffer) }];
    at += size;
  }
  if (at < bytes.length) throw broken("trailingBytes", file, `${at} bytes of weights`, `${bytes.length}`);
}

function isShape(value: unknown): value is Spec["shape"] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0);
}
