import type { Architecture, ClosePart, ElementwisePart, OpenPart } from "../config/architecture.js";
import type { Dtype } from "../config/dtype.js";
import type { Engine } from "../engine/engine.js";
import type { CellType } from "../engine/memory.js";
import type { DenseLayer } from "./dense.js";
import type { NormLayer } from "./norm.js";

/** A part of a network, with its memory. */
export type Node = DenseLayer | NormLayer | ElementwisePart | OpenPart | ClosePart;

/** What the parts of a network's memory go by. */
export interface Layout {
  readonly engine: Engine;
  readonly dtype: Dtype;
  readonly architecture: Architecture;
  /** In the order of the forward pass. */
  readonly nodes: readonly Node[];
  /** Those with weights. */
  readonly dense: readonly DenseLayer[];
  readonly inputs: number;
  readonly outputs: number;
  /** Numbers of an example's labels: one per unit, or a class index. */
  readonly labelWidth: number;
  readonly labelType: CellType;
  readonly parameterCount: number;
}
