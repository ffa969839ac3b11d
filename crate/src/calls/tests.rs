use super::*;
use crate::facts::Words;
use crate::testing::{assert_near, numbers};

fn address<T>(block: &[T]) -> f64 {
    block.as_ptr() as usize as f64
}

fn number_of(name: &str) -> usize {
    let mut operations = schema().lines().filter_map(|line| line.strip_prefix("operation "));
    operations.position(|line| line.split(' ').next() == Some(name)).expect("a known operation")
}

/// A program on f64 of these operations with their facts.
fn bound(operations: &[(&str, &[f64])], size: usize, m: usize) -> Bound {
    let handle = program(true, operations.len(), size, m);
    for (name, facts) in operations {
        // SAFETY: just made, and the facts lie there.
        unsafe { add(handle, number_of(name), address(facts) as usize, facts.len()) }
    }
    Bound(handle)
}

struct Bound(usize);

impl Bound {
    fn run(&self, rows: usize) -> bool {
        // SAFETY: the tests keep their blocks.
        unsafe { run(self.0, rows, 0.0, 0.0) }
    }

    fn report(&self) -> &Report {
        // SAFETY: a handle is its report's address.
        unsafe { &*(self.0 as *const Report) }
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        // SAFETY: it is not used afterwards.
        unsafe { release_program(self.0) }
    }
}

#[test]
fn a_layer_is_the_same_through_offsets() {
    let (rows, n_in, n_out) = (5, 7, 3);
    let (x, w, b) = (numbers::<f64>(35, 1), numbers::<f64>(21, 2), numbers::<f64>(3, 3));
    let (mask, kept) = ([1.0; 15], [f64::NAN; 15]);
    let workspace = vec![0.0f64; workspace_len(true, rows, (n_in, n_out), 1)];
    let (plain, dropped) = ([f64::NAN; 15], [f64::NAN; 15]);
    for (a, mask, kept) in [(&plain, 0.0, 0.0), (&dropped, address(&mask), address(&kept))] {
        let [x, w, b, a] = [address(&x), address(&w), address(&b), address(a)];
        let sizes = [0.5, n_in as f64, n_out as f64, 1.0, 1.0, 0.0];
        let resources = [address(&workspace), workspace.len() as f64, 1.0];
        let facts = [&[a, x, 0.0, 0.0, w, b, kept, mask][..], &sizes, &resources].concat();
        assert!(bound(&[("dense_forward", &facts)], 0, 0).run(rows));
    }
    for i in 0..15 {
        let (x, w) = (&x[i / 3 * 7..][..7], &w[i % 3 * 7..][..7]);
        let z: f64 = x.iter().zip(w).map(|(x, w)| x * w).sum::<f64>() + b[i % 3];
        // Read anew: they were written through their addresses.
        let [plain, dropped, kept] =
            [&plain, &dropped, &kept].map(|block| std::hint::black_box(block)[i]);
        assert_near(plain, z.max(0.0), 1e-15);
        assert_near(kept, z, 1e-15);
        assert_eq!(dropped, plain / 0.5);
    }
}

#[test]
fn an_output_at_offset_0_is_left_out() {
    let (z, y, dz) = ([0.5, -1.0], [1.0, 0.0], [f64::NAN; 2]);
    let loss = |dz: f64| {
        let program =
            bound(&[("loss", &[0.0, dz, address(&z), address(&y), 0.0, 2.0, 0.0, 1.0])], 0, 0);
        assert!(program.run(1));
        program.report().loss
    };
    let alone = loss(0.0);
    assert!(alone > 0.0 && alone == loss(address(&dz)));
    assert!(std::hint::black_box(&dz).iter().all(|dz| dz.is_finite()));
}

#[test]
fn no_non_finite_element_is_minus_1() {
    let (single, double) = ([1.0f32, f32::NAN], [1.0f64, f64::NAN]);
    for (is_double, block) in [(false, address(&single)), (true, address(&double))] {
        // SAFETY: two elements lie there.
        let first = |len| unsafe { first_non_finite(is_double, block as usize, len) };
        assert_eq!((first(1), first(2)), (-1.0, 1.0));
    }
}

#[test]
fn a_gradient_passes_the_mask_of_the_layer_before() {
    let (dz, w, seen, mask) = ([3.0], [1.0, 2.0], [0.0; 2], [1.0, 0.0]);
    let (dx, workspace) = (vec![f64::NAN; 2], vec![0.0f64; workspace_len(true, 1, (2, 1), 1)]);
    let blocks = [address(&dx), address(&dz), address(&w), address(&seen), address(&mask)];
    let rest = [0.5, 2.0, 1.0, 0.0, 0.0, address(&workspace), workspace.len() as f64, 1.0];
    let program = bound(&[("input_gradient", &[&blocks[..], &rest].concat())], 0, 0);
    assert!(program.run(1));
    assert_eq!(std::hint::black_box(dx), [6.0, 0.0]);
}

