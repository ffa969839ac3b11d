import { afterEach } from "vitest";
import { createNetwork, type Network } from "../ts/index.js";
import type { AnyNetwork } from "../ts/network/network.js";

const networks: AnyNetwork[] = [];

afterEach(() => {
  for (const network of networks.splice(0)) network.dispose();
});

/** The network, which is disposed of after the test. */
export function made<Made extends AnyNetwork>(network: Made): Made {
  networks.push(network);
  return network;
}

/** A network of 4 inputs and 5 hidden units, made so. */
export async function small(options: object = {}): Promise<Network> {
  return made(await createNetwork({ layerDims: [4, 5, 1], seed: 7, ...options }));
}
