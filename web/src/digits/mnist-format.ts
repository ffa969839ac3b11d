/** One file of MNIST: `examples` labels, then as many images of 28 × 28, uint8, all gzipped. */
export interface MnistPart {
  readonly file: string;
  /** Size of the file. */
  readonly bytes: number;
  readonly examples: number;
}

/** mnist/index.json. */
export interface MnistIndex {
  readonly train: readonly MnistPart[];
  readonly test: readonly MnistPart[];
}