#[test]
#[should_panic(expected = "expected an elementwise activation")]
fn a_hidden_layer_is_no_softmax() {
    let softmax = crate::activations::NAMES.iter().position(|&(name, _)| name == "softmax");
    let mut facts = [0.0; 17];
    facts[12] = softmax.expect("a known name") as f64;
    bound(&[("dense_forward", &facts)], 0, 0);
}

#[test]
fn a_guard_ends_a_program_and_says_why() {
    let (z, y) = ([0.5, -1.0, 1e300, 1e300], [1.0, 0.0, 0.0, 0.0]);
    let loss = [0.0, 0.0, address(&z), address(&y), 0.0, 2.0, 0.0, 1.0];
    let program = bound(&[("loss", &loss), ("loss_guard", &[1e200])], 0, 0);
    assert!(program.run(1));
    assert!(program.report().loss > 0.0 && program.report().loss == program.report().sum);
    assert!(!program.run(2));
    assert_eq!(program.report().loss, 1e300);
}

#[test]
fn a_loss_counts_each_row_by_its_weight_and_one_of_0_not_at_all() {
    let y = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0];
    let (z, weights) = ([0.5, -1.0, f64::NAN, 1e300, -2.0, 3.0], [2.0, 0.0, 0.5]);
    let (dz, plain) = ([f64::NAN; 6], [f64::NAN; 6]);
    let run = |dz: f64, z: f64, y: f64, weights: f64, rows: usize| {
        let program = bound(&[("loss", &[0.0, dz, z, y, weights, 2.0, 0.0, 1.0])], 0, 0);
        assert!(program.run(rows));
        let report = program.report();
        assert_eq!(report.loss, report.sum / rows as f64);
        report.sum
    };
    let row = |at: usize, dz: f64| run(dz, address(&z[2 * at..]), address(&y[2 * at..]), 0.0, 1);
    let sum = run(address(&dz), address(&z), address(&y), address(&weights), 3);
    assert_eq!(sum, run(0.0, address(&z), address(&y), address(&weights), 3));
    assert_eq!(sum, 2.0 * row(0, address(&plain)) + 0.5 * row(2, address(&plain[4..])));
    // Read anew: they were written through their addresses.
    let [dz, plain] = [&dz, &plain].map(|block| *std::hint::black_box(block));
    for (i, (dz, plain)) in dz.iter().zip(plain).enumerate() {
        let weight = weights[i / 2];
        assert_near(*dz, if weight == 0.0 { 0.0 } else { weight * plain / 3.0 }, 1e-15);
    }
}

#[test]
fn weights_of_1_change_no_bit_of_the_gradient() {
    let z: [f64; 14] = std::array::from_fn(|i| (i as f64 * 1.7).sin() * 5.0);
    let (y, ones) = ([1.0, 0.0].repeat(7), [1.0; 2]);
    let dz = [0.0, address(&ones)].map(|weights| {
        let dz = [f64::NAN; 14];
        let facts = [0.0, address(&dz), address(&z), address(&y), weights, 7.0, 0.0, 1.0];
        assert!(bound(&[("loss", &facts)], 0, 0).run(2));
        std::hint::black_box(dz)
    });
    assert_eq!(dz[0], dz[1]);
}

#[test]
fn steps_stop_where_one_is_ended_or_the_epoch_is_over() {
    // Five examples of one number in batches of two; the loss of example 3 is too large.
    let data = [0.0, 1.0, 2.0, 1e300, 3.0];
    let (order, batch, y) = ([0u32, 1, 2, 3, 4], [f64::NAN; 2], [0.0; 2]);
    let gather = [address(&batch), address(&data), 5.0, 2.0, address(&order), 1.0];
    let loss = [0.0, 0.0, address(&batch), address(&y), 0.0, 1.0, 0.0, 1.0];
    let operations: [(&str, &[f64]); 3] =
        [("gather", &gather), ("loss", &loss), ("loss_guard", &[1e200])];
    let program = bound(&operations, 2, 5);
    // SAFETY: the blocks live until the end.
    unsafe {
        assert_eq!(run_steps(program.0, 10, 1.0, 0.0), 1);
        assert_eq!(run_steps(program.0, 10, 1.0, 2.0), 1);
        assert_eq!(run_steps(program.0, 10, 1.0, 3.0), 0);
    }
    assert_eq!(program.report().losses[0], program.report().loss);
}

