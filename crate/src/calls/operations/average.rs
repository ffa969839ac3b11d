//! Averages of parameters over updates.

use crate::averages::average;
use crate::calls::operation::{Bind, Flow, Moment, Operation, Report, Run, bound};
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

impl Run for Average {
    unsafe fn run<T: Element>(&self, _: Moment, _: &mut Report) -> Flow {
        let Self { average: averages, w, len, count, decay, threads } = *self;
        // SAFETY: the contract of `run`.
        unsafe {
            let count = &mut slice_mut::<f64>(count, 1)[0];
            average(slice_mut::<T>(averages, len), slice(w, len), *count, decay, threads);
            *count += 1.0;
        }
        Flow::On
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

impl Bind for Swap {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        bound(words, Self::run)
    }
}

impl Swap {
    /// # Safety
    /// As for `Operation::run`.
    unsafe fn run(&self, _: Moment, _: &mut Report) -> Flow {
        let Self { a, b, words } = *self;
        // SAFETY: the contract of `run`.
        unsafe { slice_mut::<u32>(a, words).swap_with_slice(slice_mut(b, words)) }
        Flow::On
    }
}
