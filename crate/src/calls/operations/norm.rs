//! The passes of batch and layer normalisation. Matrices: (rows, width).

use crate::calls::operation::{Flow, Moment, Report, Run};
use crate::facts::facts;
use crate::layers::batch_norm::{self, Statistics, batch_norm_gradient, standardize};
use crate::layers::layer_norm::{layer_norm_gradient, standardize_rows};
use crate::layers::norm;
use crate::memory::{count, matrix, slice, slice_mut};
use crate::number::element::Element;

facts! {
    /// mean, variance ← those of each column of X, over the batch's rows. `room`: (rows, width).
    pub struct BatchStatistics {
        mean: usize,
        variance: usize,
        x: usize,
        room: usize,
        width: usize,
        threads: usize,
    }
}

impl Run for BatchStatistics {
    unsafe fn run<T: Element>(&self, Moment { rows, .. }: Moment, _: &mut Report) -> Flow {
        let Self { mean, variance, x, room, width, threads } = *self;
        // SAFETY: the contract of `run`.
        unsafe {
            let statistics = [mean, variance].map(|block| slice_mut::<T>(block, width));
            let room = slice_mut(room, count(rows, width));
            batch_norm::batch_statistics(statistics, matrix(x, rows, width), room, threads);
        }
        Flow::On
    }
}

facts! {
    /// The running mean and variance ← decay times themselves and the rest of this batch's.
    pub struct RunningStatistics {
        running_mean: usize,
        running_variance: usize,
        mean: usize,
        variance: usize,
        decay: f64,
        width: usize,
    }
}

impl Run for RunningStatistics {
    unsafe fn run<T: Element>(&self, Moment { rows, .. }: Moment, _: &mut Report) -> Flow {
        let Self { running_mean, running_variance, mean, variance, decay, width } = *self;
        // SAFETY: the contract of `run`.
        unsafe {
            let running = [running_mean, running_variance].map(|x| slice_mut::<T>(x, width));
            let batch = [mean, variance].map(|x| slice::<T>(x, width));
            batch_norm::running_statistics(running, batch, decay, rows);
        }
        Flow::On
    }
}

facts! {
    /// normal ← (X − mean)/√(variance + ε), by column. `room`: (width).
    pub struct Standardize {
        normal: usize,
        x: usize,
        mean: usize,
        variance: usize,
        epsilon: f64,
        room: usize,
        width: usize,
        threads: usize,
    }
}

impl Run for Standardize {
    unsafe fn run<T: Element>(&self, Moment { rows, .. }: Moment, _: &mut Report) -> Flow {
        let Self { normal, x, mean, variance, epsilon, room, width, threads } = *self;
        let len = count(rows, width);
        // SAFETY: the contract of `run`.
        unsafe {
            let [mean, variance] = [mean, variance].map(|block| slice::<T>(block, width));
            let statistics = Statistics { mean, variance, epsilon };
            let (normal, room) = (slice_mut(normal, len), slice_mut(room, width));
            standardize(normal, slice(x, len), statistics, room, threads);
        }
        Flow::On
    }
}

facts! {
    /// normal ← (X − mean)/√(variance + ε), by row; the root is kept in `deviation`: (rows).
    pub struct StandardizeRows {
        normal: usize,
        deviation: usize,
        x: usize,
        epsilon: f64,
        width: usize,
        threads: usize,
    }
}

impl Run for StandardizeRows {
    unsafe fn run<T: Element>(&self, Moment { rows, .. }: Moment, _: &mut Report) -> Flow {
        let Self { normal, deviation, x, epsilon, width, threads } = *self;
        let len = count(rows, width);
        // SAFETY: the contract of `run`.
        unsafe {
            let (normal, deviation) = (slice_mut::<T>(normal, len), slice_mut(deviation, rows));
            standardize_rows(normal, deviation, slice(x, len), epsilon, threads);
        }
        Flow::On
    }
}

facts! {
    /// Y ← normal ⊙ scale + shift.
    pub struct ScaleAndShift {
        y: usize,
        normal: usize,
        scale: usize,
        shift: usize,
        width: usize,
        threads: usize,
    }
}

impl Run for ScaleAndShift {
    unsafe fn run<T: Element>(&self, Moment { rows, .. }: Moment, _: &mut Report) -> Flow {
        let Self { y, normal, scale, shift, width, threads } = *self;
        let len = count(rows, width);
        // SAFETY: the contract of `run`.
        unsafe {
            let columns = [scale, shift].map(|block| slice::<T>(block, width));
            norm::scale_and_shift(slice_mut(y, len), slice(normal, len), columns, threads);
        }
        Flow::On
    }
}

facts! {
    /// d shift ← Σ dy, d scale ← Σ dy·normal, over the batch's rows.
    pub struct ScaleAndShiftGradient {
        d_scale: usize,
        d_shift: usize,
        dy: usize,
        normal: usize,
        width: usize,
        threads: usize,
    }
}

impl Run for ScaleAndShiftGradient {
    unsafe fn run<T: Element>(&self, Moment { rows, .. }: Moment, _: &mut Report) -> Flow {
        let Self { d_scale, d_shift, dy, normal, width, threads } = *self;
        // SAFETY: the contract of `run`.
        unsafe {
            let sums = [d_scale, d_shift].map(|block| slice_mut::<T>(block, width));
            let [dy, normal] = [dy, normal].map(|block| matrix(block, rows, width));
            norm::scale_and_shift_gradient(sums, dy, normal, threads);
        }
        Flow::On
    }
}

facts! {
    /// dX ← by dY through `standardize` by this batch's own statistics, and `scale_and_shift`. `room`: (width).
    pub struct BatchNormGradient {
        dx: usize,
        dy: usize,
        normal: usize,
        scale: usize,
        variance: usize,
        d_scale: usize,
        d_shift: usize,
        epsilon: f64,
        room: usize,
        width: usize,
        threads: usize,
    }
}

impl Run for BatchNormGradient {
    unsafe fn run<T: Element>(&self, Moment { rows, .. }: Moment, _: &mut Report) -> Flow {
        let Self { scale, variance, d_scale, d_shift, epsilon, width, threads, .. } = *self;
        let len = count(rows, width);
        // SAFETY: the contract of `run`.
        unsafe {
            let columns = [scale, variance, d_scale, d_shift].map(|block| slice::<T>(block, width));
            let (dx, room) = (slice_mut(self.dx, len), slice_mut(self.room, width));
            let inputs = [self.dy, self.normal].map(|block| slice(block, len));
            batch_norm_gradient(dx, inputs, columns, epsilon, room, threads);
        }
        Flow::On
    }
}

facts! {
    /// dX ← by dY through `standardize_rows` and `scale_and_shift`.
    pub struct LayerNormGradient {
        dx: usize,
        dy: usize,
        normal: usize,
        scale: usize,
        deviation: usize,
        width: usize,
        threads: usize,
    }
}

impl Run for LayerNormGradient {
    unsafe fn run<T: Element>(&self, Moment { rows, .. }: Moment, _: &mut Report) -> Flow {
        let Self { dx, dy, normal, scale, deviation, width, threads } = *self;
        let len = count(rows, width);
        // SAFETY: the contract of `run`.
        unsafe {
            let inputs = [dy, normal].map(|block| slice::<T>(block, len));
            let by = [slice(scale, width), slice(deviation, rows)];
            layer_norm_gradient(slice_mut(dx, len), inputs, by, threads);
        }
        Flow::On
    }
}
