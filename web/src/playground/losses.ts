import {
  LOSSES,
  type Loss,
  type LossName,
  lossOf,
  lossRow,
  type Targets,
} from "../../../ts/catalog/losses.js";
import type { DataSet } from "./data-set.js";
import { lossParameters } from "./parameters.js";
import type { Settings } from "./settings.js";

/** The losses that a data set's labels fit, the usual one first. */
export function fittingLosses({ task, classes }: Pick<DataSet, "task" | "classes">): readonly LossName[] {
  const targets: readonly Targets[] =
    task === "numbers" ? ["numbers"] : classes === 2 ? ["bits", "classes"] : ["classes"];
  const fitting = LOSSES.filter((name) => targets.includes(lossRow(name).targets));
  const isUsual = (name: LossName) => lossOf(lossRow(name).of) === name;
  return [...fitting.filter(isUsual), ...fitting.filter((name) => !isUsual(name))];
}

/** The chosen loss, or where it doesn't fit the usual one. */
export function lossName(chosen: LossName, data: Pick<DataSet, "task" | "classes">): LossName {
  const fitting = fittingLosses(data);
  return fitting.find((name) => name === chosen) ?? fitting[0] ?? chosen;
}

/** The loss of a network that learns this data set. */
export function lossData({ loss, parameters }: Settings, data: DataSet): Loss {
  const type = lossName(loss, data);
  const options = lossParameters(type).flatMap(({ name, option }) => {
    const value = parameters[name];
    return value === undefined ? [] : [[option, value] as const];
  });
  return { type, ...Object.fromEntries(options) } as Loss;
}
