/**
 * Makes a function that maps a row to (x − mean) / standard deviation, column by column, both taken from
 * `rows`: those of the training examples alone. A column whose values are all equal says nothing: there the
 * deviation is taken as 1, so that it becomes 0.
 */
export function standardiser(rows: readonly (readonly number[])[]): (row: readonly number[]) => number[] {
  const columns = (rows[0] ?? []).map((first, j) => {
    const column = rows.map((row) => row[j] ?? Number.NaN);
    if (column.every((value) => value === first)) return { mean: first, deviation: 1 };
    const mean = average(column);
    return { mean, deviation: Math.sqrt(average(column.map((value) => (value - mean) ** 2))) };
  });
  return (row) => columns.map(({ mean, deviation }, j) => ((row[j] ?? Number.NaN) - mean) / deviation);
}

function average(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
