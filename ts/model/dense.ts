import type { Activation } from "../catalog/activations.js";
import type { Span } from "../engine/memory.js";

/** One dense layer: its sizes and its parts of the flat blocks of parameters and gradients. */
export interface DenseLayer {
  /** 1 … L. */
  readonly index: number;
  readonly inputs: number;
  readonly outputs: number;
  /** How many units' weights lie side by side in W and dW: 1 is row-major. See panels.ts. */
  readonly panel: number;
  /** g of this layer; the output layer is linear here, since its loss works on logits. */
  readonly activation: Activation;
  /** W (outputs × inputs) and b (outputs), dW and db. */
  readonly weights: Span;
  readonly biases: Span;
  readonly weightGradients: Span;
  readonly biasGradients: Span;
  /** Position of W and b in the flat block. */
  readonly weightsAt: number;
  readonly biasesAt: number;
}
