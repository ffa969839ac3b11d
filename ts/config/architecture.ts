import type { Activation, OutputActivation } from "../catalog/activations.js";
import type { Initialization } from "../catalog/initializations.js";
import type {
  ActivationLayer,
  BatchNormLayer,
  DenseLayer,
  Layer,
  LayerNormLayer,
  NamedLayer,
  ResidualLayer,
  ScalingLayer,
  TrainableLayer,
} from "../catalog/layers.js";
import { lossRow } from "../catalog/losses.js";
import { ConfigError, layerText } from "../errors/errors.js";
import type { NetworkConfig, WidthsConfig } from "./network-config.js";
import { scalingWidth } from "./scaling-layer.js";

/**
 * What a network computes, one part after the other: both forms of a configuration become this. Activations and dropout
 * behind a dense layer are part of it.
 */
export interface Architecture {
  readonly inputs: number;
  readonly outputs: number;
  /** What x is scaled by before the first part. */
  readonly scaling: ScalingPart | undefined;
  readonly parts: readonly Part[];
  /** What may be dropped, in order. */
  readonly drops: readonly Drop[];
  /** What becomes of the last part's numbers in predictions; the loss takes them as they are. */
  readonly outputActivation: OutputActivation;
  /** The name of the layer that it is by itself. */
  readonly outputName: string | undefined;
  /** Of trained parameters, and of statistics that aren't trained. */
  readonly parameterCount: number;
  readonly statisticsCount: number;
  /** Residual layers in one another. */
  readonly depth: number;
}

export type Part = DensePart | NormPart | ElementwisePart | OpenPart | ClosePart;

interface Placed {
  /** The layer's number in the configuration: 1 is the first. */
  readonly layer: number;
  /** The layer's own name, where it has one. */
  readonly name: string | undefined;
  /** Its module's name in nn.Sequential of PyTorch, such as `2` or `4.0`. */
  readonly module: string;
  readonly inputs: number;
  readonly outputs: number;
}

/** The first layer, where it scales. It is no part: x is scaled where it is copied in, and has no gradient. */
export interface ScalingPart {
  readonly layer: number;
  readonly data: ScalingLayer;
}

/** Has parameters. */
interface Parameterized extends Placed {
  /** Where they begin in the flat block of parameters, and how many they are. */
  readonly at: number;
  readonly parameterCount: number;
  readonly trainable: boolean;
  readonly learningRateFactor: number;
}

/** Drops outputs, which is `drops[drop]` of the architecture; undefined: never. */
interface Activated {
  readonly activation: Activation;
  /** The name of the layer that the activation is by itself. */
  readonly activationName: string | undefined;
  readonly drop: number | undefined;
}

export interface DensePart extends Parameterized, Activated {
  readonly kind: "dense";
  /** Its number among the dense ones, from 1: keys its first weights. */
  readonly index: number;
  readonly initialization: Initialization;
  /** Whether it has biases, behind its weights. */
  readonly bias: boolean;
  /** λ of its own. */
  readonly l1: number | undefined;
  readonly l2: number | undefined;
  readonly maxNorm: number | undefined;
}

/** Its parameters are scale and shift. */
export interface NormPart extends Parameterized {
  readonly kind: "batchNorm" | "layerNorm";
  readonly epsilon: number;
  /** Of the running statistics. */
  readonly decay: number;
  /** Where running mean and variance begin in the block of statistics. */
  readonly statisticsAt: number;
}

/** An activation, a dropout or both, behind no dense layer. */
export interface ElementwisePart extends Placed, Activated {
  readonly kind: "elementwise";
}

/** A residual layer begins: its input is kept … */
export interface OpenPart extends Placed {
  readonly kind: "open";
}

/** … and added to what became of it. */
export interface ClosePart extends Placed {
  readonly kind: "close";
}

export interface Drop {
  readonly width: number;
  /** Undefined: the notebook's form has one for all hidden layers, which each call gives. */
  readonly keepProb: number | undefined;
  /** The dropout's name, where it has one. */
  readonly name: string | undefined;
}

