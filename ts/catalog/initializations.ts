/**
 * How weights start: normal numbers of this deviation, or uniform ones between ± √3 times it; biases start at 0. By the
 * names that the crate has in snake_case (crate/src/initializations.rs):
 * - `"he"`: √(2 / n_in), made for relu (He et al. 2015, eq. 10)
 * - `"xavier"`: √(1 / n_in), made for sigmoid-like activations (Glorot & Bengio 2010, in the notebook's form)
 * - `"randomNormal"`: 1
 * - `"heUniform"`: √(2 / n_in), uniform
 * - `"xavierNormal"`: √(2 / (n_in + n_out)) (Glorot & Bengio 2010)
 * - `"xavierUniform"`: √(2 / (n_in + n_out)), uniform (eq. 16 there)
 * - `"lecun"`: √(1 / n_in) (LeCun et al. 1998, eq. 16)
 * - `"lecunUniform"`: √(1 / n_in), uniform
 * - `"orthogonal"`: orthonormal rows, or columns where they are fewer (Saxe, McClelland & Ganguli 2014)
 * - `"zeros"`: 0; for a last layer, since units that start alike stay alike
 */
export const INITIALIZATIONS = [
  "he",
  "xavier",
  "randomNormal",
  "heUniform",
  "xavierNormal",
  "xavierUniform",
  "lecun",
  "lecunUniform",
  "orthogonal",
  "zeros",
] as const;

/** See {@link INITIALIZATIONS}. */
export type Initialization = (typeof INITIALIZATIONS)[number];
