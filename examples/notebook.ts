// The notebook's model, by its own options and defaults, on the Breast Cancer Wisconsin data set.
import { mkdirSync, writeFileSync } from "node:fs";
import { trainMlp } from "layerwise";
import { readBreastCancer } from "./breast-cancer.js";
import { confusionMatrix, formatConfusionMatrix } from "./report/confusion-matrix.js";
import { isSaved, learningCurveSvg, learningCurveText } from "./report/learning-curve.js";

const { train, test, classes } = readBreastCancer();
const layerDims = [30, 16, 8, 1];
const options = {
  iterations: 3300,
  learningRate: 0.0075,
  optimizer: "gd",
  initialization: "he",
  regularization: "L2",
  lambd: 0.1,
  saveCostFreq: 100,
  printCostFreq: 500,
} as const;

const { network, costs } = await trainMlp(train.x, train.y, layerDims, options);

const iterations = Array.from({ length: options.iterations }, (_, i) => i + 1);
const savedAt = iterations.filter((iteration) => isSaved(iteration, options.saveCostFreq));
const saved = savedAt.map((step, i) => ({ step, loss: costs[i] ?? Number.NaN }));
const captions = {
  title: `learning rate = ${options.learningRate}`,
  subtitle: `[${layerDims.join(", ")}], Breast Cancer Wisconsin; one cost every ${options.saveCostFreq} iterations`,
  step: "iteration",
  loss: "cost",
};
console.log(`\n${learningCurveText(saved, 80, captions)}\n`);
mkdirSync("out", { recursive: true });
writeFileSync("out/learning-curve-notebook.svg", learningCurveSvg(saved, captions));

const ofTrain = network.evaluate(train.x, train.y);
const ofTest = network.evaluate(test.x, test.y);
console.log(`Accuracy ${ofTrain.accuracy.toFixed(4)} on ${train.y.length} training examples,`);
console.log(`         ${ofTest.accuracy.toFixed(4)} on ${test.y.length} test examples\n`);
const predictions = Array.from(network.predict(test.x).data, (probability) => (probability > 0.5 ? 1 : 0));
console.log(formatConfusionMatrix(confusionMatrix(test.y, predictions, classes.length), classes));
console.log("\nLearning curve: out/learning-curve-notebook.svg");
network.dispose();
