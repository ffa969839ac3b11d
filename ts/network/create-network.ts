import { architectureOf } from "../config/architecture.js";
import { type AnyOptions, resolveConfig } from "../config/config.js";
import { checkMetadata, type Metadata } from "../config/metadata.js";
import type { NetworkConfig } from "../config/network-config.js";
import { oneSeed, type Seeds } from "../config/seeds.js";
import { readOptions } from "../config/validation.js";
import { type Compute, checkCompute, startEngine } from "../engine/start.js";
import { withRoom } from "../engine/with-room.js";
import type { Model } from "../files/model-file.js";
import { lossFunctionOf } from "../model/loss-function.js";
import type { ClassScores, NumberScores } from "../training/scores.js";
import type {
  ClassOptions,
  CreateLayersOptions,
  CreateOptions,
  NewNetworkOptions,
  NumberLayersOptions,
  NumberOptions,
} from "./create-options.js";
import type { AnyForm, LayersForm, WidthsForm } from "./forms.js";
import { Network } from "./network.js";

/**
 * A network with new parameters.
 * Raises ConfigError, EnvironmentError (no WebAssembly with SIMD, or its file can't be loaded) or
 * ResourceError (too little memory, also after networks that nobody holds any more gave theirs back).
 */
export function createNetwork(options: ClassOptions): Promise<Network>;
export function createNetwork(options: NumberOptions): Promise<Network<NumberScores>>;
export function createNetwork(options: NumberLayersOptions): Promise<Network<NumberScores, LayersForm>>;
export function createNetwork(options: CreateLayersOptions): Promise<Network<ClassScores, LayersForm>>;
export function createNetwork(options: CreateOptions): Promise<Network>;
export async function createNetwork(
  options: CreateOptions | CreateLayersOptions,
): Promise<Network<ClassScores & NumberScores, WidthsForm & LayersForm>> {
  const { engine, threads, math, metadata, ...networkOptions } = readOptions(
    "createNetwork",
    "options",
    options as AnyOptions & NewNetworkOptions,
  );
  const config = resolveConfig(networkOptions);
  const texts = checkMetadata(metadata);
  return makeNetwork(checkCompute({ engine, threads, math }), config, oneSeed(config.seed), undefined, texts);
}

/** @internal A network with new parameters or those saved. Rejects as {@link createNetwork} does. */
export function makeNetwork<
  Scores extends ClassScores | NumberScores = ClassScores,
  Form extends AnyForm = WidthsForm,
>(
  compute: Compute,
  config: NetworkConfig,
  seeds: Seeds,
  saved?: Model,
  metadata?: Metadata,
): Promise<Network<Scores, Form>> {
  lossFunctionOf(config.loss); // Without it there is nothing to train by.
  return withRoom(
    async () =>
      new Network<Scores, Form>(
        await startEngine(compute, config.dtype, largestLayer(config)),
        config,
        seeds,
        saved,
        metadata,
      ),
  );
}

/** Weights of the largest layer. */
function largestLayer(config: NetworkConfig): number {
  const weights = architectureOf(config).parts.map(({ kind, inputs, outputs }) =>
    kind === "dense" ? inputs * outputs : 0,
  );
  return Math.max(0, ...weights);
}
