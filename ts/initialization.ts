/**
 * How weights start: standard normal numbers times a factor; biases start at 0.
 * - `"he"`: √(2 / n_in), made for relu (He et al. 2015, eq. 10)
 * - `"xavier"`: √(1 / n_in), made for sigmoid-like activations (Glorot & Bengio 2010)
 * - `"randomNormal"`: 1
 */
export type Initialization = "he" | "xavier" | "randomNormal";

export const INITIALIZATIONS: readonly Initialization[] = ["he", "xavier", "randomNormal"];

/** The numbers by which crate/src/initialization.rs knows the methods. */
export const INITIALIZATION_CODE: Record<Initialization, number> = { he: 0, xavier: 1, randomNormal: 2 };
