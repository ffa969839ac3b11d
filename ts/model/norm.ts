import type { NormPart } from "../config/architecture.js";
import type { Span } from "../engine/memory.js";

/** One batchNorm or layerNorm: its part of the architecture, and its parts of the flat blocks. */
export interface NormLayer extends NormPart {
  readonly scale: Span;
  readonly shift: Span;
  readonly scaleGradients: Span;
  readonly shiftGradients: Span;
  /** Of a batchNorm: what predictions normalise by. */
  readonly running: { readonly mean: Span; readonly variance: Span } | undefined;
}
