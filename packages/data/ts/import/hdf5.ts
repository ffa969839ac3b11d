import type { Dataset, File, Group } from "jsfive";
import { FormatError } from "layerwise";
import { broken, type Tensor } from "./tensors.js";

/** What is read of an HDF5 file: its arrays of floating-point numbers, and texts beside them. */
export class Hdf5 {
  readonly #file: File;
  readonly #name: string;

  private constructor(file: File, name: string) {
    this.#file = file;
    this.#name = name;
  }

  /** Raises FormatError. */
  static async open(bytes: Uint8Array, name: string): Promise<Hdf5> {
    const { File } = await import("jsfive");
    checkWhole(bytes, name);
    const own = bytes.slice();
    return reading(name, () => new Hdf5(new File(own.buffer, name), name));
  }

  /** The names in a group; none where there is no such group. */
  names(path: string): readonly string[] {
    const found = this.#find(path);
    return found !== undefined && !isDataset(found) ? [...found.keys] : [];
  }

  get rootNames(): readonly string[] {
    return reading(this.#name, () => [...this.#file.keys]);
  }

  /** A text that the file has under a name. */
  text(name: string): string | undefined {
    const value = reading(this.#name, () => this.#file.attrs[name]);
    return typeof value === "string" ? value : undefined;
  }

  /** Undefined where there is none. Raises FormatError for an array of other than floating-point numbers. */
  tensor(path: string): Tensor | undefined {
    const found = this.#find(path);
    if (found === undefined || !isDataset(found)) return undefined;
    const place = `${this.#name}, ${path}`;
    return reading(place, () => {
      const { shape, dtype, value } = found;
      if (!/^[<>|]f[248]$/.test(dtype)) throw broken("dtype", place, "floating-point numbers", dtype);
      const data = dtype.endsWith("8") ? Float64Array.from(value) : Float32Array.from(value);
      const size = shape.reduce((product, one) => product * one, 1);
      if (data.length !== size) throw broken("size", place, `${size} numbers, [${shape}]`, `${data.length}`);
      return { shape: [...shape], data };
    });
  }

  #find(path: string): Group | Dataset | undefined {
    let at: Group | Dataset = this.#file;
    for (const part of path.split("/")) {
      const group: Group | Dataset = at;
      if (isDataset(group) || !reading(this.#name, () => group.keys.includes(part))) return undefined;
      at = reading(`${this.#name}, ${path}`, () => group.get(part));
    }
    return at;
  }
}

/** The end that the superblock tells; the reader notices a missing part only where it reads there. Raises FormatError. */
function checkWhole(bytes: Uint8Array, place: string): void {
  const version = bytes[8] ?? 0;
  const at = version === 0 ? 40 : version === 1 ? 44 : 28;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = at + 8 <= bytes.length ? view.getBigUint64(at, true) : Number.POSITIVE_INFINITY;
  if (end > bytes.length) throw broken("truncated", place, `${end} bytes`, `${bytes.length}`);
}

/** A Dataset is an Array, so both have keys. */
function isDataset(found: Group | Dataset): found is Dataset {
  return "dtype" in found;
}

/** What the reader throws says that the file is broken. */
function reading<Of>(place: string, read: () => Of): Of {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    const got = cause instanceof Error ? cause.message : String(cause);
    throw broken("truncated", place, "a whole HDF5 file", got);
  }
}
