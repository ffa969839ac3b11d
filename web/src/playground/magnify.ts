/**
 * A side × side grid of `channels` numbers, `factor` times as fine both ways, by bilinear interpolation.
 * Interpolating the network's answers, and not their colours, keeps boundaries smooth.
 */
export function magnify(grid: Float32Array, side: number, channels: number, factor: number): Float32Array {
  const fine = side * factor;
  const wide = new Float32Array(side * fine * channels);
  const result = new Float32Array(fine * fine * channels);
  const places = Array.from({ length: fine }, (_, i) => placeOf(i, side, factor));
  for (let row = 0; row < side; row++) {
    places.forEach(({ before, after, share }, col) => {
      for (let channel = 0; channel < channels; channel++) {
        const a = grid[(row * side + before) * channels + channel] ?? 0;
        const b = grid[(row * side + after) * channels + channel] ?? 0;
        wide[(row * fine + col) * channels + channel] = a + share * (b - a);
      }
    });
  }
  const width = fine * channels;
  places.forEach(({ before, after, share }, row) => {
    for (let i = 0; i < width; i++) {
      const a = wide[before * width + i] ?? 0;
      const b = wide[after * width + i] ?? 0;
      result[row * width + i] = a + share * (b - a);
    }
  });
  return result;
}

/** Between which two cells the i-th fine one lies, and how far on the way. */
function placeOf(i: number, side: number, factor: number): { before: number; after: number; share: number } {
  const at = Math.max(0, Math.min(side - 1, (i + 0.5) / factor - 0.5));
  const before = Math.floor(at);
  return { before, after: Math.min(side - 1, before + 1), share: at - before };
}
