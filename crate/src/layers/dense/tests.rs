use super::*;
use crate::activations::{NAMES, activation};
use crate::facts::Words;
use crate::gemm::{into_panels, padded_columns};
use crate::losses::{Targets, loss};
use crate::testing::{EDGES, assert_near, bits, epsilon, numbers};
use ndarray::{Array2, array, s};

const PARAMETER: f64 = 0.125;

/// Every activation of a hidden layer.
fn hidden<T: Element>() -> Vec<(&'static str, Box<dyn Activation<T>>)> {
    let all =
        NAMES.iter().enumerate().map(|(number, &(name, _))| (name, activation(number, PARAMETER)));
    all.filter(|(name, _)| *name != "softmax").collect()
}

fn named<T: Element>(name: &str) -> Box<dyn Activation<T>> {
    let (_, activation) =
        hidden().into_iter().find(|(known, _)| *known == name).expect("a known name");
    activation
}

/// What an activation keeps for its backward pass; nothing where that sees g(z).
fn keeps(name: &str) -> &'static str {
    let what = NAMES.iter().find(|(known, _)| *known == name).expect("a known name").1;
    what.trim_start()
}

/// g(z), in f64.
fn g(name: &str, z: f64) -> f64 {
    let mut a = [z];
    named::<f64>(name).apply(&mut a);
    a[0]
}

/// What the backward pass sees of g at z.
fn seen<T: Element>(name: &str, z: T) -> T {
    let (mut a, mut kept) = ([z], [z]);
    named::<T>(name).apply_keeping(&mut a, &mut kept);
    if keeps(name).is_empty() { a[0] } else { kept[0] }
}

/// g′ at z.
fn slope(name: &str, z: f64) -> f64 {
    let mut da = [1.0];
    named::<f64>(name).backward(&mut da, &[seen(name, z)], 1.0);
    da[0]
}

#[test]
fn every_derivative_is_the_slope_of_its_activation() {
    for (name, _) in hidden::<f64>() {
        for z in numbers::<f64>(200, 7).into_iter().map(|z| 6.0 * z) {
            let numeric = (g(name, z + 1e-6) - g(name, z - 1e-6)) / 2e-6;
            assert_near(slope(name, z), numeric, 1e-8);
        }
    }
}

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

fn workspace<T: Element>(rows: usize, n_in: usize, n_out: usize, threads: usize) -> Vec<T> {
    vec![T::from_f64(f64::NAN); workspace_len::<T>(rows, n_in, n_out, threads)]
}

/// What a layer gives: A, and what it keeps: Z, or g′ of it.
fn forward_and_kept<T: Element>(
    x: &Array2<T>,
    w: &Array2<T>,
    b: &[T],
    dropout: Option<(&Array2<T>, f64)>,
    activation: &dyn Activation<T>,
) -> (Array2<T>, Array2<T>) {
    let (mut a, mut kept) = (nan(x.nrows(), w.nrows()), nan(x.nrows(), w.nrows()));
    let dropout = dropout.map(|(mask, keep_prob)| Dropout { mask: mask.view(), keep_prob });
    let mut workspace = workspace(x.nrows(), x.ncols(), w.nrows(), 1);
    let mut resources = Resources { workspace: &mut workspace, threads: 1 };
    let w = (w.view(), Layout::Rows);
    let plain = Output { b, activation, kept: None, dropout };
    dense_forward(a.view_mut(), x.view(), w, plain, &mut resources);
    let mut again = nan(x.nrows(), b.len());
    let keeping = Output { b, activation, kept: Some(kept.view_mut()), dropout };
    dense_forward(again.view_mut(), x.view(), w, keeping, &mut resources);
    assert!(
        a.iter().any(|a| a.to_f64().is_nan()) || bits(&a) == bits(&again),
        "keeping changes no bit"
    );
    (a, kept)
}

