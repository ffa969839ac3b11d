//! The calls of `layerwise_kernels` as exports of a WebAssembly module. Nothing else is done here.
//!
//! The contract of every call is that of its namesake in `calls`: what TypeScript passes are offsets and sizes of
//! blocks that live, and handles that were not released.

use layerwise_kernels::calls;
#[cfg(target_feature = "atomics")]
use layerwise_kernels::threads;
use wasm_bindgen::prelude::wasm_bindgen;

/// The number of the sources that this was compiled from; 0 outside the project's own build.
#[wasm_bindgen]
pub fn build() -> u32 {
    const BUILD: u32 = match option_env!("LAYERWISE_BUILD") {
        None => 0,
        Some(number) => match u32::from_str_radix(number, 10) {
            Ok(number) => number,
            Err(_) => panic!("LAYERWISE_BUILD: expected a number of 32 bits"),
        },
    };
    BUILD
}

/// Exports calls under their own names: `safe` ones, and those whose contract is the caller's.
macro_rules! export {
    (safe $($call:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {$(
        #[wasm_bindgen]
        pub fn $call($($argument: $type),*) $(-> $result)? {
            calls::$call($($argument),*)
        }
    )*};
    (contract $($call:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;)*) => {$(
        #[wasm_bindgen]
        pub fn $call($($argument: $type),*) $(-> $result)? {
            // SAFETY: this file's contract.
            unsafe { calls::$call($($argument),*) }
        }
    )*};
}

export! { safe
    allocate(bytes: usize) -> usize;
    program(double: bool, count: usize, size: usize, m: usize) -> usize;
    units_of_a_panel(double: bool) -> usize;
    sha256_start() -> usize;
    rouse(threads: usize);
    worker_lost() -> bool;
}

#[cfg(target_feature = "relaxed-simd")]
export! { safe
    rounds_once() -> bool;
}

export! { contract
    release(offset: usize, bytes: usize);
    add(handle: usize, operation: usize, facts: usize, count: usize);
    take_part(handle: usize, before: usize, whole: usize);
    run(handle: usize, rows: usize, epoch: f64, step: f64) -> bool;
    run_steps(handle: usize, steps: usize, epoch: f64, step: f64) -> usize;
    start(handle: usize, rows: usize, epoch: f64, step: f64);
    advance(handle: usize) -> u32;
    release_program(handle: usize);
    magnitude_bound(double: bool, block: usize, len: usize, threads: usize) -> f64;
    first_non_finite(double: bool, block: usize, len: usize) -> f64;
    sha256_update(hash: usize, bytes: usize, len: usize);
    sha256_finish(hash: usize, digest: usize);
}

/// Where the text of `calls::schema` begins.
#[wasm_bindgen]
pub fn schema() -> usize {
    calls::schema().as_ptr() as usize
}

#[wasm_bindgen]
pub fn schema_len() -> usize {
    calls::schema().len()
}

/// `calls::workspace_len` in f32.
#[wasm_bindgen]
pub fn workspace_len_f32(rows: usize, n_in: usize, n_out: usize, threads: usize) -> usize {
    calls::workspace_len(false, rows, (n_in, n_out), threads)
}

/// `calls::workspace_len` in f64.
#[wasm_bindgen]
pub fn workspace_len_f64(rows: usize, n_in: usize, n_out: usize, threads: usize) -> usize {
    calls::workspace_len(true, rows, (n_in, n_out), threads)
}

/// `threads::enter`: the first thing that a worker does.
#[cfg(target_feature = "atomics")]
#[wasm_bindgen]
pub fn enter(block: usize) {
    // SAFETY: this file's contract; the block is a worker's own.
    unsafe { threads::enter(block) }
}

/// The life of a worker on a seat from 1 on: takes parts of kernels until its thread ends. Never returns.
#[cfg(target_feature = "atomics")]
#[wasm_bindgen]
pub fn serve(seat: usize) {
    threads::serve(seat);
}
