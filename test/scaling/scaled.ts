import { createNetwork, dense, type Inputs, type ScalingLayer } from "../../ts/index.js";

/** What a scaling layer makes of x: a network of it and an identity. */
export async function scaled(
  layer: ScalingLayer,
  x: Inputs,
  dtype: "float32" | "float64" = "float64",
): Promise<number[][]> {
  const width = layer.method === "quantileNormal" ? layer.quantiles.length : layer.center.length;
  using network = await createNetwork({ inputs: width, layers: [layer, dense(width)], dtype, threads: 1 });
  const identity = Array.from({ length: width }, (_, i) =>
    Array.from({ length: width }, (_, j) => (i === j ? 1 : 0)),
  );
  network.setParameters([{ weights: identity, biases: new Float64Array(width) }]);
  return network.predict(x).toArray();
}
