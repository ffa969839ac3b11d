/** The number type of parameters and arithmetic. */
export type Dtype = "float32" | "float64";

export const DTYPES: readonly Dtype[] = ["float32", "float64"];

/** Bytes of one number. */
export const BYTES: Record<Dtype, number> = { float32: 4, float64: 8 };
