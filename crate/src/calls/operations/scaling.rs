//! Scaling by numbers that aren't trained, in place.

use crate::calls::operation::{Flow, Moment, Report, Run};
use crate::facts::facts;
use crate::layers::scaling;
use crate::memory::{count, slice, slice_mut};
use crate::number::element::Element;

facts! {
    /// X ← scaled, by `layers::scaling::Scaling`. X: (rows, width); the numbers are f64 in either type of network.
    pub struct Scaling {
        x: usize,
        numbers: usize,
        count: usize,
        soft_clip: f64,
        width: usize,
        threads: usize,
    }
}

impl Run for Scaling {
    unsafe fn run<T: Element>(&self, Moment { rows, .. }: Moment, _: &mut Report) -> Flow {
        let Self { x, numbers, count: each, soft_clip, width, threads } = *self;
        let len = count(width, if each == 0 { 2 } else { each });
        // SAFETY: the contract of `run`.
        unsafe {
            let x = slice_mut::<T>(x, count(rows, width));
            let scaling = scaling::Scaling { numbers: slice(numbers, len), count: each, soft_clip };
            scaling::scale(x, &scaling, width, threads);
        }
        Flow::On
    }
}
