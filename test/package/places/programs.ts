// The programs that places run: ten steps of each kind of kernels on one thread and on two, told as JSON.
import type { Trained } from "../train.js";

/** For Node and what bundles for it. */
export const NODE = `
  import * as layerwise from "layerwise";
  import { trainEach } from "./train.js";
  const trained = async () => [...(await trainEach(layerwise, 1)), ...(await trainEach(layerwise, 2))];
  trained().then((all) => console.log(JSON.stringify(all)), (error) => { console.error(error); process.exit(1); });
`;

export const INLINE = NODE.replace('"layerwise"', '"layerwise/inline"');

export const REQUIRE = `
  const layerwise = require("layerwise");
  const { trainEach } = require("./train.cjs");
  const trained = async () => [...(await trainEach(layerwise, 1)), ...(await trainEach(layerwise, 2))];
  trained().then((all) => console.log(JSON.stringify(all)), (error) => { console.error(error); process.exit(1); });
`;

/** For pages: on the page's main thread, and in a worker with one thread and with two. */
export const PAGE = {
  "index.html": `<!doctype html><title>app</title><script type="module" src="./app.js"></script>`,
  "app.js": `
    import * as layerwise from "layerwise";
    import { trainEach } from "./train.js";
    const inWorker = (threads) => new Promise((resolve) => {
      const worker = new Worker(new URL("./app-worker.js", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => resolve(["the worker failed: " + message]);
      worker.postMessage(threads);
    });
    (async () => {
      const here = await trainEach(layerwise, 1).catch((error) => [String(error)]);
      globalThis.results = [...here, ...(await inWorker(1)), ...(await inWorker(2))];
    })();
  `,
  "app-worker.js": `
    import * as layerwise from "layerwise";
    import { trainEach } from "./train.js";
    onmessage = async ({ data }) =>
      postMessage(await trainEach(layerwise, data).catch((error) => [String(error)]));
  `,
};

/** The same without a worker, in a page of which nothing is asked. */
export const MAIN_THREAD = `
  import * as layerwise from "layerwise";
  import { trainEach } from "./train.js";
  const found = trainEach(layerwise, 1).catch((error) => [String(error)]);
  found.then((trained) => { globalThis.results = trained; });
`;

/** The same for a script that isn't a module. */
export const MAIN_THREAD_REQUIRE = `
  const found = require("./train.cjs").trainEach(require("layerwise"), 1).catch((error) => [String(error)]);
  found.then((trained) => { globalThis.results = trained; });
`;

/** What a program printed last. */
export function printed(output: string): Trained[] {
  const line = output.trim().split("\n").at(-1) ?? "";
  return JSON.parse(line);
}
