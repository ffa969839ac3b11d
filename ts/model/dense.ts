import type { DensePart } from "../config/architecture.js";
import type { Span } from "../engine/memory.js";

/** One dense layer: its part of the architecture, and its parts of the flat blocks of parameters and gradients. */
export interface DenseLayer extends DensePart {
  /** Whether W may lie in panels, on this engine or another. */
  readonly mayLieInPanels: boolean;
  /** How many units' weights lie side by side in W and dW: 1 is row-major. See panels.ts. */
  readonly panel: number;
  /** W (outputs × inputs) and b (outputs), dW and db. */
  readonly weights: Span;
  readonly biases: Span | undefined;
  readonly weightGradients: Span;
  readonly biasGradients: Span | undefined;
  /** Position of W and b in the flat block; of a layer without biases, where W ends. */
  readonly weightsAt: number;
  readonly biasesAt: number;
}
