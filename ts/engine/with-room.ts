import { ResourceError } from "../errors/errors.js";

/** How often the event loop turns before a request for memory is refused: with nothing to be collected 50 ms. */
const TURNS = 10;

/** Bytes, and how many times, of buffers that nobody keeps and no engine backs with memory until they are written. */
const BALLAST = 1 << 26;
const BALLASTS = 4;

/**
 * What `make` makes; where WebAssembly memory doesn't suffice, tried again after the collector had its turn: the
 * memory of networks that nobody holds any more is given back by the event loop, which a program that only awaits
 * promises never lets turn.
 */
export async function withRoom<Result>(make: () => Result | Promise<Result>): Promise<Result> {
  for (let turn = 0; turn < TURNS; turn++) {
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof ResourceError)) throw error;
    }
    askForCollection();
    await new Promise((resolve) => setTimeout(resolve));
  }
  return make();
}

/** Engines collect when buffers grow, whatever they hold; none can be told to. */
function askForCollection(): void {
  try {
    for (let i = 0; i < BALLASTS; i++) new ArrayBuffer(BALLAST);
  } catch {
    // No room for those either: an engine that says so has collected before.
  }
}
