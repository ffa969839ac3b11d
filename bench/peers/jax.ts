// jax-js in Node, which gives its device one thread.
import { JaxNetwork, start, VERSION } from "./jax-network.js";
import { serve } from "./serve.js";

await start();
await serve({ version: VERSION, dtype: "float32", threads: 1 }, (problem) => new JaxNetwork(problem));
