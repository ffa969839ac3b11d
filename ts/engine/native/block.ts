import { ResourceError } from "../../errors/errors.js";
import type { Addon } from "./addon.js";
import { Gate } from "./aside.js";

/** Spans begin at multiples of a cache line. */
export const ALIGNMENT = 64;

/** Bytes of JavaScript's memory that begin at a cache line. */
export interface Block {
  readonly buffer: ArrayBuffer;
  /** Where the first is in `buffer`, and its address. */
  readonly offset: number;
  readonly address: number;
  readonly gate: Gate;
}

/** `bytes` bytes, all 0. Raises ResourceError, in which `what` is what they would be for. */
export function newBlock(addon: Addon, bytes: number, what: string): Block {
  let buffer: ArrayBuffer;
  try {
    buffer = new ArrayBuffer(bytes + ALIGNMENT);
  } catch (cause) {
    throw new ResourceError(what, `${bytes} bytes of memory`, "none from the system", { cause });
  }
  const start = addon.address(buffer);
  const offset = (ALIGNMENT - (start % ALIGNMENT)) % ALIGNMENT;
  return { buffer, offset, address: start + offset, gate: new Gate() };
}
