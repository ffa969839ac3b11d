// A peer in a worker of a page, where it may wait for its own workers.
import { answering } from "../answering.js";
import type { Answer, Hello, Request } from "../protocol.js";

/** The first message: who it is, and on how many threads. */
interface Start {
  readonly peer: "jax-js" | "layerwise";
  readonly threads: number;
}

let answer: ((request: Request) => Promise<Answer>) | undefined;

globalThis.onmessage = async ({ data }: MessageEvent<Start & Request>) => {
  postMessage(answer === undefined ? await start(data) : await answer(data));
};

async function start({ peer, threads }: Start): Promise<Hello> {
  if (threads > 1 && !crossOriginIsolated) return { absent: "the page isn't isolated" };
  if (peer === "layerwise") {
    const { LayerwiseNetwork, VERSION } = await import("../layerwise-network.js");
    answer = answering((problem) => LayerwiseNetwork.create(problem, threads));
    return { version: VERSION, dtype: "float32", threads };
  }
  // jax-js takes as many threads as there are, and one where memory can't be shared.
  if (threads === 1) Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
  else Object.defineProperty(navigator, "hardwareConcurrency", { value: threads });
  const { JaxNetwork, start, VERSION } = await import("../jax-network.js");
  await start();
  answer = answering((problem) => new JaxNetwork(problem));
  return { version: VERSION, dtype: "float32", threads };
}
