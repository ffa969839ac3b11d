// Writes the TensorFlow.js files of this folder and what their models predict. Made by TensorFlow.js 4.22.0:
//   npm install --no-save @tensorflow/tfjs-core@4 @tensorflow/tfjs-layers@4 @tensorflow/tfjs-backend-cpu@4 && node make-tfjs.mjs
import { mkdirSync, writeFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import * as layers from "@tensorflow/tfjs-layers";

const x = Array.from({ length: 5 }, (_, i) => Array.from({ length: 3 }, (_, j) => Math.sin(3 * i + j) * 2));
const initializer = (seed) => layers.initializers.glorotUniform({ seed });
const sequential = layers.sequential({
  layers: [
    layers.layers.dense({ inputShape: [3], units: 6, activation: "elu", kernelInitializer: initializer(1) }),
    layers.layers.batchNormalization({
      momentum: 0.9,
      betaInitializer: layers.initializers.randomUniform({ seed: 5 }),
    }),
    layers.layers.dropout({ rate: 0.5 }),
    layers.layers.dense({ units: 4, useBias: false, kernelInitializer: initializer(2) }),
    layers.layers.reLU(),
    layers.layers.dense({ units: 3, activation: "softmax", kernelInitializer: initializer(3) }),
  ],
});
const given = layers.input({ shape: [3] });
const hidden = layers.layers
  .dense({ units: 5, activation: "tanh", name: "first", kernelInitializer: initializer(4) })
  .apply(given);
const answer = layers.layers
  .dense({ units: 1, name: "last", kernelInitializer: initializer(6) })
  .apply(hidden);
const functional = layers.model({ inputs: given, outputs: answer });

const outputs = {};
for (const [name, model] of Object.entries({ sequential, functional })) {
  const folder = `tfjs-${name}`;
  mkdirSync(folder, { recursive: true });
  await model.save({
    // As the library's own handler of Node writes it, with the weights in two files.
    async save({ modelTopology, weightSpecs, weightData, format, generatedBy, convertedBy }) {
      const half = 4 * Math.floor(weightData.byteLength / 8);
      const parts = [weightData.slice(0, half), weightData.slice(half)];
      const paths = parts.map((_, i) => `weights${i + 1}.bin`);
      const weightsManifest = [{ paths, weights: weightSpecs }];
      const json = { modelTopology, weightsManifest, format, generatedBy, convertedBy };
      writeFileSync(`${folder}/model.json`, JSON.stringify(json));
      for (const [i, part] of parts.entries()) writeFileSync(`${folder}/${paths[i]}`, new Uint8Array(part));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    },
  });
  outputs[name] = model.predict(tf.tensor2d(x)).arraySync();
}
writeFileSync("tfjs.json", `${JSON.stringify({ x, outputs }, null, 1)}\n`);