fn forward<T: Element>(
    x: &Array2<T>,
    w: &Array2<T>,
    b: &[T],
    dropout: Option<(&Array2<T>, f64)>,
    activation: &dyn Activation<T>,
) -> Array2<T> {
    forward_and_kept(x, w, b, dropout, activation).0
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
    before: Before<T>,
    l2_over_m: f64,
) -> Gradients<T> {
    let (mut dx, mut dw) = (nan(x.nrows(), x.ncols()), nan(w.nrows(), w.ncols()));
    let mut db = vec![T::from_f64(f64::NAN); w.nrows()];
    let mut workspace = workspace(x.nrows(), x.ncols(), w.nrows(), 1);
    let resources = &mut Resources { workspace: &mut workspace, threads: 1 };
    let (dz, x, stored) = (dz.view(), x.view(), (w.view(), Layout::Rows));
    weight_gradient(
        dw.view_mut(),
        Some(&mut db),
        (dz, 0..w.nrows()),
        x,
        stored,
        l2_over_m,
        resources,
    );
    input_gradient(dx.view_mut(), dz, w.view(), before, resources);
    Gradients { dx, dw, db }
}

/// A layer before without activation and dropout.
fn linear<'a, T: Element>(activation: &'a dyn Activation<T>, seen: &'a Array2<T>) -> Before<'a, T> {
    Before { activation, seen: seen.view(), dropout: None }
}

/// Σ terms and Σ |terms|, in f64.
fn sum(terms: impl Iterator<Item = f64>) -> (f64, f64) {
    terms.fold((0.0, 0.0), |(sum, magnitude), term| (sum + term, magnitude + term.abs()))
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
    let hidden = hidden::<T>();
    for (case, (rows, n_in, n_out)) in shapes().enumerate() {
        let (name, activation) = &hidden[case % hidden.len()];
        let (x, w) = (matrix::<T>(rows, n_in, 1), matrix::<T>(n_out, n_in, 2));
        let (b, mask) = (numbers::<T>(n_out, 3), mask::<T>(rows, n_out, 4));
        let dropout = (case % 2 == 0).then_some((&mask, 0.7));
        let (a, kept) = forward_and_kept(&x, &w, &b, dropout, &**activation);
        for ((i, j), a) in a.indexed_iter() {
            let product = (0..n_in).map(|p| x[[i, p]].to_f64() * w[[j, p]].to_f64());
            let (z, magnitude) = sum(product.chain([b[j].to_f64()]));
            let scale = dropout.map_or(1.0, |_| mask[[i, j]].to_f64() / T::from_f64(0.7).to_f64());
            let bound = ((n_in + 2) as f64 * magnitude + 4.0) * epsilon::<T>();
            let expected = match keeps(name) {
                "slope" => slope(name, z), // |g″| ≤ 1
                "gate" => g("hard_sigmoid", z),
                _ => z,
            };
            assert_near(kept[[i, j]].to_f64(), expected, bound);
            assert_near(a.to_f64(), g(name, z) * scale, bound * scale);
        }
    }
}

#[test]
fn forward_follows_plain_loops_at_every_edge() {
    forward_follows_plain_loops::<f32>();
    forward_follows_plain_loops::<f64>();
}

