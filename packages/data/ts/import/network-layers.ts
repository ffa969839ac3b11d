import { activation, batchNorm, dense, dropout, type Layer, layerNorm, Matrix } from "layerwise";
import { describe } from "../platform/describe.js";
import { activationLayer, activationOf } from "./keras-activation.js";
import { isObject, type KerasLayer } from "./keras-layers.js";
import { broken, type LayerTensors, type Tensor, transposed } from "./tensors.js";

/** Parameters of one layer, as the core's setParameters takes them. */
export type Parameters =
  | { readonly weights: Matrix; readonly biases?: Tensor["data"] }
  | {
      readonly scale: Tensor["data"];
      readonly shift: Tensor["data"];
      readonly runningMean?: Tensor["data"];
      readonly runningVariance?: Tensor["data"];
    };

export interface ImportedLayers {
  readonly inputs: number;
  readonly layers: readonly Layer[];
  readonly parameters: readonly Parameters[];
  readonly dtype: "float32" | "float64";
}

/** Layers that do nothing but while a model is trained. */
const IN_TRAINING_ALONE = ["GaussianNoise", "GaussianDropout", "AlphaDropout", "ActivityRegularization"];

/** Where a layer is, how its numbers are had, and which program's it is. */
export interface Given {
  readonly file: string;
  readonly isKeras3: boolean;
  tensorsOf(layer: KerasLayer): LayerTensors;
}

/** The core's layers and parameters of a chain of Keras's. Raises FormatError for a layer that the core doesn't have. */
export function networkLayers(chain: readonly KerasLayer[], given: Given): ImportedLayers {
  const build = new Build(given);
  for (const layer of chain) build.add(layer);
  return build.finish();
}

class Build {
  readonly #given: Given;
  readonly #layers: Layer[] = [];
  readonly #parameters: Parameters[] = [];
  /** x is (x − center)/scale before the first layer; one number is that of all columns. */
  #center: readonly number[] = [0];
  #scale: readonly number[] = [1];
  #inputs = 0;
  /** Outputs of what is there. */
  #width = 0;
  #isDouble = false;

  constructor(given: Given) {
    this.#given = given;
  }

