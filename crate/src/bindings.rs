//! What TypeScript calls: offsets into linear memory become views, sizes are checked, and one kernel
//! is called. Nothing is computed here.
//!
//! Offsets count bytes; sizes count elements. An output or a mask at offset 0 is absent.
//! Of the views of one call no output overlaps another view; ts/wasm/kernels.ts sees to it.

use crate::activation::{self, Activation};
use crate::dense::{self, Dropout, Layout, Previous};
use crate::element::Element;
use crate::gemm::{Destination, Factor, panel_width};
use crate::initialization::{self, Initialization};
use crate::memory::{self, count, matrix, matrix_mut, slice, slice_mut};
use crate::optimizer::{self, Adam};
use crate::product::{self, Resources, longer_side, nothing, product};
use crate::random::{self, Purpose, StreamKey};
use crate::{accuracy, dropout, gather, loss, peak, reduction, sha256, threads};
use wasm_bindgen::prelude::wasm_bindgen;

/// Writes the f32 and the f64 function of one body, in which `T` is the number type.
macro_rules! twins {
    ($(
        $(#[$($attribute:tt)*])*
        fn $f32:ident, $f64:ident($($name:ident: $type:ident),* $(,)?) $(-> $result:ident)? $body:block
    )*) => {$(
        twins!(@one f32, $(#[$($attribute)*])* $f32($($name: $type),*) $(-> $result)? $body);
        twins!(@one f64, $(#[$($attribute)*])* $f64($($name: $type),*) $(-> $result)? $body);
    )*};
    (@one $element:ident, $(#[$($attribute:tt)*])* $function:ident($($name:ident: $type:ident),*)
        $(-> $result:ident)? $body:block) => {
        $(#[$($attribute)*])*
        #[wasm_bindgen]
        #[allow(clippy::too_many_arguments, unused_unsafe)]
        pub fn $function($($name: $type),*) $(-> $result)? {
            type T = $element;
            // SAFETY: every offset is of a block of the caller's that is long enough and that no
            // other call uses meanwhile, and outputs overlap nothing (this file's contract).
            unsafe { $body }
        }
    };
}

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

/// The offset of new memory, of any value and aligned to 64 bytes, or 0 where memory cannot grow so far.
#[wasm_bindgen]
pub fn allocate(bytes: usize) -> usize {
    memory::allocate(bytes)
}

/// Gives back what `allocate(bytes)` returned.
#[wasm_bindgen]
pub fn release(offset: usize, bytes: usize) {
    // SAFETY: the caller's contract: a block of `allocate`, released once.
    unsafe { memory::release(offset, bytes) }
}

twins! {
    /// The units of a panel of W.
    fn panel_width_f32, panel_width_f64() -> usize {
        panel_width::<T>()
    }

    /// Elements of workspace for `dense_forward` and `dense_backward` of such a layer.
    fn workspace_len_f32, workspace_len_f64(
        rows: usize, n_in: usize, n_out: usize, threads: usize,
    ) -> usize {
        dense::workspace_len::<T>(rows, n_in, n_out, threads)
    }

    /// A ← g(X·Wᵀ + b) ⊙ mask / keep_prob. No dropout where mask is 0. g is not softmax.
    fn dense_forward_f32, dense_forward_f64(
        a: usize, x: usize, w: usize, b: usize, mask: usize, workspace: usize,
        workspace_len: usize, rows: usize, n_in: usize, n_out: usize, panel: usize,
        activation: u32, keep_prob: f64, threads: usize,
    ) {
        let layout = Layout::of_panel::<T>(panel);
        let (w_rows, w_columns) = layout.shape::<T>(n_in, n_out);
        dense::dense_forward::<T>(
            matrix_mut(a, rows, n_out),
            matrix(x, rows, n_in),
            (matrix(w, w_rows, w_columns), layout),
            slice(b, n_out),
            (mask != 0).then(|| Dropout { mask: matrix(mask, rows, n_out), keep_prob }),
            &mut Resources { workspace: slice_mut(workspace, workspace_len), threads },
            Activation::from_code(activation),
        );
    }

    /// dW ← dZᵀ·X + l2_over_m·W; db ← column sums of dZ; dX ← (dZ·W) ⊙ g′(X)/keep_prob. dX may be 0.
    fn dense_backward_f32, dense_backward_f64(
        dx: usize, dw: usize, db: usize, dz: usize, x: usize, w: usize, workspace: usize,
        workspace_len: usize, rows: usize, n_in: usize, n_out: usize, panel: usize,
        activation_of_x: u32, keep_prob: f64, l2_over_m: f64, threads: usize,
    ) {
        let layout = Layout::of_panel::<T>(panel);
        let (w_rows, w_columns) = layout.shape::<T>(n_in, n_out);
        let activation = Activation::from_code(activation_of_x);
        let previous = Previous { activation, keep_prob };
        dense::dense_backward::<T>(
            (dx != 0).then(|| (matrix_mut(dx, rows, n_in), previous)),
            matrix_mut(dw, w_rows, w_columns),
            slice_mut(db, n_out),
            matrix(dz, rows, n_out),
            matrix(x, rows, n_in),
            (matrix(w, w_rows, w_columns), layout),
            &mut Resources { workspace: slice_mut(workspace, workspace_len), threads },
            l2_over_m,
        );
    }

    /// A ← g(A) in place, row by row for softmax.
    fn output_activation_f32, output_activation_f64(
        a: usize, rows: usize, n: usize, activation: u32,
    ) {
        activation::output_activation::<T>(
            matrix_mut(a, rows, n),
            Activation::from_code(activation),
        );
    }

    /// The summed loss of sigmoid units from logits; dZ ← (σ(Z) − Y)/m. dZ may be 0.
    fn binary_cross_entropy_f32, binary_cross_entropy_f64(
        dz: usize, z: usize, y: usize, rows: usize, n: usize, m: usize,
    ) -> f64 {
        let len = count(rows, n);
        let dz = (dz != 0).then(|| slice_mut(dz, len));
        loss::binary_cross_entropy::<T>(dz, slice(z, len), slice(y, len), m)
    }

    /// The summed loss of softmax rows from logits, labels being 32-bit class indices; dZ ← (softmax(Z) − onehot)/m. dZ may be 0.
    fn categorical_cross_entropy_f32, categorical_cross_entropy_f64(
        dz: usize, z: usize, labels: usize, rows: usize, n: usize, m: usize,
    ) -> f64 {
        let dz = (dz != 0).then(|| matrix_mut(dz, rows, n));
        loss::categorical_cross_entropy::<T>(dz, matrix(z, rows, n), slice(labels, rows), m)
    }

    /// How many sigmoid units answer right.
    fn binary_correct_f32, binary_correct_f64(z: usize, y: usize, rows: usize, n: usize) -> f64 {
        let len = count(rows, n);
        accuracy::binary_correct::<T>(slice(z, len), slice(y, len)) as f64
    }

    /// How many softmax rows answer right, labels being 32-bit class indices.
    fn categorical_correct_f32, categorical_correct_f64(
        z: usize, labels: usize, rows: usize, n: usize,
    ) -> f64 {
        accuracy::categorical_correct::<T>(matrix(z, rows, n), slice(labels, rows)) as f64
    }

    /// Σ w².
    fn sum_of_squares_f32, sum_of_squares_f64(w: usize, len: usize) -> f64 {
        reduction::sum_of_squares::<T>(slice(w, len))
    }

    /// max |x|; NaN if there is a NaN, else ∞ if there is an infinity.
    fn largest_magnitude_f32, largest_magnitude_f64(block: usize, len: usize) -> f64 {
        reduction::largest_magnitude::<T>(slice(block, len))
    }

    /// A bound on max |x|: a sum of some magnitudes, the largest among them; not finite if an element is not.
    fn magnitude_bound_f32, magnitude_bound_f64(block: usize, len: usize, threads: usize) -> f64 {
        reduction::magnitude_bound::<T>(slice(block, len), threads)
    }

    /// The index of the first NaN or infinity, or −1.
    fn first_non_finite_f32, first_non_finite_f64(block: usize, len: usize) -> f64 {
        reduction::first_non_finite::<T>(slice(block, len)).map_or(-1.0, |index| index as f64)
    }

    /// w ← w − α·g.
    fn gradient_descent_f32, gradient_descent_f64(
        w: usize, g: usize, len: usize, learning_rate: f64, threads: usize,
    ) {
        optimizer::gradient_descent::<T>(slice_mut(w, len), slice(g, len), learning_rate, threads);
    }

    /// v ← β·v + (1 − β)·g; w ← w − α·v.
    fn momentum_f32, momentum_f64(
        w: usize, v: usize, g: usize, len: usize, learning_rate: f64, beta: f64,
        threads: usize,
    ) {
        let (w, v) = (slice_mut(w, len), slice_mut(v, len));
        optimizer::momentum::<T>(w, v, slice(g, len), learning_rate, beta, threads);
    }

    /// One step of Adam; power1 and power2 are β₁ᵗ and β₂ᵗ of this step.
    fn adam_f32, adam_f64(
        w: usize, v: usize, s: usize, g: usize, len: usize, learning_rate: f64,
        beta1: f64, beta2: f64, epsilon: f64, power1: f64, power2: f64, threads: usize,
    ) {
        let (w, v, s) = (slice_mut(w, len), slice_mut(v, len), slice_mut(s, len));
        let step = Adam { learning_rate, beta1, beta2, epsilon, power1, power2 };
        optimizer::adam::<T>(w, v, s, slice(g, len), step, threads);
    }

    /// The first weights of a layer.
    fn initialize_f32, initialize_f64(
        w: usize, n_in: usize, n_out: usize, method: u32, seed: f64, layer: u32,
    ) {
        let w = slice_mut(w, count(n_in, n_out));
        let purpose = Purpose::Initialization;
        let key = StreamKey { seed: seed as u64, purpose, layer, epoch: 0, step: 0 };
        let method = Initialization::from_code(method);
        initialization::initialize::<T>(w, n_in, method, &mut key.stream());
    }

    /// The dropout mask of one layer at one step: 1 with probability keep_prob, else 0.
    fn dropout_mask_f32, dropout_mask_f64(
        mask: usize, len: usize, keep_prob: f64, seed: f64, epoch: f64, step: f64, layer: u32,
    ) {
        let purpose = Purpose::Dropout;
        let (seed, epoch, step) = (seed as u64, epoch as u64, step as u64);
        let key = StreamKey { seed, purpose, layer, epoch, step };
        dropout::dropout_mask::<T>(slice_mut(mask, len), 0, keep_prob, &mut key.stream());
    }

    /// C ← A·B, where a transposed operand is stored (k, m) or (n, k). For benchmarks and tests.
    fn matmul_f32, matmul_f64(
        c: usize, a: usize, b: usize, workspace: usize, workspace_len: usize, m: usize,
        n: usize, k: usize, a_transposed: bool, b_transposed: bool, threads: usize,
    ) {
        let a = if a_transposed { matrix(a, k, m).reversed_axes() } else { matrix(a, m, k) };
        let b = if b_transposed { matrix(b, n, k).reversed_axes() } else { matrix(b, k, n) };
        let c = Destination::rows(matrix_mut(c, m, n));
        let workspace = slice_mut(workspace, workspace_len);
        let resources = &mut Resources { workspace, threads };
        product::<T>(c, a, Factor::Plain(b), resources, longer_side((m, n)), &nothing);
    }

    /// Elements of workspace for `matmul`.
    fn matmul_workspace_len_f32, matmul_workspace_len_f64(
        m: usize, n: usize, k: usize, threads: usize,
    ) -> usize {
        product::workspace_len::<T>((m, n), k, threads, longer_side((m, n)))
    }

    /// C ← A·B by ndarray's own product, for comparison.
    #[cfg(feature = "benchmark")]
    fn ndarray_dot_f32, ndarray_dot_f64(
        c: usize, a: usize, b: usize, m: usize, n: usize, k: usize,
    ) {
        let (a, b) = (matrix::<T>(a, m, k), matrix(b, k, n));
        ndarray::linalg::general_mat_mul(1.0, &a, &b, 0.0, &mut matrix_mut(c, m, n));
    }

    /// The rate's measure: so many turns of multiply-adds in registers alone.
    fn multiply_add_peak_f32, multiply_add_peak_f64(turns: usize) -> f64 {
        peak::multiply_add_peak::<T>(turns).to_f64()
    }
}

/// order ← a uniformly random permutation of 0 … m − 1, 32-bit integers.
#[wasm_bindgen]
pub fn shuffle(order: usize, m: usize, seed: f64, epoch: f64) {
    let (seed, epoch) = (seed as u64, epoch as u64);
    let key = StreamKey { seed, purpose: Purpose::Shuffle, layer: 0, epoch, step: 0 };
    // SAFETY: `order` is of a block of the caller's with room for m of them.
    random::shuffle(unsafe { slice_mut(order, m) }, &mut key.stream());
}

/// to ← the rows `order` of the m rows `from`, each `width` words of 32 bits long.
#[wasm_bindgen]
pub fn gather(
    to: usize,
    from: usize,
    m: usize,
    width: usize,
    order: usize,
    rows: usize,
    threads: usize,
) {
    let (to_len, from_len) = (count(rows, width), count(m, width));
    // SAFETY: every offset is of a block of the caller's that is long enough, and `to` overlaps no other.
    unsafe {
        let (to, from, order) = (slice_mut(to, to_len), slice(from, from_len), slice(order, rows));
        gather::gather(to, from, width, order, threads);
    }
}

/// A new SHA-256 hash.
#[wasm_bindgen]
pub fn sha256_start() -> usize {
    sha256::start()
}

/// Takes up `len` bytes.
#[wasm_bindgen]
pub fn sha256_update(hash: usize, bytes: usize, len: usize) {
    // SAFETY: `hash` is of `sha256_start`, and `bytes` of a block of the caller's that is long enough.
    unsafe { sha256::update(hash, slice(bytes, len)) }
}

/// digest ← 32 bytes; the hash is gone.
#[wasm_bindgen]
pub fn sha256_finish(hash: usize, digest: usize) {
    // SAFETY: `hash` is of `sha256_start`, and `digest` of a block of the caller's with 32 bytes.
    unsafe { slice_mut(digest, 32).copy_from_slice(&sha256::finish(hash)) }
}

/// So many forks and joins in which each of the threads takes a part. For the benchmark.
#[wasm_bindgen]
pub fn rendezvous(turns: usize, threads: usize) {
    threads::rendezvous(turns, threads);
}

/// Wakes the workers of so many threads (at least 1) for a kernel that is about to be called.
#[wasm_bindgen]
pub fn rouse(threads: usize) {
    threads::rouse(threads);
}

/// Whether the trap that ended this instance came from a worker that was killed.
#[wasm_bindgen]
pub fn worker_lost() -> bool {
    threads::worker_lost()
}

/// The first call of a worker: its thread-local storage is at `block`, the beginning of what `allocate` gave for its
/// stack, which grows down from the end.
#[cfg(target_feature = "atomics")]
#[wasm_bindgen]
pub fn enter(block: usize) {
    // SAFETY: the caller's contract: a block of this worker's own, far longer than the storage.
    unsafe { threads::enter(block) }
}

/// The life of a worker on a seat from 1 on: takes parts of kernels until its thread ends. Never returns.
#[cfg(target_feature = "atomics")]
#[wasm_bindgen]
pub fn serve(seat: usize) {
    threads::serve(seat);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::numbers;

    fn address<T>(block: &[T]) -> usize {
        block.as_ptr() as usize
    }

    fn address_mut<T>(block: &mut [T]) -> usize {
        block.as_mut_ptr() as usize
    }

    #[test]
    fn a_layer_is_the_same_through_offsets() {
        let (rows, n_in, n_out) = (5, 7, 3);
        let (x, w, b) = (numbers::<f64>(35, 1), numbers::<f64>(21, 2), numbers::<f64>(3, 3));
        let mask = [1.0; 15];
        let mut workspace = vec![0.0f64; workspace_len_f64(rows, n_in, n_out, 1)];
        let (mut plain, mut dropped) = ([f64::NAN; 15], [f64::NAN; 15]);
        for (a, mask) in [(&mut plain, 0), (&mut dropped, address(&mask))] {
            let (x, w, b) = (address(&x), address(&w), address(&b));
            let (a, len, workspace) =
                (address_mut(a), workspace.len(), address_mut(&mut workspace));
            dense_forward_f64(a, x, w, b, mask, workspace, len, rows, n_in, n_out, 1, 1, 0.5, 1);
        }
        for (i, (plain, dropped)) in plain.into_iter().zip(dropped).enumerate() {
            let (x, w) = (&x[i / 3 * 7..][..7], &w[i % 3 * 7..][..7]);
            let z: f64 = x.iter().zip(w).map(|(x, w)| x * w).sum::<f64>() + b[i % 3];
            crate::testing::assert_near(plain, z.max(0.0), 1e-15);
            assert_eq!(dropped, plain / 0.5);
        }
    }

    #[test]
    fn an_output_at_offset_0_is_left_out() {
        let (z, y) = ([0.5f32, -1.0], [1.0f32, 0.0]);
        let loss = binary_cross_entropy_f32(0, address(&z), address(&y), 2, 1, 2);
        assert!(loss > 0.0 && loss.is_finite());
    }

    #[test]
    fn no_non_finite_element_is_minus_1() {
        let block = [1.0f32, f32::NAN];
        assert_eq!(first_non_finite_f32(address(&block), 1), -1.0);
        assert_eq!(first_non_finite_f32(address(&block), 2), 1.0);
    }
}