fn backward_follows_plain_loops<T: Element>() {
    let hidden = hidden::<T>();
    for (case, (rows, n_in, n_out)) in shapes().enumerate() {
        let (name, activation) = &hidden[case % hidden.len()];
        let keep_prob = if case % 2 == 0 { 1.0 } else { 0.5 };
        let l2_over_m = if case % 5 < 2 { 0.0 } else { 0.3 };
        let (dz, w) = (matrix::<T>(rows, n_out, 1), matrix::<T>(n_out, n_in, 2));
        let ones = nan(rows, n_in).mapv(|_: T| T::one());
        let mask = if keep_prob == 1.0 { ones } else { mask(rows, n_in, 3) };
        let z = matrix::<T>(rows, n_in, 4);
        let a = z.mapv(|z| T::from_f64(g(name, z.to_f64())));
        let x = (&a * &mask).mapv(|x| x / T::from_f64(keep_prob));
        let by_output = keeps(name).is_empty();
        let kept = z.mapv(|z| seen(name, z));
        let before = Before {
            activation: &**activation,
            seen: if by_output { x.view() } else { kept.view() },
            dropout: (keep_prob < 1.0).then(|| Dropout { mask: mask.view(), keep_prob }),
        };
        let got = backward(&dz, &x, &w, before, l2_over_m);

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
            let scale = mask[[i, p]].to_f64() / keep_prob;
            let (value, magnitude) =
                sum((0..n_out).map(|j| scale * dz[[i, j]].to_f64() * w[[j, p]].to_f64()));
            let slope = slope(name, z[[i, p]].to_f64());
            // Of z, g′ is a sum whose terms cancel where g turns.
            let terms = slope.abs() + if by_output { 0.0 } else { 0.25 };
            near(dx, (slope * value, terms * magnitude), n_out);
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
    y: Array2<f64>,
    mask: Option<Array2<f64>>,
    activation: Box<dyn Activation<f64>>,
    keeps: bool,
    l2: f64,
}

const KEEP_PROB: f64 = 0.7;

impl Network {
    fn loss(&self, w: &[Array2<f64>; 2], b: &[Vec<f64>; 2]) -> f64 {
        let dropout = self.mask.as_ref().map(|mask| (mask, KEEP_PROB));
        let a = forward(&self.x, &w[0], &b[0], dropout, &*self.activation);
        let z = forward(&a, &w[1], &b[1], None, &*named("linear"));
        let m = self.x.nrows();
        let squares: f64 = w.iter().flatten().map(|w| w * w).sum();
        let targets = Targets::Numbers(self.y.view());
        (loss(0, &mut Words(&[0.0, 1.0])).sum(None, z.view(), targets, m) + self.l2 / 2.0 * squares)
            / m as f64
    }

    fn gradients(&self, w: &[Array2<f64>; 2], b: &[Vec<f64>; 2]) -> [Gradients<f64>; 2] {
        let m = self.x.nrows();
        let dropout = self.mask.as_ref().map(|mask| (mask, KEEP_PROB));
        let (a, kept) = forward_and_kept(&self.x, &w[0], &b[0], dropout, &*self.activation);
        let none = named("linear");
        let z = forward(&a, &w[1], &b[1], None, &*none);
        let mut dz = z.clone();
        loss(0, &mut Words(&[0.0, 1.0])).sum(
            Some(dz.view_mut()),
            z.view(),
            Targets::Numbers(self.y.view()),
            m,
        );
        let l2_over_m = self.l2 / m as f64;
        let before = Before {
            activation: &*self.activation,
            seen: if self.keeps { kept.view() } else { a.view() },
            dropout: dropout.map(|(mask, keep_prob)| Dropout { mask: mask.view(), keep_prob }),
        };
        let second = backward(&dz, &a, &w[1], before, l2_over_m);
        let first = backward(&second.dx, &self.x, &w[0], linear(&*none, &self.x), l2_over_m);
        [first, second]
    }
}

#[test]
fn gradients_are_the_slopes_of_the_loss_with_dropout_and_l2_alone_and_together() {
    for (name, activation) in hidden::<f64>() {
        let mut network = Network {
            x: matrix(7, 4, 1),
            y: Array2::from_shape_fn((7, 2), |(i, j)| f64::from((2 * i + j) % 3 == 0)),
            mask: None,
            activation,
            keeps: !keeps(name).is_empty(),
            l2: 0.0,
        };
        for (dropped, l2) in [(false, 0.0), (false, 0.7), (true, 0.0), (true, 0.7)] {
            (network.mask, network.l2) = (dropped.then(|| mask(7, 5, 2)), l2);
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
    for (_, activation) in hidden() {
        let x = array![[1.0, f32::NAN], [1.0, 1.0]];
        let dropout = Some((&array![[1.0, 0.0], [1.0, 1.0]], 0.5));
        let a = forward(&x, &w, &[0.0, 0.0], dropout, &*activation);
        assert!(a.row(0).iter().all(|a| a.is_nan()) && a.row(1).iter().all(|a| a.is_finite()));
    }
}

fn parts_of_a_layer_change_no_bit<T: Element>() {
    let width = panel_width::<T>();
    let (rows, n_in, n_out) = (37, 45, 8 * width);
    let (x, dz) = (matrix::<T>(rows, n_in, 1), matrix::<T>(rows, n_out, 2));
    let w = matrix::<T>(n_out, n_in, 3);
    let (none, l2) = (named("linear"), 0.3);
    let whole = backward(&dz, &x, &w, linear(&*none, &x), l2);
    let mut workspace = workspace(rows, n_in, n_out, 1);
    let resources = &mut Resources { workspace: &mut workspace, threads: 1 };
    let (memory, start) = aligned(&in_panels(&w));
    let shape = Layout::Panels.shape::<T>(n_in, n_out);
    let panels = ArrayView2::from_shape(shape, &memory[start..start + w.len()]).expect("its size");
    let (mut dw, mut db) = (nan(n_out, n_in), vec![T::zero(); n_out]);
    let mut dw_in_panels = nan(shape.0, shape.1);
    for units in [0..width, width..5 * width, 5 * width..n_out] {
        let (x, db) = (x.view(), &mut db[units.clone()]);
        let dz = || (dz.view(), units.clone());
        let stored = units.start / width..units.end / width;
        let out = dw_in_panels.slice_mut(s![stored.clone(), ..]);
        let w_of_units = (panels.slice(s![stored, ..]), Layout::Panels);
        weight_gradient(out, None, dz(), x, w_of_units, l2, resources);
        let w_of_units = (w.slice(s![units.clone(), ..]), Layout::Rows);
        let dw = dw.slice_mut(s![units.clone(), ..]);
        weight_gradient(dw, Some(db), dz(), x, w_of_units, l2, resources);
    }
    assert!(dw == whole.dw && dw_in_panels == in_panels(&whole.dw) && db == whole.db);
}

#[test]
fn the_units_of_a_layer_can_be_worked_on_in_parts() {
    parts_of_a_layer_change_no_bit::<f32>();
    parts_of_a_layer_change_no_bit::<f64>();
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
    for (rows, n_in, n_out) in
        [(1, 1, 8), (3, 17, 16), (32, 784, 128), (70, 45, 64), (600, 37, 40), (5, 1100, 1032)]
    {
        let n_out = usize::next_multiple_of(n_out, panel_width::<T>());
        let (x, dz) = (matrix::<T>(rows, n_in, 1), matrix::<T>(rows, n_out, 2));
        let (w, b) = (matrix::<T>(n_out, n_in, 3), numbers::<T>(n_out, 4));
        let stored = in_panels(&w);
        let (memory, start) = aligned(&stored);
        let stored = ArrayView2::from_shape(stored.dim(), &memory[start..start + w.len()])
            .expect("its own size");
        let (relu, none) = (named("relu"), named("linear"));
        let by_rows = forward(&x, &w, &b, None, &*relu);
        for threads in 1..=3 {
            let len = workspace_len::<T>(rows, n_in, n_out, threads);
            let mut workspace = vec![T::from_f64(f64::NAN); len];
            let mut resources = Resources { workspace: &mut workspace, threads };
            let w_in_panels = (stored, Layout::Panels);
            let mut a = nan(rows, n_out);
            let output = Output { b: &b, activation: &*relu, kept: None, dropout: None };
            dense_forward(a.view_mut(), x.view(), w_in_panels, output, &mut resources);
            assert!(bits(&a) == bits(&by_rows), "A of {rows}×{n_in}×{n_out}, {threads} threads");
            for l2_over_m in [0.0, 0.3] {
                let expected = backward(&dz, &x, &w, linear(&*none, &x), l2_over_m);
                let (mut dw, mut db) =
                    (nan(stored.nrows(), stored.ncols()), vec![T::zero(); n_out]);
                let (dz, x) = (dz.view(), x.view());
                let (out, resources) = (dw.view_mut(), &mut resources);
                weight_gradient(
                    out,
                    Some(&mut db),
                    (dz, 0..n_out),
                    x,
                    w_in_panels,
                    l2_over_m,
                    resources,
                );
                let expected_dw = in_panels(&expected.dw);
                assert!(
                    bits(&dw) == bits(&expected_dw),
                    "dW of {rows}×{n_in}×{n_out}, {threads} threads, {l2_over_m}"
                );
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

/// B in panels, aligned, and where they begin.
fn panels_of<T: Element>(b: ArrayView2<T>) -> (Vec<T>, usize) {
    let (mut memory, start) = aligned(&nan(b.nrows(), padded_columns::<T>(b.ncols())));
    into_panels(&mut memory[start..], b);
    (memory, start)
}

fn packed_inputs_change_no_bit<T: Element>() {
    let (relu, width) = (named::<T>("relu"), panel_width::<T>());
    for (rows, n_in, n_out) in
        [(1, 1, 1), (3, 17, 2), (64, 64, 13), (209, 1030, 20), (70, 45, 64), (5, 100, 160)]
    {
        let whole = n_in - n_in % width;
        let (x, dz, w) = (matrix(rows, n_in, 1), matrix(rows, n_out, 2), matrix(n_out, n_in, 3));
        let (b, mask) = (numbers::<T>(n_out, 4), mask::<T>(rows, n_out, 5));
        let by_rows = forward_and_kept(&x, &w, &b, Some((&mask, 0.7)), &*relu);
        let padded = padded_columns::<T>(rows);
        let (examples, start) = panels_of(x.t());
        let examples = &examples[start..][..padded * n_in];
        let (inputs, start) = panels_of(x.slice(s![.., ..whole]));
        let inputs = &inputs[start..][..rows * whole];
        for threads in 1..=3 {
            let of = |rows, n_out| workspace_len::<T>(rows, n_in, n_out, threads);
            let mut workspace = vec![T::zero(); of(n_out, padded).max(of(rows, n_out))];
            let resources = &mut Resources { workspace: &mut workspace, threads };
            let (mut a, mut z) = (nan(rows, n_out), nan(rows, n_out));
            let output = Output {
                b: &b,
                activation: &*relu,
                kept: Some(z.view_mut()),
                dropout: Some(Dropout { mask: mask.view(), keep_prob: 0.7 }),
            };
            let mut products = nan(n_out, padded);
            packed::forward(
                a.view_mut(),
                products.view_mut(),
                examples,
                w.view(),
                output,
                resources,
            );
            let place = format!("{rows}×{n_in}×{n_out}, {threads} threads");
            assert!(bits(&a) == bits(&by_rows.0) && bits(&z) == bits(&by_rows.1), "A of {place}");
            for l2 in [0.0, 0.3] {
                let expected = backward(&dz, &x, &w, linear(&*named("linear"), &x), l2);
                let (mut dw, mut db) = (nan(n_out, n_in), vec![T::zero(); n_out]);
                for units in [0..n_out / 2, n_out / 2..n_out] {
                    packed::weight_gradient(
                        dw.slice_mut(s![units.clone(), ..]),
                        Some(&mut db[units.clone()]),
                        (dz.view(), units.clone()),
                        (x.view(), inputs),
                        w.slice(s![units, ..]),
                        l2,
                        resources,
                    );
                }
                assert!(
                    bits(&dw) == bits(&expected.dw) && db == expected.db,
                    "dW of {place}, {l2}"
                );
            }
        }
    }
}

#[test]
fn inputs_packed_once_change_no_bit() {
    packed_inputs_change_no_bit::<f32>();
    packed_inputs_change_no_bit::<f64>();
}
