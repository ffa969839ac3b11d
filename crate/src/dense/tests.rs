use super::*;
use crate::loss::binary_cross_entropy;
use crate::testing::{EDGES, assert_near, epsilon, numbers};
use ndarray::{Array2, array};

const HIDDEN: [Activation; 3] = [Activation::Linear, Activation::Relu, Activation::Sigmoid];

fn matrix<T: Element>(rows: usize, columns: usize, seed: u64) -> Array2<T> {
    Array2::from_shape_vec((rows, columns), numbers(rows * columns, seed)).expect("its own size")
}

fn mask<T: Element>(rows: usize, columns: usize, seed: u64) -> Array2<T> {
    let keep = |x: T| if x.to_f64() < 0.4 { T::one() } else { T::zero() };
    matrix::<T>(rows, columns, seed).mapv(keep)
}

fn nan<T: Element>(rows: usize, columns: usize) -> Array2<T> {
    Array2::from_elem((rows, columns), T::from_f64(f64::NAN))
}

fn forward<T: Element>(
    x: &Array2<T>,
    w: &Array2<T>,
    b: &[T],
    dropout: Option<(&Array2<T>, f64)>,
    activation: Activation,
) -> Array2<T> {
    let mut a = nan(x.nrows(), w.nrows());
    let len = workspace_len::<T>(x.nrows(), x.ncols(), w.nrows(), 1);
    let dropout = dropout.map(|(mask, keep_prob)| Dropout { mask: mask.view(), keep_prob });
    let mut workspace = vec![T::from_f64(f64::NAN); len];
    let mut resources = Resources { workspace: &mut workspace, threads: 1 };
    let w = (w.view(), Layout::Rows);
    dense_forward(a.view_mut(), x.view(), w, b, dropout, &mut resources, activation);
    a
}

struct Gradients<T> {
    dx: Array2<T>,
    dw: Array2<T>,
    db: Vec<T>,
}

fn backward<T: Element>(
    dz: &Array2<T>,
    x: &Array2<T>,
    w: &Array2<T>,
    previous: Previous,
    l2_over_m: f64,
) -> Gradients<T> {
    let (mut dx, mut dw) = (nan(x.nrows(), x.ncols()), nan(w.nrows(), w.ncols()));
    let mut db = vec![T::from_f64(f64::NAN); w.nrows()];
    let len = workspace_len::<T>(x.nrows(), x.ncols(), w.nrows(), 1);
    let mut workspace = vec![T::from_f64(f64::NAN); len];
    let mut resources = Resources { workspace: &mut workspace, threads: 1 };
    let dx_of = Some((dx.view_mut(), previous));
    let (dz, x, w) = (dz.view(), x.view(), (w.view(), Layout::Rows));
    dense_backward(dx_of, dw.view_mut(), &mut db, dz, x, w, &mut resources, l2_over_m);
    Gradients { dx, dw, db }
}

