import type { Dtype } from "../config/dtype.js";
import type { Engine } from "../engine/engine.js";
import type { CellType } from "../engine/memory.js";
import type { DenseLayer } from "./dense.js";

/** What the parts of a network's memory go by. */
export interface Layout {
  readonly engine: Engine;
  readonly dtype: Dtype;
  /** Layers 1 … L. */
  readonly dense: readonly DenseLayer[];
  readonly inputs: number;
  readonly outputs: number;
  /** Numbers of an example's labels: one per unit, or a class index. */
  readonly labelWidth: number;
  readonly labelType: CellType;
  /** Σ n_l · (n_{l−1} + 1) */
  readonly parameterCount: number;
}
