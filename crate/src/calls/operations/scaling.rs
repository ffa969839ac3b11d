//! Scaling by numbers that aren't trained, in place.

use crate::calls::operation::{Bind, Flow, Moment, Operation, Report};
use crate::facts::{Words, facts};
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

impl<T: Element> Bind<T> for Scaling {
    fn bind(self, _rest: &mut Words) -> Box<dyn Operation> {
        let Self { x, numbers, count: each, soft_clip, width, threads } = self;
        Box::new(move |Moment { rows, .. }: Moment, _: &mut Report| {
            let len = count(width, if each == 0 { 2 } else { each });
            // SAFETY: the contract of `run`.
            unsafe {
                let x = slice_mut::<T>(x, count(rows, width));
                let scaling =
                    scaling::Scaling { numbers: slice(numbers, len), count: each, soft_clip };
                scaling::scale(x, &scaling, width, threads);
            }
            Flow::On
        })
    }
}
