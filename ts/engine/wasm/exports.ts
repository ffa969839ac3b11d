import type { InitOutput } from "./pkg-threads/layerwise.js";

/** The calls of an instance (crate/src/calls.rs): byte offsets into its memory, sizes and handles. */
export type Exports = Pick<
  InitOutput,
  | "add"
  | "advance"
  | "allocate"
  | "build"
  | "first_non_finite"
  | "magnitude_bound"
  | "program"
  | "release"
  | "release_program"
  | "rouse"
  | "run"
  | "run_steps"
  | "schema"
  | "schema_len"
  | "sha256_finish"
  | "sha256_start"
  | "sha256_update"
  | "start"
  | "take_part"
  | "units_of_a_panel"
  | "worker_lost"
  | "workspace_len_f32"
  | "workspace_len_f64"
>;

/** What a build of fast math has besides. */
export interface FastExports {
  readonly rounds_once?: () => number;
}
