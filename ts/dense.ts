import { ACTIVATION_CODE } from "./activation.js";
import type { Workspace } from "./batch-memory.js";
import type { Kernels } from "./wasm/kernels.js";

/** One dense layer: its sizes and where its parameters stand in the flat blocks. */
export interface DenseLayer {
  /** 1 … L. */
  readonly index: number;
  readonly inputs: number;
  readonly outputs: number;
  /** How many units' weights lie side by side in W and dW: 1 is row-major. See panels.ts. */
  readonly panel: number;
  /** g of this layer; the output layer is linear here, since its loss works on logits. */
  readonly activation: keyof typeof ACTIVATION_CODE;
  /** Byte offsets of W (outputs × inputs) and b (outputs) in the block of parameters, dW and db in that of gradients. */
  readonly weights: number;
  readonly biases: number;
  readonly weightGradients: number;
  readonly biasGradients: number;
  /** Position of W and b in the flat block, in numbers. */
  readonly weightsAt: number;
  readonly biasesAt: number;
}

/**
 * A ← g(X·Wᵀ + b) ⊙ mask / keepProb. X: rows × inputs, A and mask: rows × outputs; mask 0 means none.
 * Source: notebook sections 5.1 to 5.3.
 */
export function denseForward(
  kernels: Kernels,
  layer: DenseLayer,
  a: number,
  x: number,
  mask: number,
  workspace: Workspace,
  rows: number,
  keepProb: number,
  threads: number,
): void {
  kernels.denseForward(
    a,
    x,
    layer.weights,
    layer.biases,
    mask,
    workspace.offset,
    workspace.length,
    rows,
    layer.inputs,
    layer.outputs,
    layer.panel,
    ACTIVATION_CODE[layer.activation],
    keepProb,
    threads,
  );
}

/**
 * dW ← dZᵀ·X + λ/m·W, db ← column sums of dZ, and dX ← (dZ·W) ⊙ g'(X) / keepProb, which is dZ of the
 * layer before (dX 0 means none: the first layer). 1/m is in dZ already.
 * Source: notebook sections 7.1 to 7.3.
 */
export function denseBackward(
  kernels: Kernels,
  layer: DenseLayer,
  before: DenseLayer | undefined,
  dx: number,
  dz: number,
  x: number,
  workspace: Workspace,
  rows: number,
  keepProb: number,
  l2OverM: number,
  threads: number,
): void {
  kernels.denseBackward(
    before === undefined ? 0 : dx,
    layer.weightGradients,
    layer.biasGradients,
    dz,
    x,
    layer.weights,
    workspace.offset,
    workspace.length,
    rows,
    layer.inputs,
    layer.outputs,
    layer.panel,
    ACTIVATION_CODE[before?.activation ?? "linear"],
    keepProb,
    l2OverM,
    threads,
  );
}

/** Whether dZ and X, of which dW and db are sums, are fewer numbers to look at than these themselves. */
export function hasFewExamples({ inputs, outputs }: DenseLayer, rows: number): boolean {
  return rows * (inputs + outputs) < inputs * outputs;
}

/**
 * A bound on the magnitudes of dW (without its L2 term) and db, from what they are sums of; not finite if one of
 * those isn't: rows · max |dZ| · max |X|, doubled for what rounding adds (with few examples it is far less).
 */
export function gradientBound(
  kernels: Kernels,
  { inputs, outputs }: DenseLayer,
  dz: number,
  x: number,
  rows: number,
  threads: number,
): number {
  const ofDz = kernels.magnitudeBound(dz, rows * outputs, threads);
  const ofX = kernels.magnitudeBound(x, rows * inputs, threads);
  return 2 * rows * ofDz * Math.max(1, ofX); // db: as if X were 1
}
