import { HALF_WIDTH } from "./plane.js";
import { MAX_POINTS, onGrid, type Point } from "./points.js";

/** While the pointer is dragged, points are at least this far apart. */
const SPACING = 0.16;

/** How far an arrow key moves the cursor; with Shift, ten times less. */
const KEY_STEP = 0.2;

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

export interface PointEditorEvents {
  /** The class that new points get. */
  chosenClass(): number;
  /** Points were added or taken away; `done`: and no more follow at once. */
  changed(points: readonly Point[], done: boolean): void;
  /** Where the keyboard's cursor is; undefined: nowhere. */
  cursorMoved(cursor: Point | undefined): void;
}

/** Points drawn on the plane by mouse, finger or keyboard. */
export class PointEditor {
  readonly #canvas: HTMLCanvasElement;
  readonly #events: PointEditorEvents;
  #points: readonly Point[];
  #cursor = { x: 0, y: 0 };
  #enabled = false;

  constructor(canvas: HTMLCanvasElement, points: readonly Point[], events: PointEditorEvents) {
    this.#canvas = canvas;
    this.#points = points;
    this.#events = events;
    canvas.addEventListener("pointerdown", (event) => this.#pressed(event));
    canvas.addEventListener("pointermove", (event) => this.#moved(event));
    canvas.addEventListener("pointerup", (event) => this.#released(event));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("focus", () => this.#showCursor());
    canvas.addEventListener("blur", () => events.cursorMoved(undefined));
  }

  /** Whether points can be drawn now; otherwise the plane is only a picture. */
  set enabled(enabled: boolean) {
    this.#enabled = enabled;
    this.#canvas.classList.toggle("drawable", enabled);
    this.#canvas.tabIndex = enabled ? 0 : -1;
    this.#canvas.setAttribute("role", enabled ? "application" : "img");
    if (!enabled) this.#events.cursorMoved(undefined);
  }

  get points(): readonly Point[] {
    return this.#points;
  }

  replace(points: readonly Point[]): void {
    this.#points = points;
    this.#events.changed(points, true);
  }

  undo(): void {
    this.replace(this.#points.slice(0, -1));
  }

  #pressed(event: PointerEvent): void {
    if (!this.#enabled || event.button !== 0) return;
    event.preventDefault();
    this.#canvas.setPointerCapture(event.pointerId);
    this.#add(this.#placeOf(event), false);
  }

  #moved(event: PointerEvent): void {
    if (!this.#canvas.hasPointerCapture(event.pointerId)) return;
    const place = this.#placeOf(event);
    const last = this.#points.at(-1);
    if (last === undefined || Math.hypot(place.x - last.x, place.y - last.y) >= SPACING)
      this.#add(place, false);
  }

  #released(event: PointerEvent): void {
    if (!this.#canvas.hasPointerCapture(event.pointerId)) return;
    this.#canvas.releasePointerCapture(event.pointerId);
    this.#events.changed(this.#points, true);
  }

  #key(event: KeyboardEvent): void {
    if (!this.#enabled) return;
    const arrow = ARROWS[event.key];
    if (arrow !== undefined) {
      const step = event.shiftKey ? KEY_STEP / 10 : KEY_STEP;
      const limited = (value: number) => Math.max(-1.9, Math.min(1.9, value));
      this.#cursor = {
        x: limited(this.#cursor.x + step * arrow[0]),
        y: limited(this.#cursor.y + step * arrow[1]),
      };
      this.#showCursor();
    } else if (event.key === "Enter" || event.key === " ") this.#add(this.#cursor, true);
    else if (event.key === "Backspace") this.undo();
    else return;
    event.preventDefault();
  }

  #add(place: { x: number; y: number }, done: boolean): void {
    if (this.#points.length >= MAX_POINTS) return;
    this.#points = [...this.#points, onGrid({ ...place, label: this.#events.chosenClass() })];
    this.#events.changed(this.#points, done);
  }

  #showCursor(): void {
    if (this.#enabled && this.#canvas.matches(":focus-visible")) {
      this.#events.cursorMoved({ ...this.#cursor, label: this.#events.chosenClass() });
    }
  }

  #placeOf({ clientX, clientY }: PointerEvent): { x: number; y: number } {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    return {
      x: ((clientX - left) / width) * 2 * HALF_WIDTH - HALF_WIDTH,
      y: HALF_WIDTH - ((clientY - top) / height) * 2 * HALF_WIDTH,
    };
  }
}
