/** The index of the first byte that is no part of UTF-8 (RFC 3629); the length where all are. */
export function firstInvalidUtf8(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const length = characterLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return bytes.length;
}

/** Bytes of the character there; 0 where there is none. */
function characterLength(bytes: Uint8Array, at: number): number {
  const [first = 0, second = 0x80] = [bytes[at], bytes[at + 1]];
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  const [least, most] = SECONDS.get(first) ?? [0x80, 0xbf];
  if (at + 1 < bytes.length && (second < least || second > most)) return 0;
  for (let i = at + 2; i < at + length && i < bytes.length; i++) {
    if (((bytes[i] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** Overlong forms, surrogates and what is beyond U+10FFFF. */
const SECONDS: ReadonlyMap<number, readonly [number, number]> = new Map([
  [0xe0, [0xa0, 0xbf]],
  [0xed, [0x80, 0x9f]],
  [0xf0, [0x90, 0xbf]],
  [0xf4, [0x80, 0x8f]],
]);
