import { context2d, followSize } from "../canvas-size.js";
import { onThemeChange, themeRgb } from "../theme.js";
import type { DataSet } from "./data-set.js";
import { magnify } from "./magnify.js";
import { GRID } from "./plane.js";
import { levelOf, valueRgbs } from "./value-colors.js";

const CLASS_COLORS = ["--class-0", "--class-1", "--class-2", "--class-3"] as const;

/** How much of a class's colour the plane takes on: where the network is in doubt, and where it is sure. */
const FAINTEST = 0.03;
const STRONGEST = 0.6;

/** Pixels of the picture a cell of the grid. */
const MAGNIFICATION = 3;
const SIDE = GRID * MAGNIFICATION;

/** The plane, coloured by what the network answers there: by the likeliest class, or by the number. */
export class BoundaryView {
  readonly #canvas: HTMLCanvasElement;
  readonly #picture = document.createElement("canvas");
  #answers: Float32Array = new Float32Array(0);
  /** The smallest and the largest number, where the answers are numbers. */
  #range: DataSet["range"] | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#picture.width = SIDE;
    this.#picture.height = SIDE;
    followSize(canvas, () => this.#paint());
    onThemeChange(() => this.show(this.#answers, this.#range));
  }

  /**
   * @param answers - GRID × GRID times one probability (of class 1), or one per class, or one number
   * @param range - of the numbers, where they are numbers
   */
  show(answers: Float32Array, range: DataSet["range"] | undefined): void {
    this.#answers = answers;
    this.#range = range;
    const outputs = answers.length / (GRID * GRID);
    if (outputs === 0) return;
    const context = context2d(this.#picture);
    const image = context.createImageData(SIDE, SIDE);
    if (range === undefined) this.#colorClasses(image, answers, outputs);
    else this.#colorNumbers(image, answers, range);
    context.putImageData(image, 0, 0);
    this.#paint();
  }

  #colorNumbers(image: ImageData, answers: Float32Array, range: DataSet["range"]): void {
    const bytes = new Uint8ClampedArray(valueRgbs().flatMap((channels) => [...channels, 255]));
    const shades = new Uint32Array(bytes.buffer);
    const pixels = new Uint32Array(image.data.buffer);
    magnify(answers, GRID, 1, MAGNIFICATION).forEach((value, pixel) => {
      pixels[pixel] = shades[levelOf(value, range)] ?? 0;
    });
  }

  #colorClasses(image: ImageData, answers: Float32Array, outputs: number): void {
    const classes = Math.max(2, outputs);
    const shades = shadesOf(classes);
    const shares = magnify(answers, GRID, outputs, MAGNIFICATION);
    const pixels = new Uint32Array(image.data.buffer);
    for (let pixel = 0; pixel < pixels.length; pixel++) {
      let likeliest = 0;
      let share = 0;
      if (outputs === 1) {
        const one = shares[pixel] ?? 0;
        likeliest = one > 0.5 ? 1 : 0;
        share = one > 0.5 ? one : 1 - one;
      } else {
        for (let label = 0; label < outputs; label++) {
          const each = shares[pixel * outputs + label] ?? 0;
          if (each > share) [likeliest, share] = [label, each];
        }
      }
      const sureness = Math.max(0, (share * classes - 1) / (classes - 1));
      pixels[pixel] = shades[likeliest * STRENGTHS + Math.round(sureness * (STRENGTHS - 1))] ?? 0;
    }
  }

  /** An empty plane. */
  clear(): void {
    this.#answers = new Float32Array(0);
    context2d(this.#picture).clearRect(0, 0, SIDE, SIDE);
    this.#paint();
  }

  #paint(): void {
    const context = context2d(this.#canvas);
    context.clearRect(0, 0, this.#canvas.clientWidth, this.#canvas.clientHeight);
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#picture, 0, 0, this.#canvas.clientWidth, this.#canvas.clientHeight);
  }
}

const STRENGTHS = 64;

/** Each class's colour in STRENGTHS strengths, as the four bytes of a pixel. */
function shadesOf(classes: number): Uint32Array {
  const ground = themeRgb("--plane");
  const bytes = new Uint8ClampedArray(4 * STRENGTHS * classes);
  CLASS_COLORS.slice(0, classes).forEach((name, label) => {
    const color = themeRgb(name);
    for (let level = 0; level < STRENGTHS; level++) {
      const strength = FAINTEST + ((STRONGEST - FAINTEST) * level) / (STRENGTHS - 1);
      const mixed = ground.map((from, channel) => from + strength * ((color[channel] ?? 0) - from));
      bytes.set([...mixed, 255], 4 * (label * STRENGTHS + level));
    }
  });
  return new Uint32Array(bytes.buffer);
}
