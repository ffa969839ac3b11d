/**
 * How weights start: standard normal numbers times a factor; biases start at 0. By the names that the crate has in
 * snake_case (crate/src/initializations.rs):
 * - `"he"`: √(2 / n_in), made for relu (He et al. 2015, eq. 10)
 * - `"xavier"`: √(1 / n_in), made for sigmoid-like activations (Glorot & Bengio 2010)
 * - `"randomNormal"`: 1
 */
export const INITIALIZATIONS = ["he", "xavier", "randomNormal"] as const;

/** See {@link INITIALIZATIONS}. */
export type Initialization = (typeof INITIALIZATIONS)[number];
