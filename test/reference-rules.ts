// Every update rule again, a parameter at a time in float64.
import type { UpdateRule } from "../ts/catalog/optimizers.js";
import { at, type ReferenceLayer } from "./reference.js";

/** A rule's hyperparameters, by their options. */
export type ReferenceOptions = Readonly<Record<string, number>>;

export interface ReferenceRule {
  readonly rule: UpdateRule;
  readonly options: ReferenceOptions;
}

/** Of one parameter, before its first update. */
const NEW_MOMENTS = { v: 0, s: 0, u: 0, product: 1 };

export type Moments = typeof NEW_MOMENTS;

/** The next value of `w` in its update number t (from 1) by the gradient g; the moments become those after it. */
type Formula = (options: ReferenceOptions, t: number, moments: Moments, w: number, g: number) => number;

/** An option that a test forgot makes everything NaN. */
const none = Number.NaN;

function adam(
  { learningRate = none, beta1 = none, beta2 = none, epsilon = none }: ReferenceOptions,
  t: number,
  moments: Moments,
  w: number,
  g: number,
): number {
  moments.v = beta1 * moments.v + (1 - beta1) * g;
  moments.s = beta2 * moments.s + (1 - beta2) * g * g;
  const v = moments.v / (1 - beta1 ** t);
  const s = moments.s / (1 - beta2 ** t);
  return w - (learningRate * v) / (Math.sqrt(s) + epsilon);
}

const FORMULAS: Readonly<Record<UpdateRule, Formula>> = {
  gradientDescent: ({ learningRate = none }, _t, _moments, w, g) => w - learningRate * g,
  momentum: ({ learningRate = none, beta = none, nesterov = none }, _t, moments, w, g) => {
    moments.v = beta * moments.v + (1 - beta) * g;
    return w - learningRate * (nesterov === 1 ? beta * moments.v + (1 - beta) * g : moments.v);
  },
  sgd: ({ learningRate = none, momentum = none, nesterov = none }, _t, moments, w, g) => {
    moments.u = momentum * moments.u + g;
    return w - learningRate * (nesterov === 1 ? momentum * moments.u + g : moments.u);
  },
  adam,
  adamW: adam,
  nadam: (
    { learningRate = none, beta1 = none, beta2 = none, epsilon = none, momentumDecay = none },
    t,
    moments,
    w,
    g,
  ) => {
    const mu = (step: number) => beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay));
    moments.product *= mu(t);
    moments.v = beta1 * moments.v + (1 - beta1) * g;
    moments.s = beta2 * moments.s + (1 - beta2) * g * g;
    const { product, v, s } = moments;
    const ahead = ((1 - mu(t)) * g) / (1 - product) + (mu(t + 1) * v) / (1 - product * mu(t + 1));
    return w - (learningRate * ahead) / (Math.sqrt(s / (1 - beta2 ** t)) + epsilon);
  },
  adaGrad: ({ learningRate = none, epsilon = none }, _t, moments, w, g) => {
    moments.s += g * g;
    return w - (learningRate * g) / (Math.sqrt(moments.s) + epsilon);
  },
  rmsProp: (
    { learningRate = none, decay = none, epsilon = none, momentum = none, centered = none },
    _t,
    moments,
    w,
    g,
  ) => {
    moments.s = decay * moments.s + (1 - decay) * g * g;
    moments.v = decay * moments.v + (1 - decay) * g;
    const underRoot = centered === 1 ? Math.max(0, moments.s - moments.v ** 2) : moments.s;
    moments.u = momentum * moments.u + g / (Math.sqrt(underRoot) + epsilon);
    return w - learningRate * moments.u;
  },
  lion: ({ learningRate = none, beta1 = none, beta2 = none }, _t, moments, w, g) => {
    const direction = beta1 * moments.v + (1 - beta1) * g;
    moments.v = beta2 * moments.v + (1 - beta2) * g;
    return w - learningRate * Math.sign(direction);
  },
};

/** One parameter after these gradients, of which none decays. */
export function plainUpdates(
  { rule, options }: ReferenceRule,
  start: number,
  gradients: readonly number[],
): number {
  const moments = { ...NEW_MOMENTS };
  return gradients.reduce((w, g, step) => FORMULAS[rule](options, step + 1, moments, w, g), start);
}

/** An update rule with its moments, which belong to one network. */
export class ReferenceOptimizer {
  #t = 0;
  readonly #rule: ReferenceRule;
  readonly #moments = new Map<string, Moments>();

  constructor(rule: ReferenceRule) {
    this.#rule = rule;
  }

  /** The layers after one update. */
  update(layers: readonly ReferenceLayer[], gradients: readonly ReferenceLayer[]): ReferenceLayer[] {
    this.#t += 1;
    const { learningRate = none, weightDecay = 0 } = this.#rule.options;
    const kept = 1 - learningRate * weightDecay;
    return layers.map(({ weights, biases }, l) => ({
      weights: weights.map((w, j) =>
        w.map((wjk, k) => this.#next(`W${l},${j},${k}`, kept * wjk, at(at(at(gradients, l).weights, j), k))),
      ),
      biases: biases.map((b, j) => this.#next(`b${l},${j}`, b, at(at(gradients, l).biases, j))),
    }));
  }

  #next(parameter: string, value: number, g: number): number {
    const moments = this.#moments.get(parameter) ?? { ...NEW_MOMENTS };
    this.#moments.set(parameter, moments);
    const { rule, options } = this.#rule;
    return FORMULAS[rule](options, this.#t, moments, value, g);
  }
}
