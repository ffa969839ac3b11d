/** The longest header, in bytes. */
export const LONGEST_HEADER = 1 << 20;

/** The most tensors, and the most texts of metadata: what is noted of them then stays below 1 MiB. */
export const MOST_TENSORS = 1024;
export const MOST_TEXTS = 256;

/** Before the header: its length, as a u64. */
export const LENGTH_BYTES = 8;

/** The most epochs or steps that a file may say were made: as many again can still be counted exactly. */
export const MOST_COUNTED = 2 ** 52;
