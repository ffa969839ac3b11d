import { bytes, type Field, integer, message, text } from "./protobuf.js";

/*
 * A graph of ONNX, node after node. Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

/** TensorProto.DataType. */
export const DATA_TYPE = { float32: 1, int64: 7, text: 8, boolean: 9, float64: 11 } as const;

export type DataType = keyof typeof DATA_TYPE;

/** What an operator's attributes are: integers, and lists of them or of texts. */
export type Attributes = Readonly<Record<string, number | readonly number[] | readonly string[]>>;

/** AttributeProto.type. */
const INT = 2;
const INTS = 7;
const STRINGS = 8;

/** Operators outside the standard's own set. */
export const ML_DOMAIN = "ai.onnx.ml";

/** Nodes and constants, whose names begin with `prefix` and are its own. */
export class Graph {
  readonly #fields: Field[] = [];
  readonly #constants = new Map<string, string>();
  readonly prefix: string;
  #count = 0;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  /** GraphProto's nodes and initializers. */
  get fields(): readonly Field[] {
    return this.#fields;
  }

  /** Takes what another wrote, whose names are different ones. */
  append(fields: readonly Field[]): void {
    for (const field of fields) this.#fields.push(field);
  }

  newName(): string {
    this.#count += 1;
    return `${this.prefix}${this.#count}`;
  }

  /** What an operator makes of these, under a name that is given where it is the graph's output. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Attributes = {},
    { output = this.newName(), domain = "" } = {},
  ): string {
    this.#fields.push(
      message(
        1,
        ...inputs.map((name) => text(1, name)),
        text(2, output),
        text(3, output),
        text(4, operator),
        ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
        ...(domain === "" ? [] : [text(7, domain)]),
      ),
    );
    return output;
  }

  cast(x: string, to: DataType): string {
    return this.node("Cast", [x], { to: DATA_TYPE[to] });
  }

  /** A number of float64, the same one each time. */
  double(value: number): string {
    return this.#once(`double ${Object.is(value, -0) ? "-0" : value}`, () => this.doubles([value], []));
  }

  doubles(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#tensor("float64", shape, rawBytes(Float64Array.from(values)));
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#once(`integers ${shape.join()} ${values.join()}`, () =>
      this.#tensor("int64", shape, rawBytes(BigInt64Array.from(values, BigInt))),
    );
  }

  booleans(values: readonly boolean[]): string {
    return this.#tensor("boolean", [values.length], [bytes(9, Uint8Array.from(values, Number))]);
  }

  texts(values: readonly string[]): string {
    return this.#tensor(
      "text",
      [values.length],
      values.map((value) => text(6, value)),
    );
  }

  #tensor(type: DataType, shape: readonly number[], content: readonly Field[]): string {
    const name = this.newName();
    const sizes = shape.map((size) => integer(1, size));
    this.#fields.push(message(5, ...sizes, integer(2, DATA_TYPE[type]), text(8, name), ...content));
    return name;
  }

  #once(key: string, make: () => string): string {
    const known = this.#constants.get(key) ?? make();
    this.#constants.set(key, known);
    return known;
  }
}

/** Numbers as they stand in (little-endian) memory. */
function rawBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): Field[] {
  return [bytes(9, new Uint8Array(buffer, byteOffset, byteLength))];
}

function attribute(name: string, value: Attributes[string]): Field {
  if (typeof value === "number") return message(5, text(1, name), integer(3, value), integer(20, INT));
  const items = value.map((one) => (typeof one === "string" ? text(9, one) : integer(8, one)));
  const type = typeof value[0] === "string" ? STRINGS : INTS;
  return message(5, text(1, name), ...items, integer(20, type));
}

/** An input (11) or output (12) of the graph: batch × width, where the batch may be of any size. */
export function valueInfo(field: 11 | 12, name: string, width: number, type: DataType): Field {
  const shape = message(2, message(1, text(2, "batch")), message(1, integer(1, width)));
  return message(field, text(1, name), message(2, message(1, integer(1, DATA_TYPE[type]), shape)));
}
