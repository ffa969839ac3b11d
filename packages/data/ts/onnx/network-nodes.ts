import { type Field, fieldsOf, integer, join, message, type ReadField, text, textOf } from "./protobuf.js";

/** A model that the core made of a network, taken apart. */
export interface NetworkModel {
  /** ModelProto's ir_version, producer and operator sets. */
  readonly frame: readonly Field[];
  readonly graph: Uint8Array;
}

/** ModelProto: ir_version, producer_name, producer_version and opset_import. */
const FRAME = [1, 2, 3, 8];
const GRAPH = 7;

export function networkModel(bytes: Uint8Array): NetworkModel {
  const fields = [...fieldsOf(bytes)];
  const graph = fields.find(({ field }) => field === GRAPH)?.body ?? new Uint8Array(0);
  return {
    frame: fields.filter(({ field }) => FRAME.includes(field)).map(({ whole }) => [whole]),
    graph,
  };
}

/** GraphProto. */
const [NODE, INITIALIZER, INPUT, OUTPUT] = [1, 5, 11, 12];

/**
 * Nodes and initializers of a network's graph within a larger one: all names begin with `prefix`, but its input is `input`.
 * Returns them and the name of its output.
 */
export function networkNodes(
  graph: Uint8Array,
  prefix: string,
  input: string,
): { readonly fields: readonly Field[]; readonly output: string } {
  const fields = [...fieldsOf(graph)];
  const nameOf = (which: number) => {
    const info = fields.find(({ field }) => field === which);
    const name = info && [...fieldsOf(info.body)].find(({ field }) => field === 1);
    return name === undefined ? "" : textOf(name);
  };
  const own = nameOf(INPUT);
  const renamed = (name: string) => (name === own ? input : name === "" ? "" : `${prefix}${name}`);
  const withNames = ({ field, body }: ReadField, names: readonly number[]): Field =>
    message(field, [
      join(
        ...[...fieldsOf(body)].map((part) =>
          names.includes(part.field) ? text(part.field, renamed(textOf(part))) : [part.whole],
        ),
      ),
    ]);
  const nodes = fields.filter(({ field }) => field === NODE).map((node) => withNames(node, [1, 2, 3]));
  const tensors = fields.filter(({ field }) => field === INITIALIZER).map((tensor) => withNames(tensor, [8]));
  return { fields: [...nodes, ...tensors], output: renamed(nameOf(OUTPUT)) };
}

/** ModelProto.opset_import of operators outside the standard's own. */
export function operatorSet(domain: string, version: number): Field {
  return message(8, text(1, domain), integer(2, version));
}
