// Data sets whose labels are numbers. As in shapes.ts only +, −, ×, ÷ and √ make them.
import type { Random } from "./random.js";
import type { Settings } from "./settings.js";
import { turned } from "./turn.js";

/** What the network is given, and what it is to answer. */
export interface NumberExample {
  readonly x: readonly number[];
  readonly y: number;
}

/** Inputs lie between −REACH and REACH. */
const REACH = 1.9;

type NumberShape = (random: Random, i: number) => NumberExample;

function anywhere(random: Random): number {
  return REACH * (2 * random.uniform() - 1);
}

/** A sine, nearly, of 1¾ periods on a slope. */
const wave: NumberShape = (random) => {
  const x = anywhere(random);
  return { x: [x], y: 1.1 * turned(0.045 * x, 32).y + 0.3 * x };
};

/** A line; every sixth point lies far above it. */
const outliers: NumberShape = (random, i) => {
  const x = anywhere(random);
  const off = i % 6 === 5 ? 1.1 + 0.7 * random.uniform() : 0;
  return { x: [x], y: 0.5 * x - 0.8 + off };
};

/** A hill and a hollow. */
const hills: NumberShape = (random) => {
  const [x, y] = [anywhere(random), anywhere(random)];
  const bump = (left: number, up: number) =>
    1.8 / (1 + 1.6 * ((x - left) * (x - left) + (y - up) * (y - up)));
  return { x: [x, y], y: bump(-0.8, 0.6) - bump(0.9, -0.5) };
};

const NUMBER_SHAPES: Readonly<Record<string, NumberShape>> = { wave, outliers, hills };

/** `settings.examples` examples of a made data set; none of another. */
export function generateNumbers(settings: Settings, random: Random): NumberExample[] {
  const shape = NUMBER_SHAPES[settings.data];
  if (shape === undefined) return [];
  return Array.from({ length: settings.examples }, (_, i) => {
    const { x, y } = shape(random, i);
    return { x, y: y + settings.noise * random.bell() };
  });
}
