// Layers give the same bits over threads, and as layerDims the bits of the first form.
import { describe, expect, it } from "vitest";
import { HIDDEN_ACTIVATIONS, type OutputActivation } from "../../ts/catalog/activations.js";
import {
  activation,
  adam,
  batchNorm,
  createNetwork,
  type Dtype,
  dense,
  dropout,
  type Layer,
  layerNorm,
  Matrix,
  residual,
} from "../../ts/index.js";
import { hashOf } from "../closeness.js";
import { Random } from "../random-cases.js";

/** Widths that are no multiples of vector lanes or cache lines, and rows enough that threads share each norm. */
const WIDE: readonly Layer[] = [
  batchNorm(),
  dense(257, { activation: "relu" }),
  layerNorm(),
  dropout({ keepProb: 0.8 }),
  residual([dense(131), batchNorm(), activation("silu"), dropout({ keepProb: 0.7 }), dense(257)]),
  layerNorm(),
  dense(3, { activation: "softmax" }),
];

const random = new Random(5);
const x = Matrix.from(random.rows(401, 65));
const y = Array.from({ length: x.rows }, () => random.below(3));

async function trained(threads: number, dtype: Dtype) {
  using network = await createNetwork({ inputs: 65, layers: WIDE, seed: 7, dtype, threads });
  const { loss } = await network.fit(x, y, { epochs: 2, batchSize: 133, l2: 0.1, optimizer: adam() });
  return { hash: hashOf(network.parameters()), loss, predictions: network.predict(x).data, network };
}

it.each<Dtype>(["float32", "float64"])("threads change no bit of %s", async (dtype) => {
  const { network, ...one } = await trained(1, dtype);
  for (const threads of [2, 3]) {
    const { network: shared, ...more } = await trained(threads, dtype);
    expect(shared.runtime.threads).toBe(threads);
    expect(more).toEqual(one);
  }
});

describe.each<Dtype>(["float32", "float64"])("in %s, dense layers give the bits of layerDims:", (dtype) => {
  const rows = x.toArray().slice(0, 37);
  const targets: Record<OutputActivation, number[] | number[][]> = {
    sigmoid: y.slice(0, 37).map((label) => [label % 2, 1, 0]),
    softmax: y.slice(0, 37),
    linear: rows.map((row) => row.slice(0, 3)),
  };

  const cases = HIDDEN_ACTIVATIONS.flatMap((hidden) =>
    (["sigmoid", "softmax", "linear"] as const).flatMap((output) =>
      [1, 0.75].map((keepProb) => ({ hidden, output, keepProb })),
    ),
  );

  it.each(cases)("$hidden, $output, keepProb $keepProb", async ({ hidden, output, keepProb }) => {
    const initialization = "xavier";
    const common = { seed: 11, dtype, threads: 1 };
    const options = { epochs: 2, batchSize: 8, l2: 0.2, warnings: false } as const;
    using first = await createNetwork({
      ...common,
      layerDims: [65, 9, 17, 3],
      hiddenActivation: hidden,
      outputActivation: output,
      initialization,
    } as Parameters<typeof createNetwork>[0]);
    const drop = keepProb < 1 ? [dropout({ keepProb })] : [];
    using general = await createNetwork({
      ...common,
      inputs: 65,
      layers: [
        dense(9, { activation: hidden, initialization }),
        ...drop,
        // An activation of its own is the same thing.
        dense(17, { initialization }),
        activation(hidden),
        ...drop,
        dense(3, { activation: output, initialization }),
      ],
    });
    expect(hashOf(general.parameters())).toBe(hashOf(first.parameters()));
    const histories = [
      await first.fit(rows, targets[output], { ...options, keepProb, optimizer: adam() }),
      await general.fit(rows, targets[output], { ...options, optimizer: adam() }),
    ];
    expect(histories[1]).toEqual(histories[0]);
    expect(hashOf(general.parameters())).toBe(hashOf(first.parameters()));
    expect(general.predict(rows)).toEqual(first.predict(rows));
  });
});
