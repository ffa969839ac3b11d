import { CUSTOM_LOSS, type CustomLoss, type Loss } from "../catalog/losses.js";
import { checkLossName } from "../config/losses.js";
import { readOptions } from "../config/validation.js";
import type { Matrix } from "../data/matrix.js";
import type { Numbers } from "../data/numbers.js";
import { ConfigError, describe } from "../errors/errors.js";

/** What a loss of one's own gives for a batch. */
export interface ValueAndGradient {
  /** The batch's loss: a mean over its examples, if `fit`'s history and learning rates are to be what they are with other losses. */
  readonly value: number;
  /** ∂ value / ∂ outputs, m × n as the outputs are: a Matrix, rows, or m·n numbers row by row. A 1/m in the value is in it too. */
  readonly gradient: Matrix | Numbers | readonly Numbers[];
}

/**
 * The loss of a batch and its gradient by the network's outputs. Copies come in, which it may keep and change.
 * @param outputs - m × n: what `predict` gives of these examples
 * @param targets - m × n: y in the network's dtype
 * @param weights - w of each example, undefined where all weigh 1: what it makes of them is its own affair
 */
export type LossFunction = (
  outputs: Matrix,
  targets: Matrix,
  weights: Float64Array | undefined,
) => ValueAndGradient;

export interface CustomLossOptions {
  /** Called once a step, and for the value alone once an evaluation, with all examples. It must not return a promise. */
  readonly valueAndGradient: LossFunction;
  /** What configurations, files and errors call it: 1 to 64 characters. Default "custom". */
  readonly name?: string;
}

/** The functions behind the data: these stay plain, and a function is in no JSON, no file and no worker. */
const functions = new WeakMap<object, LossFunction>();

/**
 * A loss of one's own, a function of the outputs: frozen data `{ type: "custom", name }`, beside which the function is
 * remembered. Of any last activation but softmax, whose values it sees; targets are numbers, one for each unit.
 * Raises ConfigError.
 */
export function custom(options: CustomLossOptions): CustomLoss {
  const { valueAndGradient, name = CUSTOM_LOSS } = readOptions(CUSTOM_LOSS, "options", options);
  if (typeof valueAndGradient !== "function") {
    const expected = "a function (outputs, targets, weights) → { value, gradient }";
    throw new ConfigError("valueAndGradient", expected, describe(valueAndGradient));
  }
  const data = Object.freeze({ type: CUSTOM_LOSS, name: checkLossName("name", name) });
  functions.set(data, valueAndGradient);
  return data;
}

/** The function of a loss of one's own; of others undefined. Raises ConfigError where only its data are left. */
export function lossFunctionOf(loss: Loss): LossFunction | undefined {
  if (typeof loss === "string" || loss.type !== CUSTOM_LOSS) return undefined;
  const found = functions.get(loss);
  if (found !== undefined) return found;
  const expected = `custom({ valueAndGradient, name: ${describe(loss.name)} }), made by this program: functions cross into no JSON, no file and no worker`;
  throw new ConfigError("loss", expected, "its data alone");
}
