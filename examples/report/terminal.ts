/** Where a program prints: process.stdout, or a stand-in. */
export type Terminal = NodeJS.WritableStream & {
  /** Undefined or false: a file or a pipe. */
  readonly isTTY?: boolean;
  readonly columns?: number;
};