/// Σ terms and Σ |terms|, in f64.
fn sum(terms: impl Iterator<Item = f64>) -> (f64, f64) {
    terms.fold((0.0, 0.0), |(sum, magnitude), term| (sum + term, magnitude + term.abs()))
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// Edge sizes for rows, n_in and n_out, and some larger odd ones.
fn shapes() -> impl Iterator<Item = (usize, usize, usize)> {
    let edges = || EDGES.into_iter().filter(|n| ![6, 10, 11, 12, 13, 14].contains(n));
    let triples = edges()
        .filter(|&rows| rows > 0)
        .flat_map(move |rows| edges().flat_map(move |n_in| edges().map(move |n| (rows, n_in, n))));
    triples.chain([(17, 257, 5), (129, 31, 65), (5, 300, 133)])
}

fn forward_follows_plain_loops<T: Element>() {
    for (case, (rows, n_in, n_out)) in shapes().enumerate() {
        let activation = HIDDEN[case % 3];
        let (x, w) = (matrix::<T>(rows, n_in, 1), matrix::<T>(n_out, n_in, 2));
        let (b, mask) = (numbers::<T>(n_out, 3), mask::<T>(rows, n_out, 4));
        let dropout = (case % 2 == 0).then_some((&mask, 0.7));
        let a = forward(&x, &w, &b, dropout, activation);
        for ((i, j), a) in a.indexed_iter() {
            let product = (0..n_in).map(|p| x[[i, p]].to_f64() * w[[j, p]].to_f64());
            let (z, magnitude) = sum(product.chain([b[j].to_f64()]));
            let expected = match activation {
                Activation::Relu => z.max(0.0),
                Activation::Sigmoid => sigmoid(z),
                _ => z,
            };
            let scale = dropout.map_or(1.0, |_| mask[[i, j]].to_f64() / T::from_f64(0.7).to_f64());
            let bound = ((n_in + 2) as f64 * magnitude + 4.0) * epsilon::<T>() * scale;
            assert_near(a.to_f64(), expected * scale, bound);
        }
    }
}

#[test]
fn forward_follows_plain_loops_at_every_edge() {
    forward_follows_plain_loops::<f32>();
    forward_follows_plain_loops::<f64>();
}

fn backward_follows_plain_loops<T: Element>() {
    for (case, (rows, n_in, n_out)) in shapes().enumerate() {
        let activation = HIDDEN[case % 3];
        let keep_prob = if case % 2 == 0 || activation == Activation::Linear { 1.0 } else { 0.5 };
        let l2_over_m = if case % 5 < 2 { 0.0 } else { 0.3 };
        let (dz, w) = (matrix::<T>(rows, n_out, 1), matrix::<T>(n_out, n_in, 2));
        let mask = if keep_prob == 1.0 {
            nan(rows, n_in).mapv(|_: T| T::one())
        } else {
            mask(rows, n_in, 3)
        };
        let a = matrix::<T>(rows, n_in, 4).mapv(|a| match activation {
            Activation::Linear => a,
            Activation::Relu => {
                if a > T::zero() {
                    a
                } else {
                    T::zero()
                }
            }
            _ => T::from_f64(a.to_f64().abs()),
        });
        let x = (&a * &mask).mapv(|x| x / T::from_f64(keep_prob));
        let got = backward(&dz, &x, &w, Previous { activation, keep_prob }, l2_over_m);

        let near = |got: T, (expected, magnitude): (f64, f64), terms: usize| {
            assert_near(got.to_f64(), expected, (terms + 6) as f64 * magnitude * epsilon::<T>());
        };
        for ((j, p), &dw) in got.dw.indexed_iter() {
            let product = (0..rows).map(|i| dz[[i, j]].to_f64() * x[[i, p]].to_f64());
            near(dw, sum(product.chain([l2_over_m * w[[j, p]].to_f64()])), rows);
        }
        for (j, &db) in got.db.iter().enumerate() {
            near(db, sum((0..rows).map(|i| dz[[i, j]].to_f64())), rows);
        }
        for ((i, p), &dx) in got.dx.indexed_iter() {
            let slope = match activation {
                Activation::Linear => 1.0,
                Activation::Relu => f64::from(a[[i, p]] > T::zero()),
                _ => a[[i, p]].to_f64() * (1.0 - a[[i, p]].to_f64()),
            } * mask[[i, p]].to_f64()
                / keep_prob;
            near(
                dx,
                sum((0..n_out).map(|j| slope * dz[[i, j]].to_f64() * w[[j, p]].to_f64())),
                n_out,
            );
        }
    }
}

#[test]
fn backward_follows_plain_loops_at_every_edge() {
    backward_follows_plain_loops::<f32>();
    backward_follows_plain_loops::<f64>();
}

/// A network [n0, n1, n2] with one hidden activation, dropout of the hidden layer and L2.
struct Network {
    x: Array2<f64>,
    y: Vec<f64>,
    mask: Option<Array2<f64>>,
    activation: Activation,
    l2: f64,
}

const KEEP_PROB: f64 = 0.7;

impl Network {
    fn loss(&self, w: &[Array2<f64>; 2], b: &[Vec<f64>; 2]) -> f64 {
        let dropout = self.mask.as_ref().map(|mask| (mask, KEEP_PROB));
        let a = forward(&self.x, &w[0], &b[0], dropout, self.activation);
        let z = forward(&a, &w[1], &b[1], None, Activation::Linear);
        let m = self.x.nrows();
        let z = z.as_slice().expect("row-major");
        let squares: f64 = w.iter().flatten().map(|w| w * w).sum();
        (binary_cross_entropy(None, z, &self.y, m) + self.l2 / 2.0 * squares) / m as f64
    }

    fn gradients(&self, w: &[Array2<f64>; 2], b: &[Vec<f64>; 2]) -> [Gradients<f64>; 2] {
        let m = self.x.nrows();
        let dropout = self.mask.as_ref().map(|mask| (mask, KEEP_PROB));
        let a = forward(&self.x, &w[0], &b[0], dropout, self.activation);
        let z = forward(&a, &w[1], &b[1], None, Activation::Linear);
        let mut dz = z.clone();
        let dz_slice = dz.as_slice_mut().expect("row-major");
        binary_cross_entropy(Some(dz_slice), z.as_slice().expect("row-major"), &self.y, m);
        let keep_prob = if dropout.is_some() { KEEP_PROB } else { 1.0 };
        let previous = Previous { activation: self.activation, keep_prob };
        let l2_over_m = self.l2 / m as f64;
        let second = backward(&dz, &a, &w[1], previous, l2_over_m);
        let input = Previous { activation: Activation::Linear, keep_prob: 1.0 };
        let first = backward(&second.dx, &self.x, &w[0], input, l2_over_m);
        [first, second]
    }
}

#[test]
fn gradients_are_the_slopes_of_the_loss_with_dropout_and_l2_alone_and_together() {
    for activation in HIDDEN {
        for (dropped, l2) in [(false, 0.0), (false, 0.7), (true, 0.0), (true, 0.7)] {
            if dropped && activation == Activation::Linear {
                continue;
            }
            let network = Network {
                x: matrix(7, 4, 1),
                y: (0..14).map(|i| f64::from(i % 3 == 0)).collect(),
                mask: dropped.then(|| mask(7, 5, 2)),
                activation,
                l2,
            };
            let mut w = [matrix(5, 4, 3), matrix(2, 5, 4)];
            let mut b = [numbers(5, 5), numbers(2, 6)];
            let gradients = network.gradients(&w, &b);
            for layer in 0..2 {
                for ((j, p), &slope) in gradients[layer].dw.indexed_iter() {
                    let at = w[layer][[j, p]];
                    let loss = [1e-5, -1e-5].map(|by| {
                        w[layer][[j, p]] = at + by;
                        network.loss(&w, &b)
                    });
                    w[layer][[j, p]] = at;
                    assert_near(slope, (loss[0] - loss[1]) / 2e-5, 1e-9);
                }
                for (j, &slope) in gradients[layer].db.iter().enumerate() {
                    let at = b[layer][j];
                    let loss = [1e-5, -1e-5].map(|by| {
                        b[layer][j] = at + by;
                        network.loss(&w, &b)
                    });
                    b[layer][j] = at;
                    assert_near(slope, (loss[0] - loss[1]) / 2e-5, 1e-9);
                }
            }
        }
    }
}

#[test]
fn nan_is_not_hidden() {
    let w = array![[1.0f32, 2.0], [3.0, 4.0]];
    for activation in HIDDEN {
        let x = array![[1.0, f32::NAN], [1.0, 1.0]];
        let a =
            forward(&x, &w, &[0.0, 0.0], Some((&array![[1.0, 0.0], [1.0, 1.0]], 0.5)), activation);
        assert!(a.row(0).iter().all(|a| a.is_nan()) && a.row(1).iter().all(|a| a.is_finite()));
    }
}

#[test]
fn the_first_layer_needs_no_dx() {
    let (dz, x, w) = (matrix::<f32>(9, 3, 1), matrix(9, 5, 2), matrix(3, 5, 3));
    let with_dx =
        backward(&dz, &x, &w, Previous { activation: Activation::Relu, keep_prob: 1.0 }, 0.1);
    let (mut dw, mut db) = (nan(3, 5), [0.0; 3]);
    let mut workspace = vec![0.0; workspace_len::<f32>(9, 5, 3, 1)];
    let mut resources = Resources { workspace: &mut workspace, threads: 1 };
    dense_backward(
        None,
        dw.view_mut(),
        &mut db,
        dz.view(),
        x.view(),
        (w.view(), Layout::Rows),
        &mut resources,
        0.1,
    );
    assert_eq!((dw, &db[..]), (with_dx.dw, &with_dx.db[..]));
}

/// The matrix that W is stored as in panels.
fn in_panels<T: Element>(w: &Array2<T>) -> Array2<T> {
    let width = panel_width::<T>();
    let shape = Layout::Panels.shape::<T>(w.ncols(), w.nrows());
    Array2::from_shape_fn(shape, |(q, at)| w[[q * width + at % width, at / width]])
}

/// W as the caller's memory has it, aligned to 64 bytes.
fn aligned<T: Element>(w: &Array2<T>) -> (Vec<T>, usize) {
    let mut memory = vec![T::zero(); w.len() + 16];
    let start = memory.as_ptr().align_offset(64);
    memory[start..start + w.len()].copy_from_slice(w.as_slice().expect("contiguous"));
    (memory, start)
}

fn panels_change_no_bit<T: Element>() {
    let bits = |x: &[T]| x.iter().map(|x| x.to_f64().to_bits()).collect::<Vec<u64>>();
    for (rows, n_in, n_out) in
        [(1, 1, 8), (3, 17, 16), (32, 784, 128), (70, 45, 64), (600, 37, 40), (5, 1100, 1032)]
    {
        let (x, dz) = (matrix::<T>(rows, n_in, 1), matrix::<T>(rows, n_out, 2));
        let (w, b) = (matrix::<T>(n_out, n_in, 3), numbers::<T>(n_out, 4));
        let stored = in_panels(&w);
        let (memory, start) = aligned(&stored);
        let stored = ArrayView2::from_shape(stored.dim(), &memory[start..start + w.len()])
            .expect("its own size");
        let by_rows = forward(&x, &w, &b, None, Activation::Relu);
        let linear = Previous { activation: Activation::Linear, keep_prob: 1.0 };
        for threads in 1..=3 {
            let len = workspace_len::<T>(rows, n_in, n_out, threads);
            let mut workspace = vec![T::from_f64(f64::NAN); len];
            let mut resources = Resources { workspace: &mut workspace, threads };
            let w_in_panels = (stored, Layout::Panels);
            let mut a = nan(rows, n_out);
            let (out, activation) = (a.view_mut(), Activation::Relu);
            dense_forward(out, x.view(), w_in_panels, &b, None, &mut resources, activation);
            let got =
                (bits(a.as_slice().expect("by rows")), bits(by_rows.as_slice().expect("by rows")));
            assert!(got.0 == got.1, "A of {rows}×{n_in}×{n_out}, {threads} threads");
            for l2_over_m in [0.0, 0.3] {
                let expected = backward(&dz, &x, &w, linear, l2_over_m);
                let (mut dw, mut db) =
                    (nan(stored.nrows(), stored.ncols()), vec![T::zero(); n_out]);
                let (dz, x) = (dz.view(), x.view());
                let out = dw.view_mut();
                dense_backward(None, out, &mut db, dz, x, w_in_panels, &mut resources, l2_over_m);
                let expected_dw = in_panels(&expected.dw);
                let same = bits(dw.as_slice().expect("by rows"))
                    == bits(expected_dw.as_slice().expect("by rows"));
                assert!(same, "dW of {rows}×{n_in}×{n_out}, {threads} threads, {l2_over_m}");
                assert_eq!(bits(&db), bits(&expected.db));
            }
        }
    }
}

#[test]
fn weights_in_panels_change_no_bit() {
    panels_change_no_bit::<f32>();
    panels_change_no_bit::<f64>();
}

#[test]
#[should_panic(expected = "softmax: expected as an output activation only")]
fn softmax_is_no_hidden_activation() {
    forward(&matrix::<f32>(2, 2, 1), &matrix(2, 2, 2), &[0.0; 2], None, Activation::Softmax);
}

#[test]
#[should_panic(expected = "keepProb of a linear layer")]
fn dropout_of_a_linear_layer_is_refused_where_its_mask_would_be_lost() {
    let (dz, x, w) = (matrix::<f32>(2, 2, 1), matrix(2, 2, 2), matrix(2, 2, 3));
    backward(&dz, &x, &w, Previous { activation: Activation::Linear, keep_prob: 0.5 }, 0.0);
}
