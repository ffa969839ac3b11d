// node trainings.mjs native|wasm: a line for each training, with the digest of its losses and parameters.
import { createHash } from "node:crypto";
import {
  adam,
  batchNorm,
  createNetwork,
  dense,
  dropout,
  layerNorm,
  momentum,
  residual,
} from "../../dist/index.js";

const [engine] = process.argv.slice(2);
const ROWS = 200;
const INPUTS = 37;

/** Numbers that need no Math. */
const x = Array.from({ length: ROWS }, (_, i) =>
  Array.from({ length: INPUTS }, (_, j) => (((i + 1) * (j + 3) * 7919) % 1009) / 504.5 - 1),
);
const y = x.map((_, i) => (i * 31) % 3);

const NETWORKS = {
  relu: { layerDims: [INPUTS, 33, 17, 3], outputActivation: "softmax" },
  many: {
    inputs: INPUTS,
    layers: [
      ...[dense(40, { activation: "gelu" }), batchNorm(), dropout({ keepProb: 0.8 })],
      ...[residual([dense(40, { activation: "mish" }), layerNorm()]), dense(21, { activation: "tanh" })],
      dense(3, { activation: "softmax" }),
    ],
  },
};
const RULES = { adam, momentum };

for (const dtype of ["float32", "float64"]) {
  for (const threads of [1, 3]) {
    for (const [name, form] of Object.entries(NETWORKS)) {
      for (const [rule, make] of Object.entries(RULES)) {
        const network = await createNetwork({ ...form, dtype, threads, engine, seed: 3 });
        if (network.runtime.backend !== engine) throw new Error(network.runtime.backendReason);
        const options = { epochs: 20, batchSize: 8, l2: 0.01, optimizer: make(), warnings: false };
        const { loss } = await network.fit(x, y, options);
        const digest = createHash("sha256").update(network.toBytes()).update(loss.join()).digest("hex");
        console.log(`${dtype}, ${threads} threads, ${name}, ${rule}: ${digest}`);
        network.dispose();
      }
    }
  }
}
