import { nodeModuleNow } from "./node-module.js";

/** Text as bytes and back. Jest's jsdom hides both classes; Node has them in a module besides. */
type Codecs = Pick<typeof globalThis, "TextEncoder" | "TextDecoder">;

function codecs(): Codecs {
  if (typeof TextDecoder === "function") return globalThis;
  return nodeModuleNow<Codecs>("node:util") ?? globalThis;
}

export function encodeUtf8(text: string): Uint8Array {
  return new (codecs().TextEncoder)().encode(text);
}

/** How many of a text's leading UTF-16 units have at most `bytes` bytes in UTF-8, whole characters only. */
export function charactersIn(text: string, bytes: number): number {
  return new (codecs().TextEncoder)().encodeInto(text, new Uint8Array(bytes)).read;
}

/** Raises TypeError for bytes that are no UTF-8; with `stream` the last character may be cut off. */
export function decodeUtf8(bytes: Uint8Array, options: TextDecodeOptions = {}): string {
  return new (codecs().TextDecoder)("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, options);
}

/** One character a byte. */
export function decodeBytewise(bytes: Uint8Array): string {
  return new (codecs().TextDecoder)("windows-1252").decode(bytes);
}
