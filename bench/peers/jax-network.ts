// jax-js on its WebAssembly device: one jitted step with the update written by hand. Each batch is gathered in JavaScript and
// handed over. Its arrays are used up by what takes them, unless `ref` says that there is another use.
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import type { Trainer } from "./answering.js";
import { batchesOf, type Examples, shuffle } from "./batches.js";
import type { Problem } from "./problem.js";

type Layer = [w: np.Array, b: np.Array];

/** Parameters, moments, and how many steps were taken. */
type State = [parameters: Layer[], v: Layer[], s: Layer[], t: np.Array];

/** Binary cross-entropy from logits, its mean. */
function lossOf(parameters: Layer[], features: np.Array, y: np.Array): np.Array {
  let x = features;
  parameters.forEach(([w, b], i) => {
    x = np.matmul(x, np.transpose(w)).add(b);
    if (i < parameters.length - 1) x = nn.relu(x);
  });
  const z = np.ravel(x);
  const each = np.log1p(np.exp(np.negative(np.abs(z.ref))));
  return np.mean(np.maximum(z.ref, 0).sub(z.mul(y)).add(each));
}

const shared = (layers: Layer[]): Layer[] => tree.ref(layers);

function makeStep({ optimizer, learningRate, beta1, beta2, epsilon }: Problem) {
  const loss = valueAndGrad(lossOf);
  return jit((parameters: Layer[], v: Layer[], s: Layer[], t: np.Array, x: np.Array, y: np.Array) => {
    const [value, gradients] = loss(shared(parameters), x, y);
    if (optimizer === "gradientDescent") {
      const descend = (w: np.Array, g: np.Array) => w.sub(g.mul(learningRate));
      return [tree.map(descend, parameters, gradients), v, s, t, value];
    }
    const steps = t.add(1);
    const corrections = [beta1, beta2].map((beta) => np.subtract(1, np.power(beta, steps.ref)));
    const moment = (beta: number) => (moment: np.Array, g: np.Array) => moment.mul(beta).add(g.mul(1 - beta));
    const first = tree.map(moment(beta1), v, tree.ref(gradients));
    const squares = tree.map((g: np.Array) => g.ref.mul(g), gradients);
    const second = tree.map(moment(beta2), s, squares);
    const [one, two] = corrections as [np.Array, np.Array];
    const update = (w: np.Array, a: np.Array, b: np.Array) =>
      w.sub(
        a
          .div(one.ref)
          .mul(learningRate)
          .div(np.sqrt(b.div(two.ref)).add(epsilon)),
      );
    const updated = tree.map(update, parameters, tree.ref(first), tree.ref(second));
    one.dispose();
    two.dispose();
    return [updated, first, second, steps, value];
  });
}

/** Its release. */
export const VERSION = "0.1.25";

/** Loads the device. */
export async function start(): Promise<void> {
  await init("wasm");
  defaultDevice("wasm");
}

export class JaxNetwork implements Trainer {
  readonly #problem: Problem;
  readonly #step: ReturnType<typeof makeStep>;
  readonly #inOrder: Generator<Examples, never>;
  readonly #shuffled: Generator<Examples, never>;
  #state: State;

  constructor(problem: Problem) {
    const { layerDims, weights, biases, batchSize } = problem;
    const parameters = weights.map((w, i): Layer => {
      const shape = [layerDims[i + 1] ?? 0, layerDims[i] ?? 0];
      return [np.array(w).reshape(shape), np.array(biases[i] ?? new Float32Array(0))];
    });
    const zeros = (): Layer[] => tree.map((a: np.Array) => np.zerosLike(a), tree.ref(parameters));
    this.#problem = problem;
    this.#step = makeStep(problem);
    this.#state = [parameters, zeros(), zeros(), np.array(0, { dtype: np.float32 })];
    this.#inOrder = batchesOf(problem, batchSize, Float32Array);
    this.#shuffled = batchesOf(problem, batchSize, Float32Array, shuffle);
  }

  async check(steps: number) {
    const losses: number[] = [];
    for (let i = 0; i < steps; i++) losses.push(Number(await this.#take(this.#inOrder.next().value).data()));
    return { losses };
  }

  async train(steps: number): Promise<void> {
    for (let i = 0; i < steps; i++) this.#take(this.#shuffled.next().value).dispose();
    await blockUntilReady(this.#state);
  }

  #take({ x, y }: Examples): np.Array {
    const rows = this.#problem.batchSize;
    const features = np.array(x as Float32Array).reshape([rows, x.length / rows]);
    const [parameters, v, s, t, loss] = this.#step(...this.#state, features, np.array(y as Float32Array));
    this.#state = [parameters, v, s, t] as State;
    return loss as np.Array;
  }
}
