import { gatherRows } from "../engine/rows.js";
import { DataError, ShapeError } from "../errors/errors.js";
import { type NumberArray, typedArrayName } from "../platform/realm.js";
import { describeData, hasRows } from "./advice.js";
import { checkCount, checkLength, isMatrixLike, Matrix, type MatrixLike } from "./matrix.js";
import { presentArray, toFloats } from "./numbers.js";

/** Data in a form that fit takes, of which some rows can be had in the same form. */
export interface TakenRows<Form> {
  readonly rows: number;
  /** These rows, in this order; rows that are arrays of their own aren't copied. */
  take(indices: Uint32Array): Form;
}

/** Rows of inputs: a Matrix or its like, or an array of rows. Raises ShapeError or DataError. */
export function rowsOfInputs<Form>(path: string, value: Form): TakenRows<Form> {
  const isArray = Array.isArray(value);
  if (isArray ? value.length === 0 || hasRows(value) : isMatrixLike(value)) return rowsOf(path, value);
  throw new ShapeError(path, "a Matrix or an array of rows", describeData(value));
}

/** Rows of inputs or labels, or numbers one a row. Raises ShapeError or DataError. */
export function rowsOf<Form>(path: string, value: Form): TakenRows<Form> {
  if (Array.isArray(value)) {
    const { length } = value;
    return { rows: length, take: (indices) => Array.from(indices, (i) => value[i]) as Form };
  }
  if (typedArrayName(value) !== undefined) {
    const array = arrayOf(path, value);
    return { rows: array.length, take: (indices) => taken(array, 1, indices) as Form };
  }
  if (isMatrixLike(value)) return rowsOfMatrix(path, value) as TakenRows<Form>;
  throw new ShapeError(path, "a Matrix, an array or a typed array", describeData(value));
}

function rowsOfMatrix(path: string, like: MatrixLike): TakenRows<unknown> {
  const { rows, cols } = like;
  checkCount(`${path}.rows`, rows);
  checkCount(`${path}.cols`, cols);
  const data = Array.isArray(like.data)
    ? toFloats(`${path}.data`, like.data)
    : arrayOf(`${path}.data`, like.data);
  checkLength(`${path}.data.length`, data.length, rows, cols);
  const scale = like.scale === undefined ? {} : { scale: like.scale };
  const isMatrix = like instanceof Matrix;
  return {
    rows,
    take: (indices) => {
      const part = { data: taken(data, cols, indices), rows: indices.length, cols };
      return isMatrix ? new Matrix(part.data, part.rows, cols) : { ...part, ...scale };
    },
  };
}

function arrayOf(path: string, value: unknown): NumberArray {
  const array = presentArray(path, value);
  if (array === undefined) {
    throw new DataError(path, "an array or typed array of numbers", describeData(value));
  }
  return array;
}

/** A copy of these rows, in an array of the same class. */
function taken(array: NumberArray, width: number, indices: Uint32Array): NumberArray {
  const copy = array.slice(0, indices.length * width);
  gatherRows(copy, 0, array, width, indices);
  return copy;
}
