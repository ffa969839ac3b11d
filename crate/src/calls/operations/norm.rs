//! The passes of batch and layer normalisation. X and Y: (rows, width).

use crate::calls::operation::{Bind, Flow, Moment, Operation, Report};
use crate::facts::{Words, facts};
use crate::layers::batch_norm::{self, Gradients, Statistics, batch_norm_gradient, normalize};
use crate::layers::layer_norm::{layer_norm, layer_norm_gradient};
use crate::memory::{count, slice, slice_mut};
use crate::number::element::Element;

facts! {
    /// mean, variance ← those of each column of X, over the batch's rows.
    pub struct BatchStatistics {
        mean: usize,
        variance: usize,
        x: usize,
        width: usize,
        threads: usize,
    }
}

impl<T: Element> Bind<T> for BatchStatistics {
    fn bind(self, _rest: &mut Words) -> Box<dyn Operation> {
        let Self { mean, variance, x, width, threads } = self;
        Box::new(move |Moment { rows, .. }: Moment, _: &mut Report| {
            // SAFETY: the contract of `run`.
            unsafe {
                let [mean, variance] = [mean, variance].map(|block| slice_mut::<T>(block, width));
                batch_norm::batch_statistics(mean, variance, slice(x, count(rows, width)), threads);
            }
            Flow::On
        })
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

impl<T: Element> Bind<T> for RunningStatistics {
    fn bind(self, _rest: &mut Words) -> Box<dyn Operation> {
        let Self { running_mean, running_variance, mean, variance, decay, width } = self;
        Box::new(move |Moment { rows, .. }: Moment, _: &mut Report| {
            // SAFETY: the contract of `run`.
            unsafe {
                let running = [running_mean, running_variance].map(|x| slice_mut::<T>(x, width));
                let batch = [mean, variance].map(|x| slice::<T>(x, width));
                batch_norm::running_statistics(running, batch, decay, rows);
            }
            Flow::On
        })
    }
}

facts! {
    /// Y ← (X − mean)/√(variance + ε) ⊙ scale + shift. `room`: 2 · width elements.
    pub struct Normalize {
        y: usize,
        x: usize,
        scale: usize,
        shift: usize,
        mean: usize,
        variance: usize,
        epsilon: f64,
        room: usize,
        width: usize,
        threads: usize,
    }
}

impl<T: Element> Bind<T> for Normalize {
    fn bind(self, _rest: &mut Words) -> Box<dyn Operation> {
        let Self { y, x, scale, shift, mean, variance, epsilon, room, width, threads } = self;
        Box::new(move |Moment { rows, .. }: Moment, _: &mut Report| {
            let len = count(rows, width);
            // SAFETY: the contract of `run`.
            unsafe {
                let [mean, variance, scale, shift] =
                    [mean, variance, scale, shift].map(|block| slice::<T>(block, width));
                let statistics = Statistics { mean, variance, epsilon };
                let (y, x, factor) = (slice_mut(y, len), slice(x, len), slice_mut(room, width));
                normalize(y, x, [scale, shift], statistics, factor, threads);
            }
            Flow::On
        })
    }
}

facts! {
    /// dX, d scale, d shift ← by dY, of a `normalize` by this batch's statistics. `room`: 2 · width elements.
    pub struct BatchNormGradient {
        dx: usize,
        d_scale: usize,
        d_shift: usize,
        dy: usize,
        x: usize,
        scale: usize,
        mean: usize,
        variance: usize,
        epsilon: f64,
        room: usize,
        width: usize,
        threads: usize,
    }
}

impl<T: Element> Bind<T> for BatchNormGradient {
    fn bind(self, _rest: &mut Words) -> Box<dyn Operation> {
        Box::new(move |Moment { rows, .. }: Moment, _: &mut Report| {
            let Self { width, epsilon, threads, .. } = self;
            let len = count(rows, width);
            // SAFETY: the contract of `run`.
            unsafe {
                let [scale, mean, variance] =
                    [self.scale, self.mean, self.variance].map(|x| slice::<T>(x, width));
                let gradients = Gradients {
                    dx: slice_mut(self.dx, len),
                    scale: slice_mut(self.d_scale, width),
                    shift: slice_mut(self.d_shift, width),
                };
                let statistics = Statistics { mean, variance, epsilon };
                let (dy, x) = (slice(self.dy, len), slice(self.x, len));
                let room = slice_mut(self.room, 2 * width);
                batch_norm_gradient(gradients, dy, x, scale, statistics, room, threads);
            }
            Flow::On
        })
    }
}

facts! {
    /// Y ← (X − mean)/√(variance + ε) ⊙ scale + shift, by each row's own. mean, deviation: (rows), which are kept.
    pub struct LayerNorm {
        y: usize,
        x: usize,
        scale: usize,
        shift: usize,
        mean: usize,
        deviation: usize,
        epsilon: f64,
        width: usize,
        threads: usize,
    }
}

impl<T: Element> Bind<T> for LayerNorm {
    fn bind(self, _rest: &mut Words) -> Box<dyn Operation> {
        let Self { y, x, scale, shift, mean, deviation, epsilon, width, threads } = self;
        Box::new(move |Moment { rows, .. }: Moment, _: &mut Report| {
            let len = count(rows, width);
            // SAFETY: the contract of `run`.
            unsafe {
                let [scale, shift] = [scale, shift].map(|x| slice::<T>(x, width));
                let kept = [mean, deviation].map(|x| slice_mut::<T>(x, rows));
                let (y, x) = (slice_mut(y, len), slice(x, len));
                layer_norm(y, kept, x, [scale, shift], epsilon, threads);
            }
            Flow::On
        })
    }
}

facts! {
    /// dX, d scale, d shift ← by dY, of a `layer_norm`.
    pub struct LayerNormGradient {
        dx: usize,
        d_scale: usize,
        d_shift: usize,
        dy: usize,
        x: usize,
        scale: usize,
        mean: usize,
        deviation: usize,
        width: usize,
        threads: usize,
    }
}

impl<T: Element> Bind<T> for LayerNormGradient {
    fn bind(self, _rest: &mut Words) -> Box<dyn Operation> {
        Box::new(move |Moment { rows, .. }: Moment, _: &mut Report| {
            let Self { width, threads, .. } = self;
            let len = count(rows, width);
            // SAFETY: the contract of `run`.
            unsafe {
                let kept = [self.mean, self.deviation].map(|x| slice::<T>(x, rows));
                let gradients = Gradients {
                    dx: slice_mut(self.dx, len),
                    scale: slice_mut(self.d_scale, width),
                    shift: slice_mut(self.d_shift, width),
                };
                let (dy, x) = (slice(self.dy, len), slice(self.x, len));
                layer_norm_gradient(gradients, dy, x, slice(self.scale, width), kept, threads);
            }
            Flow::On
        })
    }
}