const known = new WeakMap<NetworkConfig, Architecture>();

/** The architecture of a configuration. Raises ConfigError for layers that don't fit together. */
export function architectureOf(config: NetworkConfig): Architecture {
  const found = known.get(config);
  if (found !== undefined) return found;
  const outputActivation = lossRow(config.loss).of;
  const builder = new Builder("layers" in config ? config.inputs : (config.layerDims[0] ?? 0));
  if ("layers" in config) builder.addLayers("layers", config.layers, "");
  else addWidths(builder, config);
  const architecture = builder.end(outputActivation);
  known.set(config, architecture);
  return architecture;
}

function addWidths(builder: Builder, config: WidthsConfig): void {
  const { layerDims, hiddenActivation, outputActivation, initialization, trainable: given } = config;
  const last = layerDims.length - 1;
  for (let l = 1; l <= last; l++) {
    const activation = l < last ? hiddenActivation : outputActivation;
    const [units, trainable] = [layerDims[l] ?? 0, given?.[l - 1] ?? true];
    builder.addDense({ units, activation, initialization, trainable }, `${2 * (l - 1)}`);
    if (l < last) builder.drop({ keepProb: undefined }, "");
  }
}

/** What changes in a part while others are added behind it. */
interface Unfinished {
  readonly kind: "dense" | "elementwise";
  activation: Activation;
  activationName: string | undefined;
  drop: number | undefined;
}

class Builder {
  readonly #parts: Part[] = [];
  readonly #drops: Drop[] = [];
  readonly #inputs: number;
  #scaling: ScalingPart | undefined;
  #width: number;
  #layer = 0;
  #dense = 0;
  #depth = 0;
  #deepest = 0;
  #parameters = 0;
  #statistics = 0;

  constructor(inputs: number) {
    this.#inputs = inputs;
    this.#width = inputs;
  }

  /** @param prefix - of the modules' names */
  addLayers(path: string, layers: readonly Layer[], prefix: string): void {
    let module = 0;
    layers.forEach((layer, i) => {
      const place = `${path}[${i}]`;
      if (layer.type === "scaling") {
        this.#scale(place, layer); // It is no module of PyTorch's.
        return;
      }
      const own = `${prefix}${module++}`;
      if (layer.type === "residual") this.#addResidual(place, layer, own);
      else if (layer.type === "dense") {
        this.addDense(layer, own);
        if (layer.activation !== "linear") module++; // a module of its own in PyTorch
      } else if (layer.type === "activation") this.#addActivation(layer, own);
      else if (layer.type === "dropout") {
        this.#layer++;
        this.drop(layer, own);
      } else this.#addNorm(layer, own);
    });
  }