#[test]
fn the_gradient_guard_names_the_layer() {
    let gradients = [1.0, -2.0, 3.0, f64::NAN, 0.5];
    let facts = [10.0, address(&gradients), 1.0, 0.0, 2.0, 2.0, 3.0, 3.0, 5.0];
    let program = bound(&[("gradient_guard", &facts)], 0, 0);
    assert!(!program.run(1));
    assert_eq!(program.report().layer, 2.0);
    assert!(program.report().magnitude.is_nan());
    let within = [2.5, address(&gradients), 1.0, 0.0, 2.0];
    assert!(bound(&[("gradient_guard", &within)], 0, 0).run(1));
}

#[test]
fn parts_of_an_update_count_one_step_and_are_not_seen_apart() {
    let (w, g, moments) = ([1.0, 1.0, 1.0, 3.0, 4.0], [1.0; 5], [0.0; 5]);
    let state = [0.0, 1.0, 1.0, 1.0, 0.0];
    let part = |at: usize, len: usize, first: f64, factor: f64| {
        let momentum = 1.0; // its number
        let blocks = [address(&w[at..]), address(&g[at..]), len as f64, address(&moments[at..])];
        let rest = [1.0, 5.0, address(&state), first, factor, 0.5, 1.0];
        let hyperparameters = [0.9, 0.0, 0.1]; // its own two, and the schedule's rate
        let decaying = [address(&w[at..]), 1.0];
        [&[momentum, 0.0][..], &blocks, &rest, &hyperparameters, &decaying].concat()
    };
    let (one, other) = (part(0, 2, 1.0, 1.0), part(3, 2, 0.0, 2.0));
    let bound_by = [address(&w[3..]), 2.0, 1.0, 1.0, 0.5];
    let operations: [(&str, &[f64]); 4] =
        [("loss_guard", &[1.0]), ("update", &one), ("update", &other), ("max_norm", &bound_by)];
    let program = bound(&operations, 0, 0);
    // SAFETY: the blocks live until the end.
    unsafe {
        start(program.0, 1, 0.0, 0.0);
        assert_eq!(advance(program.0), 0);
        assert_eq!(advance(program.0), 1); // all of the others
    }
    let [w, moments] = [&w, &moments].map(|block| *std::hint::black_box(block));
    let v = 1.0 - 0.9;
    assert_eq!(std::hint::black_box(&state)[0], 1.0);
    assert_eq!(moments, [v, v, 0.0, v, v]);
    assert_near(w[0], 1.0 - 0.05 - 0.1 * v, 1e-15);
    assert_near(w[1], 1.0 - 0.1 * v, 1e-15);
    assert_near(w[2], 1.0, 0.0);
    let (a, b) = (3.0 - 3.0 * 0.1 - 0.2 * v, 4.0 - 0.2 * v);
    let factor = 0.5 / f64::hypot(a, b);
    assert_near(w[3], a * factor, 1e-15);
    assert_near(w[4], b * factor, 1e-15);
}

