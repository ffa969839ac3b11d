import { sharedInstance, threadedInstance } from "../ts/engine/wasm/builds.js";
import type { Instance } from "../ts/engine/wasm/instance.js";
import type { AnyNetwork } from "../ts/network/network.js";

/** The instance that a network computes in, as long as it is the one that networks share. */
export function instanceOf({ config: { dtype }, runtime: { threads } }: AnyNetwork): Promise<Instance> {
  return threads === 1 ? sharedInstance(dtype) : threadedInstance(dtype, threads);
}
