//! Averages of parameters over updates.

use crate::averages::average;
use crate::calls::operation::{Bind, Flow, Moment, Operation, Report};
use crate::facts::{Words, facts};
use crate::memory::{slice, slice_mut};
use crate::number::element::Element;

facts! {
    /// average ← with w, as it lies now. `count`: an f64, how many w it has taken up. With `decay` d it is d·average +
    /// (1 − d)·w, with 0 the mean of all.
    pub struct Average {
        average: usize,
        w: usize,
        len: usize,
        count: usize,
        decay: f64,
        threads: usize,
    }
}

impl<T: Element> Bind<T> for Average {
    fn bind(self, _rest: &mut Words) -> Box<dyn Operation> {
        let Self { average: averages, w, len, count, decay, threads } = self;
        Box::new(move |_: Moment, _: &mut Report| {
            // SAFETY: the contract of `run`.
            unsafe {
                let count = &mut slice_mut::<f64>(count, 1)[0];
                average(slice_mut::<T>(averages, len), slice(w, len), *count, decay, threads);
                *count += 1.0;
            }
            Flow::On
        })
    }
}

facts! {
    /// a and b ← b and a, blocks of so many words of 32 bits.
    pub struct Swap {
        a: usize,
        b: usize,
        words: usize,
    }
}

impl<T> Bind<T> for Swap {
    fn bind(self, _rest: &mut Words) -> Box<dyn Operation> {
        self.of_any_type()
    }
}

impl Swap {
    fn of_any_type(self) -> Box<dyn Operation> {
        let Self { a, b, words } = self;
        Box::new(move |_: Moment, _: &mut Report| {
            // SAFETY: the contract of `run`.
            unsafe { slice_mut::<u32>(a, words).swap_with_slice(slice_mut(b, words)) }
            Flow::On
        })
    }
}
