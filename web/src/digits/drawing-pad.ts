import { context2d, followSize } from "../canvas-size.js";
import { onThemeChange, themeColor } from "../theme.js";
import type { Place, Stroke } from "./centre.js";

/** The pen's width as a share of the pad's. */
const PEN = 0.07;

/** A square on which a digit is drawn by mouse, pen or finger. */
export class DrawingPad {
  readonly #canvas: HTMLCanvasElement;
  readonly #onDrawn: (strokes: readonly Stroke[]) => void;
  #strokes: Place[][] = [];

  constructor(canvas: HTMLCanvasElement, onDrawn: (strokes: readonly Stroke[]) => void) {
    this.#canvas = canvas;
    this.#onDrawn = onDrawn;
    canvas.addEventListener("pointerdown", (event) => this.#pressed(event));
    canvas.addEventListener("pointermove", (event) => this.#moved(event));
    followSize(canvas, () => this.#draw());
    onThemeChange(() => this.#draw());
  }

  clear(): void {
    this.#strokes = [];
    this.#changed();
  }

  #pressed(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    this.#canvas.setPointerCapture(event.pointerId);
    this.#strokes.push([this.#placeOf(event)]);
    this.#changed();
  }

  #moved(event: PointerEvent): void {
    if (!this.#canvas.hasPointerCapture(event.pointerId)) return;
    const coalesced = event.getCoalescedEvents?.() ?? [];
    const places = (coalesced.length > 0 ? coalesced : [event]).map((each) => this.#placeOf(each));
    this.#strokes.at(-1)?.push(...places);
    this.#changed();
  }

  #changed(): void {
    this.#draw();
    this.#onDrawn(this.#strokes);
  }

  #draw(): void {
    const context = context2d(this.#canvas);
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    context.clearRect(0, 0, width, height);
    if (this.#strokes.length === 0) {
      context.font = "15px system-ui, sans-serif";
      context.textAlign = "center";
      context.fillStyle = themeColor("--muted");
      context.fillText("Draw here", width / 2, height / 2);
    }
    context.strokeStyle = themeColor("--text");
    context.lineWidth = PEN * width;
    context.lineCap = "round";
    context.lineJoin = "round";
    for (const stroke of this.#strokes) {
      context.beginPath();
      for (const { x, y } of stroke) context.lineTo(x * width, y * height);
      const [only] = stroke;
      if (stroke.length === 1 && only !== undefined) context.lineTo(only.x * width + 0.01, only.y * height);
      context.stroke();
    }
  }

  #placeOf({ clientX, clientY }: PointerEvent): Place {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  }
}
