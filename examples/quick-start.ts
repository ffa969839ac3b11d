import { adam, createNetwork } from "layerwise";

// Two moons: 200 points in the plane, those of the upper one labelled 1.
const labels = Array.from({ length: 200 }, (_, i) => i % 2);
const points = labels.map((upper, i) => {
  const [x, y] = [Math.cos((Math.PI * i) / 200), Math.sin((Math.PI * i) / 200)];
  return upper === 1 ? [x, y] : [1 - x, 0.5 - y];
});

const network = await createNetwork({ layerDims: [2, 16, 16, 1] });
await network.fit(points, labels, { epochs: 50, batchSize: 20, optimizer: adam({ learningRate: 0.01 }) });
const { loss, accuracy } = network.evaluate(points, labels);
console.log(`loss ${loss.toFixed(4)}, accuracy ${accuracy}`);
const [upper] = network.predict([[0, 0.9]]).data;
console.log(`(0, 0.9) is on the upper moon with probability ${upper?.toFixed(3)}`);
network.dispose();
