// The generated data sets. Only +, −, ×, ÷ and √ make them, which IEEE 754 fixes to the last bit: Math.sin,
// cos, exp and log may differ between engines, and a link would then not reproduce a run.
import type { Point } from "./points.js";
import { Random } from "./random.js";
import type { Settings } from "./settings.js";
import { type Place, times, turned } from "./turn.js";

/** Makes the i-th of n points, before noise. */
type Shape = (random: Random, i: number, n: number, classes: number) => Point;

const HALF_ROOT_3 = 0.8660254037844386;

/** Where the turn of 360°/K takes (1, 0): cos and sin, to the last bit. */
const TURN: Record<number, Place> = {
  2: { x: -1, y: 0 },
  3: { x: -0.5, y: HALF_ROOT_3 },
  4: { x: 0, y: 1 },
};

const circles: Shape = (random, i) => {
  const label = i % 2;
  const { x, y } = random.direction();
  const radius = label === 0 ? 0.6 : 1.5;
  return { x: x * radius, y: y * radius, label };
};

const moons: Shape = (random, i) => {
  const label = i % 2;
  const { x, y } = random.direction();
  const height = y < 0 ? -y : y;
  const [right, up] = label === 0 ? [x, height] : [1 - x, 0.5 - height];
  return { x: (right - 0.5) * 1.1, y: (up - 0.25) * 1.4, label };
};

/** One arm a class: from the middle out, 1¾ turns. */
const spiral: Shape = (_, i, n, classes) => {
  const label = i % classes;
  const along = Math.floor(i / classes) / Math.max(1, Math.ceil(n / classes) - 1);
  let at: Place = { x: 1, y: 0 };
  for (let k = 0; k < label; k++) at = times(at, TURN[classes] ?? at);
  // Small turns, about 11 radians in all.
  const turns = 64;
  at = turned((5.5 / turns) * along, turns, at);
  const radius = 0.12 + 1.6 * along;
  return { x: at.x * radius, y: at.y * radius, label };
};

const xor: Shape = (random, i) => {
  const label = i % 2;
  const [x, y] = [0.12 + 1.5 * random.uniform(), 0.12 + 1.5 * random.uniform()];
  const left = random.uniform() < 0.5;
  return { x: left ? -x : x, y: left === (label === 0) ? -y : y, label };
};

const gaussians: Shape = (random, i, _, classes) => {
  const label = i % classes;
  let at: Place = { x: 0.75, y: 0.75 };
  for (let k = 0; k < label; k++) at = times(at, TURN[classes] ?? at);
  return { x: at.x + 0.22 * random.bell(), y: at.y + 0.22 * random.bell(), label };
};

const SHAPES: Readonly<Record<string, Shape>> = { circles, moons, spiral, xor, gaussians };

/** `settings.examples` points of a generated shape, in the plane −2 … 2. */
export function generate(settings: Settings): Point[] {
  const random = new Random(settings.seed);
  const shape = SHAPES[settings.data];
  if (shape === undefined) return [];
  const classes = classesOf(settings);
  return Array.from({ length: settings.examples }, (_, i) => {
    const { x, y, label } = shape(random, i, settings.examples, classes);
    return { x: x + settings.noise * random.bell(), y: y + settings.noise * random.bell(), label };
  });
}

/** How many classes a generated data set has. */
function classesOf({ data, classes }: Settings): number {
  return data === "spiral" || data === "gaussians" ? classes : 2;
}