  #scale(path: string, data: ScalingLayer): void {
    if (path !== "layers[0]") {
      throw new ConfigError(path, "scaling as the first layer alone", "one elsewhere");
    }
    const width = scalingWidth(data);
    if (width !== this.#inputs) {
      throw new ConfigError(path, `scaling of ${this.#inputs} columns, as many as inputs`, `of ${width}`);
    }
    this.#scaling = { layer: ++this.#layer, data };
  }

  addDense(layer: Omit<DenseLayer, "type">, module: string): void {
    const { units, activation, initialization, bias = true, l1, l2, maxNorm } = layer;
    const inputs = this.#width;
    this.#width = units;
    const own = this.#parameterized(layer, units * (inputs + (bias ? 1 : 0)));
    const index = ++this.#dense;
    const place = { ...this.#place(layer, module), ...own, inputs };
    const activated = { activation, activationName: undefined, drop: undefined };
    this.#parts.push({ kind: "dense", ...place, index, initialization, bias, l1, l2, maxNorm, ...activated });
  }

  /** Of what is there so far. */
  drop(layer: NamedLayer & Pick<Drop, "keepProb">, module: string): void {
    const drop = this.#drops.push({ width: this.#width, keepProb: layer.keepProb, name: layer.name }) - 1;
    const last = this.#last;
    if (last?.drop === undefined && last !== undefined) last.drop = drop;
    else this.#addElementwise(layer, "linear", drop, module);
  }

  #addActivation(layer: ActivationLayer, module: string): void {
    this.#layer++;
    const last = this.#last;
    if (last?.kind === "dense" && last.activation === "linear" && last.drop === undefined) {
      last.activation = layer.activation;
      last.activationName = layer.name;
    } else this.#addElementwise(layer, layer.activation, undefined, module);
  }

  #addElementwise(layer: NamedLayer, activation: Activation, drop: number | undefined, module: string): void {
    const activated = { activation, activationName: drop === undefined ? layer.name : undefined, drop };
    this.#parts.push({ kind: "elementwise", ...this.#here(layer, module), ...activated });
  }

  #addNorm(layer: BatchNormLayer | LayerNormLayer, module: string): void {
    const { type: kind, epsilon } = layer;
    const statisticsAt = this.#statistics;
    const decay = layer.type === "batchNorm" ? layer.decay : 0;
    const own = this.#parameterized(layer, 2 * this.#width);
    if (kind === "batchNorm") this.#statistics += 2 * this.#width;
    this.#parts.push({ kind, ...this.#place(layer, module), ...own, epsilon, decay, statisticsAt });
  }

  /** Takes the next parameters. */
  #parameterized({ trainable = true, learningRateFactor = 1 }: TrainableLayer, parameterCount: number) {
    const at = this.#parameters;
    this.#parameters += parameterCount;
    return { at, parameterCount, trainable, learningRateFactor };
  }

  #addResidual(path: string, layer: ResidualLayer, module: string): void {
    const width = this.#width;
    this.#parts.push({ kind: "open", ...this.#place(layer, module) });
    this.#deepest = Math.max(this.#deepest, ++this.#depth);
    this.addLayers(`${path}.layers`, layer.layers, `${module}.`);
    this.#depth--;
    if (this.#width !== width) {
      const expected = `as many units at their end as at their beginning, ${width}`;
      throw new ConfigError(`${path}.layers`, expected, `${this.#width}`);
    }
    this.#parts.push({ kind: "close", ...this.#here(layer, module) });
  }

  /** The part before, if its activation and dropout can still be told. */
  get #last(): Unfinished | undefined {
    const last = this.#parts[this.#parts.length - 1];
    return last?.kind === "dense" || last?.kind === "elementwise" ? last : undefined;
  }

  /** The next layer's place. */
  #place(layer: NamedLayer, module: string): Placed {
    this.#layer++;
    return this.#here(layer, module);
  }

  #here({ name }: NamedLayer, module: string): Placed {
    return { layer: this.#layer, name, module, inputs: this.#width, outputs: this.#width };
  }

  end(outputActivation: OutputActivation): Architecture {
    const last = this.#last;
    if (last !== undefined && last.drop !== undefined) {
      throw new ConfigError("layers", "a layer behind the last dropout", "none");
    }
    let outputName: string | undefined;
    if (last?.activation === outputActivation) {
      outputName = last.activationName;
      last.activation = "linear";
      last.activationName = undefined;
      if (last.kind === "elementwise") this.#parts.pop(); // It does nothing.
    }
    for (const part of this.#parts) {
      if (!("activation" in part) || part.activation !== "softmax") continue;
      throw new ConfigError("layers", '"softmax" as the last activation alone', `one in ${layerText(part)}`);
    }
    if (this.#dense === 0) throw new ConfigError("layers", "at least one dense layer", "none");
    return Object.freeze({
      inputs: this.#inputs,
      outputs: this.#width,
      scaling: this.#scaling,
      parts: this.#parts,
      drops: this.#drops,
      outputActivation,
      outputName,
      parameterCount: this.#parameters,
      statisticsCount: this.#statistics,
      depth: this.#deepest,
    });
  }
}
