// The programs that places run: ten steps each on one thread and on two, told as JSON.
import type { Trained } from "../train.js";

/** For Node and what bundles for it. */
export const NODE = `
  import * as layerwise from "layerwise";
  import { train } from "./train.js";
  const trained = async () => [await train(layerwise, 1), await train(layerwise, 2)];
  trained().then((all) => console.log(JSON.stringify(all)), (error) => { console.error(error); process.exit(1); });
`;

export const INLINE = NODE.replace('"layerwise"', '"layerwise/inline"');

export const REQUIRE = `
  const layerwise = require("layerwise");
  const { train } = require("./train.cjs");
  const trained = async () => [await train(layerwise, 1), await train(layerwise, 2)];
  trained().then((all) => console.log(JSON.stringify(all)), (error) => { console.error(error); process.exit(1); });
`;

/** For pages: on the page's main thread, and in a worker with one thread and with two. */
export const PAGE = {
  "index.html": `<!doctype html><title>app</title><script type="module" src="./app.js"></script>`,
  "app.js": `
    import * as layerwise from "layerwise";
    import { train } from "./train.js";
    const inWorker = (threads) => new Promise((resolve) => {
      const worker = new Worker(new URL("./app-worker.js", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => resolve("the worker failed: " + message);
      worker.postMessage(threads);
    });
    (async () => {
      globalThis.results = [await train(layerwise, 1).catch(String), await inWorker(1), await inWorker(2)];
    })();
  `,
  "app-worker.js": `
    import * as layerwise from "layerwise";
    import { train } from "./train.js";
    onmessage = async ({ data }) => postMessage(await train(layerwise, data).catch(String));
  `,
};

/** The same without a worker, in a page of which nothing is asked. */
export const MAIN_THREAD = `
  import * as layerwise from "layerwise";
  import { train } from "./train.js";
  train(layerwise, 1).catch(String).then((trained) => { globalThis.results = [trained]; });
`;

/** What a program printed last. */
export function printed(output: string): Trained[] {
  const line = output.trim().split("\n").at(-1) ?? "";
  return JSON.parse(line);
}
