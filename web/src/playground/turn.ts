/** A point of the plane, or a complex number. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** The complex product: turns `a` by the angle of `b`. */
export function times(a: Place, b: Place): Place {
  return { x: a.x * b.x - a.y * b.y, y: a.x * b.y + a.y * b.x };
}

/** The cosine and sine of 2·turns·atan(t), without either of them: each turn is by ((1−t²) + 2t·i)/(1+t²). */
export function turned(t: number, turns: number, from: Place = { x: 1, y: 0 }): Place {
  const step = { x: (1 - t * t) / (1 + t * t), y: (2 * t) / (1 + t * t) };
  let at = from;
  for (let k = 0; k < turns; k++) at = times(at, step);
  return at;
}
