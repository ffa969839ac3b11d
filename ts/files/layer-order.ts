import { ConfigError, describe, FormatError } from "../errors/errors.js";
import { LENGTH_BYTES } from "./limits.js";
import { inWords, type LinearLayer, transposed } from "./linear-layers.js";

/**
 * In which order a model runs its linear layers: a safetensors file doesn't say it. An order fits where each
 * layer takes what the one before gives, and the widths are layerDims if these are given.
 */

/** Layers in a row whose order among each other is known. */
type Group = readonly LinearLayer[];

/** Steps of a search, before it is given up: 500 layers may have 500! orders. */
const MOST_STEPS = 20_000;

/** Layers of an order that an error shows. */
const MOST_NAMES = 12;

/** A search ends with this number of orders; an error shows them. */
const MOST_ORDERS = 3;

/** Names that a model's last layer or its first one has. */
const OF_THE_LAST = /(^|[._])(out(put)?s?|head|logits|classifier|final|last)\d*$/i;
const OF_THE_FIRST = /(^|[._])(in(put)?s?|first|stem)\d*$/i;

/**
 * The only order that fits. Where names differ in their numbers alone (`fc1`, `fc2`; `net.0`, `net.2`), the
 * numbers ascend, unless no such order fits. Raises ConfigError where several orders fit, FormatError where
 * none does.
 */
export function orderOf(layers: readonly LinearLayer[], layerDims?: readonly number[]): Group {
  const byNumber = ordersOf(numbered(layers), layerDims);
  // Weights that are stored the other way around fit in the reverse order, where no biases tell.
  const isTurned = biasesTell(layers) ? () => false : (order: Group) => looksTurned(order, layers, layerDims);
  const orders = byNumber.length > 0 ? byNumber : ordersOf(singly(layers), layerDims);
  const [order] = orders;
  if (order === undefined) throw noOrder(layers, layerDims);
  if (orders.length > 1) throw ambiguous(orders);
  const [first] = order;
  if (first !== undefined && isTurned(order)) throw transposed(first.weight);
  return order;
}

/** The layers of these names, in this order. Raises ConfigError where one isn't there or doesn't fit. */
export function chosenOrder(
  layers: readonly LinearLayer[],
  names: readonly string[],
  layerDims?: readonly number[],
): Group {
  const order = names.map((name, i) => {
    const layer = layers.find((layer) => layer.name === name || layer.weight.name === name);
    if (layer !== undefined) return layer;
    throw new ConfigError(`layers[${i}]`, `a layer of the file: ${inWords(layers)}`, describe(name));
  });
  const unused = layers.filter((layer) => !order.includes(layer));
  if (unused.length > 0) {
    throw new ConfigError(
      "layers",
      `all layers of the file, or the others in ignore: ${inWords(unused)}`,
      inWords(order),
    );
  }
  if (fits(order, layerDims)) return order;
  const widths = layerDims === undefined ? "" : ` in layerDims ${listed(layerDims)}`;
  throw new ConfigError("layers", `layers that each take what the one before gives${widths}`, inWords(order));
}

function fits(order: Group, layerDims?: readonly number[]): boolean {
  return ordersOf([order], layerDims).length === 1;
}

function noOrder(layers: readonly LinearLayer[], layerDims?: readonly number[]): FormatError {
  const turned = layers.map((layer) => ({ ...layer, inputs: layer.outputs, outputs: layer.inputs }));
  const oblong = layers.find(({ inputs, outputs }) => inputs !== outputs);
  if (oblong !== undefined && !biasesTell(layers) && ordersOf(singly(turned), layerDims).length > 0) {
    return transposed(oblong.weight);
  }
  const expected =
    layerDims === undefined
      ? "linear layers that each take what another gives"
      : `linear layers of the widths ${listed(layerDims)}, as layerDims say`;
  return new FormatError("tensorSet", LENGTH_BYTES, "tensors", expected, inWords(layers));
}