  add(layer: KerasLayer): void {
    const { type, config } = layer;
    const place = `${this.#given.file}, layer ${layer.name} (${type})`;
    const own = activationLayer(type, config, place, this.#given.isKeras3);
    if (own !== undefined) {
      if (own !== "linear") this.#layers.push(activation(own));
    } else if (type === "Dense") this.#dense(layer, place);
    else if (type === "BatchNormalization" || type === "LayerNormalization") this.#norm(layer, place);
    else if (type === "Dropout") this.#dropout(config, place);
    else if (type === "Rescaling" || type === "Normalization") this.#rescale(layer, place);
    else if (type === "InputLayer" || (type === "Flatten" && this.#layers.length === 0)) return;
    else if (!IN_TRAINING_ALONE.includes(type)) {
      const expected = "dense layers, norms, dropout and activations in a chain";
      throw broken("tensorSet", place, expected, type);
    }
  }

  finish(): ImportedLayers {
    if (this.#inputs === 0) throw broken("tensorSet", this.#given.file, "a dense layer", "none");
    const spread = (numbers: readonly number[]) =>
      numbers.length > 1 || this.#inputs === 1
        ? numbers
        : Array.from({ length: this.#inputs }, () => numbers[0] ?? 0);
    const [center, scale] = [spread(this.#center), spread(this.#scale)];
    const isScaled = center.some((one) => one !== 0) || scale.some((one) => one !== 1);
    const scaling = { type: "scaling", method: "standard", center, scale } as const;
    return {
      inputs: this.#inputs,
      layers: [...(isScaled ? [scaling] : []), ...this.#layers],
      parameters: this.#parameters,
      dtype: this.#isDouble ? "float64" : "float32",
    };
  }

  #dense(layer: KerasLayer, place: string): void {
    const { config } = layer;
    const tensors = this.#given.tensorsOf(layer);
    const kernel = this.#needed(tensors, "kernel", place);
    const { shape, data } = transposed(kernel, `${place}, kernel`);
    const [units = 0, inputs = 0] = shape;
    this.#checkWidth(inputs, `${place}, kernel`);
    const bias = config.use_bias !== false;
    const biases = bias ? this.#vector(tensors, "bias", units, place) : undefined;
    const trainable = config.trainable !== false;
    const own = activationOf(config.activation, place, this.#given.isKeras3);
    this.#layers.push(
      dense(units, { activation: own, ...(!bias && { bias }), ...(!trainable && { trainable }) }),
    );
    this.#parameters.push({ weights: new Matrix(data, units, inputs), ...(biases && { biases }) });
    this.#width = units;
  }

  #norm(layer: KerasLayer, place: string): void {
    const { type, config } = layer;
    const tensors = this.#given.tensorsOf(layer);
    const first = ["gamma", "beta", "moving_mean"].map(tensors).find((one) => one !== undefined);
    const width = this.#width || (first?.shape[0] ?? 0);
    this.#checkWidth(width, place);
    checkLastAxis(config.axis, place);
    if (config.rms_scaling === true) throw broken("tensorSet", place, "no rms_scaling", "true");
    const numbers = (name: string, isThere: unknown, other: number) =>
      isThere === false ? new Float64Array(width).fill(other) : this.#vector(tensors, name, width, place);
    const scale = numbers("gamma", config.scale, 1);
    const shift = numbers("beta", config.center, 0);
    const trainable = config.trainable === false ? { trainable: false } : {};
    const epsilon = numberOf(config.epsilon, "epsilon", place);
    if (type === "LayerNormalization") {
      this.#layers.push(layerNorm({ epsilon, ...trainable }));
      this.#parameters.push({ scale, shift });
    } else {
      const decay = numberOf(config.momentum, "momentum", place);
      this.#layers.push(batchNorm({ decay, epsilon, ...trainable }));
      const runningMean = this.#vector(tensors, "moving_mean", width, place);
      const runningVariance = this.#vector(tensors, "moving_variance", width, place);
      this.#parameters.push({ scale, shift, runningMean, runningVariance });
    }
    this.#width = width;
  }

  #dropout(config: KerasLayer["config"], place: string): void {
    const keepProb = 1 - numberOf(config.rate, "rate", place);
    if (keepProb < 1) this.#layers.push(dropout({ keepProb }));
  }

  /** In front alone, since a network scales nothing but x. */
  #rescale(layer: KerasLayer, place: string): void {
    const { type, config } = layer;
    if (this.#layers.length > 0)
      throw broken("tensorSet", place, `${type} before other layers`, "one behind them");
    if (config.invert === true) throw broken("tensorSet", place, "invert false", "true");
    const [center, scale] =
      type === "Rescaling"
        ? rescaling(config, place)
        : this.#normalization(this.#given.tensorsOf(layer), config, place);
    // ((x − c) / s − center) / scale = (x − (c + s·center)) / (s·scale)
    const [c, s] = [this.#center, this.#scale];
    const size = Math.max(c.length, center.length, scale.length);
    const at = (numbers: readonly number[], i: number) => (numbers.length > 1 ? numbers[i] : numbers[0]) ?? 0;
    this.#center = Array.from({ length: size }, (_, i) => at(c, i) + at(s, i) * at(center, i));
    this.#scale = Array.from({ length: size }, (_, i) => at(s, i) * at(scale, i));
    if (this.#scale.every((one) => one > 0 && Number.isFinite(one))) return;
    throw broken("range", place, "scales above 0", `${this.#scale.find((one) => !(one > 0))}`);
  }

  #normalization(tensors: LayerTensors, config: KerasLayer["config"], place: string) {
    const isGiven = config.mean !== null && config.mean !== undefined;
    const [mean, variance] = ["mean", "variance"].map((name) =>
      isGiven ? numbersOf(config[name], `${place}, ${name}`) : [...this.#needed(tensors, name, place).data],
    );
    if (mean === undefined || mean.length > 1) checkLastAxis(config.axis, place);
    // As Keras divides: by at least its epsilon.
    return [mean ?? [], (variance ?? []).map((one) => Math.max(Math.sqrt(one), 1e-7))] as const;
  }

  #needed(tensors: LayerTensors, name: string, place: string): Tensor {
    const found = tensors(name);
    if (found === undefined) throw broken("tensorSet", place, `an array ${name}`, "none");
    if (found.data instanceof Float64Array) this.#isDouble = true;
    return found;
  }

  #vector(tensors: LayerTensors, name: string, length: number, place: string): Tensor["data"] {
    const { shape, data } = this.#needed(tensors, name, place);
    if (data.length === length) return data;
    throw broken("tensorSet", `${place}, ${name}`, `${length} numbers`, `[${shape}]`);
  }

  #checkWidth(width: number, place: string): void {
    if (this.#inputs === 0) this.#inputs = width;
    else if (width !== this.#width && this.#width > 0)
      throw broken("tensorSet", place, `${this.#width} inputs, the outputs of the layer before`, `${width}`);
  }
}

function checkLastAxis(axis: unknown, place: string): void {
  const given = Array.isArray(axis) && axis.length === 1 ? axis[0] : axis;
  if (given === undefined || given === null || given === -1 || given === 1) return;
  throw broken("tensorSet", place, "the last axis", describe(given));
}

function numberOf(value: unknown, name: string, place: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw broken("json", `${place}, ${name}`, "a number", describe(value));
}

/** A number, or numbers in lists or in an array as Keras writes it. */
function numbersOf(value: unknown, place: string): number[] {
  const inner = isObject(value) && isObject(value.config) ? value.config.value : value;
  const numbers = [inner].flat(4);
  if (numbers.length > 0 && numbers.every((one) => typeof one === "number")) return numbers as number[];
  throw broken("json", place, "numbers", describe(value));
}

/** scale·x + offset = (x − (−offset/scale)) / (1/scale) */
function rescaling({ scale, offset }: KerasLayer["config"], place: string): readonly [number[], number[]] {
  const scales = numbersOf(scale, `${place}, scale`);
  const offsets = numbersOf(offset ?? 0, `${place}, offset`);
  const size = Math.max(scales.length, offsets.length);
  const at = (numbers: readonly number[], i: number) => (numbers.length > 1 ? numbers[i] : numbers[0]) ?? 0;
  const all = Array.from({ length: size }, (_, i) => [at(scales, i), at(offsets, i)] as const);
  return [all.map(([s, o]) => -o / s + 0), all.map(([s]) => 1 / s)];
}