#[test]
fn portions_give_the_bits_of_a_whole_run() {
    let (rows, n_in, n_out) = (600, 1500, 1024);
    let (x, w) = (numbers::<f64>(rows * n_in, 1), numbers::<f64>(n_in * n_out, 2));
    let (b, dz) = (numbers::<f64>(n_out, 3), numbers::<f64>(rows * n_out, 4));
    let padded = crate::gemm::padded_columns::<f64>(rows);
    let lens = [(rows, n_out), (n_out, padded)].map(|(m, n)| workspace_len(true, m, (n_in, n), 1));
    let workspace = vec![0.0f64; lens[0].max(lens[1])];
    let aligned = |len: usize| allocate(len * size_of::<f64>()) as f64;
    let (by_examples, by_inputs) = (aligned(padded * n_in), aligned(rows * n_in));
    let products = vec![0.0f64; n_out * padded];
    let run_all = |whole: bool, packs: bool| {
        let (a, dx) = (vec![0.0; rows * n_out], vec![0.0; rows * n_in]);
        let (dw, db) = (vec![0.0; n_in * n_out], vec![0.0; n_out]);
        let resources = [address(&workspace), workspace.len() as f64, 1.0];
        let sizes = [n_in as f64, n_out as f64];
        let (examples, inputs) = if packs { (by_examples, by_inputs) } else { (0.0, 0.0) };
        let forward = [address(&a), address(&x), examples, address(&products)];
        let forward = [&forward[..], &[address(&w), address(&b), 0.0, 0.0, 1.0]].concat();
        let forward = [&forward[..], &sizes, &[1.0, 1.0, 0.0], &resources].concat();
        let weights = [&dw, &db, &dz, &x].map(|block| address(block));
        let weights =
            [&weights[..], &[inputs, address(&w)], &sizes, &[1.0, 0.3], &resources].concat();
        let input = [address(&dx), address(&dz), address(&w), address(&x), 0.0, 1.0];
        let input = [&input[..], &sizes, &[1.0, 0.0], &resources].concat();
        let pack = [by_examples, by_inputs, address(&x), n_in as f64];
        let operations: [(&str, &[f64]); 4] = [
            ("pack_inputs", &pack),
            ("dense_forward", &forward),
            ("weight_gradient", &weights),
            ("input_gradient", &input),
        ];
        let program = bound(&operations, 0, 0);
        let mut portions = 0;
        if whole {
            assert!(program.run(rows));
        } else {
            // SAFETY: the blocks live until the end.
            unsafe {
                start(program.0, rows, 0.0, 0.0);
                loop {
                    portions += 1;
                    match advance(program.0) {
                        0 => {}
                        end => break assert_eq!(end, 1),
                    }
                }
            }
        }
        (portions, [a, dx, dw, db].map(std::hint::black_box))
    };
    let expected = run_all(true, false).1;
    for packs in [false, true] {
        let (portions, in_portions) = run_all(false, packs);
        assert!(portions > 3 * 3 && in_portions == expected, "packed: {packs}");
    }
    for (block, len) in [(by_examples, padded * n_in), (by_inputs, rows * n_in)] {
        // SAFETY: allocated above with this size, and no program is left.
        unsafe { release(block as usize, len * size_of::<f64>()) }
    }
}

#[test]
#[should_panic(expected = "facts: expected fewer")]
fn a_fact_too_many_is_refused() {
    bound(&[("loss_guard", &[1.0, 2.0])], 0, 0);
}

#[test]
fn a_number_behind_the_last_of_its_table_is_refused() {
    use crate::random::{Purpose, StreamKey};
    use crate::{activations, initializations, losses, optimizers};
    fn assert_panics(make: impl FnOnce() + std::panic::UnwindSafe) {
        assert!(std::panic::catch_unwind(make).is_err());
    }
    assert_panics(|| drop(activations::activation::<f32>(activations::NAMES.len(), 0.0)));
    assert_panics(|| drop(losses::loss::<f32>(losses::NAMES.len(), &mut Words(&[1.0; 9]))));
    assert_panics(|| drop(optimizers::rule::<f32>(optimizers::NAMES.len(), &mut Words(&[1.0; 9]))));
    assert_panics(|| drop(operations::operation::<f32>(operations::NAMES.len(), &mut Words(&[]))));
    assert_panics(|| {
        let purpose = Purpose::Initialization;
        let mut stream = StreamKey { seed: 0, purpose, layer: 1, epoch: 0, step: 0 }.stream();
        let method = initializations::NAMES.len();
        initializations::initialize(&mut [0.0f32], 1, method, &mut stream);
    });
}

#[test]
fn a_step_in_parts_adds_its_gradients_up_and_goes_on_behind_the_last() {
    for parts in [vec![5], vec![2, 3], vec![2, 2, 1]] {
        let [sum, gradients] = [vec![f64::NAN; 3], vec![1.0, 2.0, 3.0]];
        let [begun, seen] = [vec![0.0; 3], vec![0.0; 3]];
        let add = [address(&sum), address(&gradients), 3.0, 1.0];
        let copy = |to: &[f64], at_start| [address(to), address(&gradients), 6.0, at_start];
        let (at_start, at_end) = (copy(&begun, 1.0), copy(&seen, 0.0));
        let operations: [(&str, &[f64]); 3] =
            [("copy", &at_start), ("accumulate", &add), ("copy", &at_end)];
        let program = bound(&operations, 0, 0);
        let mut before = 0;
        for &rows in &parts {
            assert_eq!(seen, [0.0; 3]);
            // SAFETY: a program that lives.
            unsafe { take_part(program.0, before, 5) };
            assert!(program.run(rows));
            before += rows;
        }
        let times = parts.len() as f64;
        assert_eq!(begun, [1.0, 2.0, 3.0]);
        assert_eq!(gradients, [times, 2.0 * times, 3.0 * times]);
        assert_eq!(seen, gradients);
    }
}
