import { type Instance, sharedInstance, threadedInstance } from "../ts/engine/wasm/instance.js";
import type { AnyNetwork } from "../ts/network/network.js";

/** The instance that a network computes in, as long as it is the one that networks share. */
export function instanceOf({ runtime: { threads } }: AnyNetwork): Promise<Instance> {
  return threads === 1 ? sharedInstance() : threadedInstance(threads);
}
