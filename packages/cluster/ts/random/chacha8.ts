/**
 * ChaCha8 (Bernstein 2008), keyed as the core's streams are: seed u64 | purpose u32 | part u32 | index u64 | 0 u64, each
 * little-endian. Whole numbers alone, hence the same everywhere; any stream is reached without those before it.
 */

/** What the core has no stream for: suggestions of a search. */
const SEARCH = 32;

const ROUNDS = 8;
const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;

/** Numbers in [0, 1) of one suggestion: `part` tells several streams of an index apart. */
export class Stream {
  readonly #state: Uint32Array;
  readonly #block = new Uint32Array(16);
  #at = 16;

  constructor(seed: number, index: number, part = 0) {
    this.#state = stateOf(Uint32Array.of(...wordsOf(seed), SEARCH, part, ...wordsOf(index), 0, 0));
  }

  /** 53 bits of the stream. */
  uniform(): number {
    const high = this.#word() >>> 5;
    return (high * 2 ** 26 + (this.#word() >>> 6)) / 2 ** 53;
  }

  /** 32 bits of it. */
  word(): number {
    return this.#word();
  }

  #word(): number {
    if (this.#at === 16) {
      writeBlock(this.#block, this.#state);
      this.#state[12] = ((this.#state[12] ?? 0) + 1) >>> 0;
      this.#at = 0;
    }
    return this.#block[this.#at++] ?? 0;
  }
}

function wordsOf(integer: number): readonly [low: number, high: number] {
  return [integer % 2 ** 32, Math.floor(integer / 2 ** 32)];
}

/** Constants, a key of 8 words, and a counter and nonce of 0. */
export function stateOf(key: Uint32Array): Uint32Array {
  const state = new Uint32Array(16);
  state.set(SIGMA);
  state.set(key, 4);
  return state;
}

/** block ← the key stream at the state's counter. */
export function writeBlock(block: Uint32Array, state: Uint32Array): void {
  block.set(state);
  for (let round = 0; round < ROUNDS; round += 2) {
    for (let i = 0; i < 4; i++) quarter(block, i, 4 + i, 8 + i, 12 + i);
    for (let i = 0; i < 4; i++) {
      quarter(block, i, 4 + ((i + 1) % 4), 8 + ((i + 2) % 4), 12 + ((i + 3) % 4));
    }
  }
  for (let i = 0; i < 16; i++) block[i] = (block[i] ?? 0) + (state[i] ?? 0);
}

function quarter(block: Uint32Array, a: number, b: number, c: number, d: number): void {
  mix(block, a, b, d, 16);
  mix(block, c, d, b, 12);
  mix(block, a, b, d, 8);
  mix(block, c, d, b, 7);
}

/** x ← x + y, z ← (z ⊕ x) rotated left */
function mix(block: Uint32Array, x: number, y: number, z: number, left: number): void {
  const sum = ((block[x] ?? 0) + (block[y] ?? 0)) >>> 0;
  const bits = (block[z] ?? 0) ^ sum;
  block[x] = sum;
  block[z] = (bits << left) | (bits >>> (32 - left));
}