function ambiguous(orders: readonly Group[]): ConfigError {
  const names = (order: Group) => {
    const shown = order.slice(0, MOST_NAMES).map(({ name }) => describe(name));
    return `[${shown.join(", ")}${order.length > MOST_NAMES ? ", …" : ""}]`;
  };
  const candidates = orders.map(names).join(" or ");
  const more = orders.length === MOST_ORDERS ? " or others" : "";
  const expected = `the order of the file's layers, as the model runs them: layers: ${candidates}${more}`;
  return new ConfigError("layers", expected, "none, and their shapes fit in several orders");
}

/** Biases are as many as outputs: do they say of any layer which side its outputs are? */
function biasesTell(layers: readonly LinearLayer[]): boolean {
  return layers.some(({ bias, inputs, outputs }) => bias !== undefined && inputs !== outputs);
}

/** Do names or numbers say that the order is the model's reverse? */
function looksTurned(order: Group, layers: readonly LinearLayer[], layerDims?: readonly number[]): boolean {
  const reverse = [...order].reverse();
  if (order.length < 2 || layerDims?.some((width, l) => width !== layerDims[order.length - l])) return false;
  if (numbered(layers).some((group) => group.length > 1 && isWithin(group, reverse))) return true;
  const [first, last] = [order[0]?.name ?? "", reverse[0]?.name ?? ""];
  return OF_THE_LAST.test(first) || OF_THE_FIRST.test(last);
}

/** Do the group's layers come in this order? */
function isWithin(group: Group, order: Group): boolean {
  const positions = group.map((layer) => order.indexOf(layer));
  return positions.every((position, i) => i === 0 || position > (positions[i - 1] ?? 0));
}

function singly(layers: readonly LinearLayer[]): Group[] {
  return layers.map((layer) => [layer]);
}

/** Layers whose names differ in numbers alone, by these numbers. */
function numbered(layers: readonly LinearLayer[]): Group[] {
  const groups = new Map<string, LinearLayer[]>();
  for (const layer of layers) {
    const form = layer.name.replace(/\d+/g, "#");
    groups.set(form, [...(groups.get(form) ?? []), layer]);
  }
  const numbers = ({ name }: LinearLayer) => [...name.matchAll(/\d+/g)].map(Number);
  const compare = (a: LinearLayer, b: LinearLayer) => {
    const others = numbers(b);
    return (
      numbers(a)
        .map((number, i) => number - (others[i] ?? 0))
        .find((difference) => difference !== 0) ?? 0
    );
  };
  return [...groups.values()].map((group) => group.sort(compare));
}

/** Orders that fit and keep each group's own order: all of them, or MOST_ORDERS. Raises ConfigError after MOST_STEPS. */
function ordersOf(groups: readonly Group[], layerDims?: readonly number[]): Group[] {
  const count = groups.reduce((sum, group) => sum + group.length, 0);
  const found: Group[] = [];
  if (layerDims !== undefined && layerDims.length !== count + 1) return found;
  const taken = groups.map(() => 0);
  const order: LinearLayer[] = [];
  let steps = 0;
  const extend = (width: number | undefined): void => {
    if (order.length === count) found.push([...order]);
    if (steps++ > MOST_STEPS) throw tooMany();
    for (const [g, group] of groups.entries()) {
      const layer = group[taken[g] ?? 0];
      if (layer === undefined || (width !== undefined && layer.inputs !== width)) continue;
      if (layerDims !== undefined && layer.outputs !== layerDims[order.length + 1]) continue;
      taken[g] = (taken[g] ?? 0) + 1;
      order.push(layer);
      extend(layer.outputs);
      order.pop();
      taken[g] = (taken[g] ?? 0) - 1;
      if (found.length === MOST_ORDERS) return;
    }
  };
  extend(layerDims?.[0]);
  return found;
}

function tooMany(): ConfigError {
  const expected = 'the order of the file\'s layers, as the model runs them, such as layers: ["fc1", "fc2"]';
  return new ConfigError("layers", expected, "none, and their shapes fit in too many orders to try");
}

function listed(numbers: readonly number[]): string {
  return `[${numbers.slice(0, 20).join(", ")}${numbers.length > 20 ? ", …" : ""}]`;
}
