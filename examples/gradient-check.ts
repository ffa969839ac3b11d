// Compares every derivative of backward propagation with a central difference, for two networks.
import { adam, createNetwork, gradientCheck } from "layerwise";

const x = Array.from({ length: 7 }, (_, i) => Array.from({ length: 4 }, (_, j) => Math.sin(4 * i + j)));

const binary = await createNetwork({ layerDims: [4, 6, 5, 1], seed: 1, dtype: "float64" });
const y = [1, 0, 1, 1, 0, 0, 1];
// A step first: where dropout leaves a unit no input, a bias of 0 is a relu's kink, which has no derivative.
binary.trainStep(x, y, { optimizer: adam() });
const ofBinary = gradientCheck(binary, x, y, { l2: 0.1, keepProb: 0.8 });
console.log(`[4, 6, 5, 1] relu, sigmoid; L2 and dropout\n${ofBinary.report()}\n`);

const categorical = await createNetwork({
  layerDims: [4, 6, 5, 3],
  hiddenActivation: "sigmoid",
  outputActivation: "softmax",
  seed: 1,
});
const ofCategorical = gradientCheck(categorical, x, [0, 1, 2, 0, 1, 2, 0]);
console.log(`[4, 6, 5, 3] sigmoid, softmax\n${ofCategorical.report()}`);

binary.dispose();
categorical.dispose();
if (!ofBinary.ok || !ofCategorical.ok) process.exitCode = 1;
