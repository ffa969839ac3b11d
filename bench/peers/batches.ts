/** Examples of a data set, row by row, in the arrays that a peer in JavaScript computes with. */
export interface Examples<Numbers extends Float32Array | Float64Array = Float32Array | Float64Array> {
  readonly x: Numbers;
  readonly y: Numbers;
}

/**
 * The batches of one pass after another, without end, each in the place of the one before. `arrange` changes
 * the order of the rows before each pass. A batch of all is the data set as it is.
 */
export function* batchesOf<Numbers extends Float32Array | Float64Array>(
  data: Examples,
  size: number,
  Kind: new (length: number) => Numbers,
  arrange?: (order: Uint32Array) => void,
): Generator<Examples<Numbers>, never> {
  const examples = data.y.length;
  const inputs = data.x.length / examples;
  const batch = { x: new Kind(size * inputs), y: new Kind(size) };
  if (size >= examples) {
    batch.x.set(data.x);
    batch.y.set(data.y);
    for (;;) yield batch;
  }
  const order = Uint32Array.from({ length: examples }, (_, i) => i);
  for (;;) {
    arrange?.(order);
    for (let start = 0; start < examples; start += size) {
      order.subarray(start, start + size).forEach((row, i) => {
        batch.x.set(data.x.subarray(row * inputs, (row + 1) * inputs), i * inputs);
        batch.y[i] = data.y[row] ?? 0;
      });
      yield batch;
    }
  }
}

/** Fisher and Yates's. */
export function shuffle(order: Uint32Array): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    const row = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = row;
  }
}
