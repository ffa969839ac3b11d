import { Matrix } from "../../../ts/index.js";
import { ImagesError } from "../failure.js";
import type { MnistIndex, MnistPart } from "./mnist-format.js";

export const SIDE = 28;
export const PIXELS = SIDE * SIDE;

export interface LabelledImages {
  /** Pixels from 0 to 1. */
  readonly x: Matrix;
  readonly labels: Uint8Array;
}

interface Part {
  readonly labels: Uint8Array;
  readonly images: Uint8Array;
}

/** MNIST, downloaded as far as it is needed. What can't be had raises ImagesError. */
export class Mnist {
  readonly #folder: string;
  readonly #parts = new Map<string, Promise<Part>>();
  #index: Promise<MnistIndex> | undefined;

  /** @param folder - the URL of mnist/, with a slash at its end */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Looks whether there is a list of files. */
  async open(): Promise<void> {
    await this.#readIndex();
  }

  /** The first `examples` training images and all test images. `onBytes` hears of the download. */
  async load(
    examples: number,
    onBytes: (received: number, total: number) => void,
  ): Promise<{ train: LabelledImages; test: LabelledImages }> {
    const index = await this.#readIndex();
    const before = index.train.map((_, i) =>
      index.train.slice(0, i).reduce((sum, part) => sum + part.examples, 0),
    );
    const needed = index.train.filter((_, i) => (before[i] ?? 0) < examples);
    const missing = [...needed, ...index.test].filter(({ file }) => !this.#parts.has(file));
    const total = missing.reduce((sum, { bytes }) => sum + bytes, 0);
    let received = 0;
    const count = (bytes: number) => {
      received += bytes;
      onBytes(received, total);
    };
    const get = (parts: readonly MnistPart[]) => Promise.all(parts.map((part) => this.#part(part, count)));
    const [train, test] = await Promise.all([get(needed), get(index.test)]);
    return { train: joined(train, examples), test: joined(test, Number.POSITIVE_INFINITY) };
  }

  /** The pixels (0 … 255) and label of a test image. */
  async testImage(number: number): Promise<{ pixels: Uint8Array; label: number }> {
    const [first] = (await this.#readIndex()).test;
    if (first === undefined) throw new ImagesError("mnist/index.json: expected a test file, got none");
    const { labels, images } = await this.#part(first, () => undefined);
    const at = number % labels.length;
    return { pixels: images.slice(at * PIXELS, (at + 1) * PIXELS), label: labels[at] ?? 0 };
  }

  #readIndex(): Promise<MnistIndex> {
    this.#index ??= this.#download("index.json", (response) => response.json());
    this.#index.catch(() => {
      this.#index = undefined;
    });
    return this.#index;
  }

  #part({ file, examples }: MnistPart, count: (bytes: number) => void): Promise<Part> {
    const known = this.#parts.get(file);
    if (known !== undefined) return known;
    const part = this.#download(file, async (response) => {
      const bytes = new Uint8Array(await unpacked(response, count));
      if (bytes.length !== examples * (1 + PIXELS)) {
        throw new Error(`expected ${examples} images, got ${bytes.length} bytes`);
      }
      return { labels: bytes.subarray(0, examples), images: bytes.subarray(examples) };
    });
    this.#parts.set(file, part);
    part.catch(() => this.#parts.delete(file)); // the next attempt downloads again
    return part;
  }

  /** What `read` makes of a file. */
  async #download<Result>(file: string, read: (response: Response) => Promise<Result>): Promise<Result> {
    const url = this.#folder + file;
    try {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`expected status 200, got ${response.status}`);
      return await read(response);
    } catch (error) {
      throw new ImagesError(`${url}: ${error instanceof Error ? error.message : error}`);
    }
  }
}

async function unpacked(response: Response, count: (bytes: number) => void): Promise<ArrayBuffer> {
  if (response.body === null) throw new Error("expected a body, got none");
  let first: Uint8Array | undefined;
  const counter = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      first ??= chunk;
      count(chunk.length);
      controller.enqueue(chunk);
    },
  });
  const stream = response.body.pipeThrough(counter).pipeThrough(new DecompressionStream("gzip"));
  try {
    return await new Response(stream).arrayBuffer();
  } catch (cause) {
    if (first === undefined || (first[0] === 0x1f && first[1] === 0x8b)) throw cause;
    const hex = [...first.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const page = String.fromCharCode(...first.subarray(0, 64))
      .trimStart()
      .startsWith("<");
    const got = `bytes ${hex} …${page ? ", which look like an HTML page" : ""}`;
    throw new Error(`expected a gzip file (1f 8b …), got ${got}`, { cause });
  }
}

/** The first images of these parts as numbers from 0 to 1. */
function joined(parts: readonly Part[], most: number): LabelledImages {
  const count = Math.min(
    most,
    parts.reduce((sum, { labels }) => sum + labels.length, 0),
  );
  const x = new Float32Array(count * PIXELS);
  const labels = new Uint8Array(count);
  let at = 0;
  for (const part of parts) {
    const taken = Math.min(part.labels.length, count - at);
    labels.set(part.labels.subarray(0, taken), at);
    const start = at * PIXELS;
    for (let i = 0; i < taken * PIXELS; i++) x[start + i] = (part.images[i] ?? 0) / 255;
    at += taken;
  }
  return { x: new Matrix(x, count, PIXELS), labels };
}
