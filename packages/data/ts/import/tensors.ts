import { FormatError } from "layerwise";

/** An array of a model's file, in C order. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** Arrays of one layer by their names in Keras: `kernel`, `gamma`, … Undefined where the layer has none of the name. */
export type LayerTensors = (name: string) => Tensor | undefined;

/** Of a file that isn't what it should be; a byte says nothing within an archive, so it is 0. */
export function broken(
  rule: ConstructorParameters<typeof FormatError>[0],
  place: string,
  expected: string,
  got: string,
): FormatError {
  return new FormatError(rule, 0, place, expected, got);
}

/** inputs × outputs → outputs × inputs. Raises FormatError for other than two dimensions. */
export function transposed({ shape, data }: Tensor, place: string): Tensor {
  const [rows = 0, cols = 0] = shape;
  if (shape.length !== 2) throw broken("tensorSet", place, "a matrix, inputs × units", `[${shape}]`);
  const turned = data.slice();
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) turned[j * rows + i] = data[i * cols + j] ?? 0;
  }
  return { shape: [cols, rows], data: turned };
}
