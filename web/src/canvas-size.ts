/** Keeps a canvas as sharp as the screen is: `draw` is called with its size in CSS pixels whenever that changes. */
export function followSize(canvas: HTMLCanvasElement, draw: (width: number, height: number) => void): void {
  new ResizeObserver(() => {
    const { clientWidth, clientHeight } = canvas;
    if (clientWidth === 0) return; // in a hidden tab
    canvas.width = Math.round(clientWidth * devicePixelRatio);
    canvas.height = Math.round(clientHeight * devicePixelRatio);
    context2d(canvas).setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    draw(clientWidth, clientHeight);
  }).observe(canvas);
}

export function context2d(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("canvas: expected a 2-D context, got none");
  return context;
}
