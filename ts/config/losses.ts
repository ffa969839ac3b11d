import { type Activation, OUTPUT_ACTIVATIONS } from "../catalog/activations.js";
import {
  CUSTOM_LOSS,
  type CustomLoss,
  LOSS_ROWS,
  LOSSES,
  type Loss,
  type LossParameter,
  lossName,
  lossOf,
  lossRow,
} from "../catalog/losses.js";
import { ConfigError, describe } from "../errors/errors.js";
import { unknownKey } from "./unknown-option.js";
import { checkBoolean, checkChoice, checkNumber } from "./validation.js";

/**
 * A loss in the one form that it has in a configuration: its name where all parameters are the defaults, else frozen
 * data with every parameter. `undefined` is the last activation's own. Raises ConfigError.
 */
export function resolveLoss(loss: unknown, last: Activation): Loss {
  const output = OUTPUT_ACTIVATIONS.find((name) => name === last) ?? "linear";
  const resolved = loss === undefined ? lossOf(output) : checkLoss("loss", loss);
  const name = lossName(resolved);
  const { of } = lossRow(resolved);
  // A loss of plain numbers takes what an activation made, each from one; a softmax makes all of all.
  if (of === output || (of === "linear" && last !== "softmax")) return resolved;
  const fitting = LOSSES.filter((other) => LOSS_ROWS[other].of === output);
  const names = fitting.map((other) => `"${other}"`).join(" or ");
  throw new ConfigError("loss", `${names} with outputActivation "${last}"`, describe(name));
}

/** The same of a loss that is given. Raises ConfigError. */
export function checkLoss(path: string, loss: unknown): Loss {
  if (typeof loss !== "object" || loss === null || Array.isArray(loss)) {
    return checkChoice(path, loss, LOSSES);
  }
  const given: Readonly<Record<string, unknown>> = { ...loss };
  if (given.type === CUSTOM_LOSS) return checkCustom(path, loss, given);
  const type = checkChoice(`${path}.type`, given.type, LOSSES);
  const { parameters }: { readonly parameters: readonly LossParameter[] } = LOSS_ROWS[type];
  const names = ["type", ...parameters.map(({ name }) => name)];
  for (const key of Object.keys(given)) {
    if (!names.includes(key)) throw unknownKey(path, key, names);
  }
  const values = parameters.map((row) => checkParameter(`${path}.${row.name}`, given[row.name], row));
  if (parameters.every((row, i) => values[i] === row.default)) return type;
  const entries = parameters.map(({ name }, i) => [name, values[i]]);
  return Object.freeze({ type, ...Object.fromEntries(entries) });
}

/** One's own, as it was made: a function may belong to it. */
function checkCustom(path: string, loss: object, given: Readonly<Record<string, unknown>>): CustomLoss {
  for (const key of Object.keys(given)) {
    if (key !== "type" && key !== "name") throw unknownKey(path, key, ["type", "name"]);
  }
  const name = checkLossName(`${path}.name`, given.name);
  return Object.isFrozen(loss) ? (loss as CustomLoss) : Object.freeze({ type: CUSTOM_LOSS, name });
}

/** The name of a loss of one's own. Raises ConfigError. */
export function checkLossName(path: string, name: unknown): string {
  if (typeof name === "string" && name.length > 0 && name.length <= LONGEST_NAME) return name;
  throw new ConfigError(path, `a text of 1 to ${LONGEST_NAME} characters`, describe(name));
}

const LONGEST_NAME = 64;

/** A parameter's value, where it is `undefined` its default. Raises ConfigError. */
export function checkParameter(path: string, value: unknown, row: LossParameter): number | boolean {
  if (value === undefined) return row.default;
  return "range" in row ? checkNumber(path, value, ...row.range) : checkBoolean(path, value);
}
