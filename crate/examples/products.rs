//! Matrix products as parts of the peak of the same build, the best of rounds in turn, exact and fused:
//! `RUSTFLAGS=-Ctarget-cpu=native cargo run --profile native --features benchmark --example products`

use layerwise_kernels::gemm::{Destination, Factor, Product, gemm, workspace_len};
use layerwise_kernels::number::element::Element;
use layerwise_kernels::number::simd::{MAX_LANES, Vector};
use layerwise_kernels::peak::{multiply_add_peak, multiply_add_peak_flops};
use ndarray::{Array2, ShapeBuilder};
use std::hint::black_box;
use std::time::Instant;

/// m, k, n, and whether A and B lie by columns.
type Shape = (usize, usize, usize, bool, bool);

/// Of square layers, and of a wide input's forward and backward pass.
const SHAPES: [Shape; 8] = [
    (256, 256, 256, false, false),
    (512, 512, 512, false, true),
    (1024, 1024, 1024, false, false),
    (128, 784, 128, false, true),
    (128, 128, 784, true, false),
    (64, 128, 32, false, true),
    (209, 12288, 20, false, true),
    (20, 209, 12288, true, false),
];
const ROUNDS: usize = 15;
/// Of one product in a round.
const OPERATIONS: usize = 2_000_000_000;
const TURNS_OF_PEAK: usize = 1_000_000;

fn main() {
    measure::<f32>("float32");
    measure::<f64>("float64");
}

/// Operations a second.
fn rate(operations: f64, work: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    work();
    operations / begun.elapsed().as_secs_f64()
}

fn peak<T: Element>() -> f64 {
    rate(multiply_add_peak_flops::<T>(TURNS_OF_PEAK), || {
        black_box(multiply_add_peak::<T>(TURNS_OF_PEAK));
    })
}

struct Race<T> {
    shape: Shape,
    a: Array2<T>,
    b: Array2<T>,
    c: Array2<T>,
    workspace: Vec<T>,
    exact: f64,
    fused: f64,
}

impl<T: Element> Race<T> {
    fn new(shape: Shape) -> Self {
        let (m, k, n, a_by_columns, b_by_columns) = shape;
        let number = |(i, j)| T::from_f64(((i * 7919 + j * 31) % 1000) as f64 / 1000.0 - 0.5);
        let a = Array2::from_shape_fn((m, k).set_f(a_by_columns), number);
        let b = Array2::from_shape_fn((k, n).set_f(b_by_columns), number);
        let c = Array2::from_elem((m, n), T::zero());
        let workspace = vec![T::zero(); workspace_len::<T>(m, n, k) + MAX_LANES];
        Self { shape, a, b, c, workspace, exact: 0.0, fused: 0.0 }
    }

    fn run(&mut self, fused: bool) -> f64 {
        let (m, k, n, ..) = self.shape;
        let operations = 2 * m * k * n;
        let turns = (OPERATIONS / operations).max(1);
        let unaligned = self.workspace.as_ptr().align_offset(align_of::<T::Vector>());
        let workspace = &mut self.workspace[unaligned..];
        rate((turns * operations) as f64, || {
            for _ in 0..turns {
                let (a, b) = (Factor::Plain(self.a.view()), Factor::Plain(self.b.view()));
                let c = Destination::rows(self.c.view_mut());
                gemm(Product { c, k, a, b, fused }, workspace, &mut |_, _, _| {});
            }
        })
    }
}

fn measure<T: Element>(dtype: &str) {
    let mut races = SHAPES.map(Race::<T>::new);
    let mut best = 0.0;
    for _ in 0..ROUNDS {
        best = peak::<T>().max(best);
        for race in &mut races {
            race.exact = race.run(false).max(race.exact);
            race.fused = race.run(true).max(race.fused);
        }
    }
    println!("{dtype}: peak {:.1} Gflop/s, {} lanes", best / 1e9, T::Vector::LANES);
    for Race { shape: (m, k, n, a, b), exact, fused, .. } in races {
        let of = |name: &str, by_columns| {
            if by_columns { format!("{name} by columns") } else { String::new() }
        };
        println!(
            "  {m}×{k}×{n}: {:.2}, fused {:.2}  {} {}",
            exact / best,
            fused / best,
            of("A", a),
            of("B", b)
        );
    }
}
