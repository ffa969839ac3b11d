/** TensorProto.DataType of ONNX. */
export const DATA_TYPE = { float32: 1, int64: 7, float64: 11 } as const;
