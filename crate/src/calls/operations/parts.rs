//! What a step that is taken in parts keeps from one to the next.

use crate::calls::operation::{Bind, Flow, Moment, Operation, Report, Run, bound};
use crate::facts::{Words, facts};
use crate::memory::{slice, slice_mut};
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::shared_sweep;

facts! {
    /// sum ← sum + gradients, over the parts of a step; in the last one gradients ← sum + gradients, and only then what
    /// follows in the program is run. A step of one part stays as it is.
    pub struct Accumulate {
        sum: usize,
        gradients: usize,
        len: usize,
        threads: usize,
    }
}

impl Run for Accumulate {
    unsafe fn run<T: Element>(&self, moment: Moment, _: &mut Report) -> Flow {
        let Self { sum, gradients, len, threads } = *self;
        // SAFETY: the contract of `run`.
        let (sum, gradients) = unsafe { (slice_mut::<T>(sum, len), slice_mut(gradients, len)) };
        match (moment.begins(), moment.ends()) {
            (true, true) => return Flow::On,
            (true, false) => sum.copy_from_slice(gradients),
            (false, ends) => {
                let (to, other) = if ends { (gradients, sum) } else { (sum, gradients) };
                shared_sweep(threads, [to], [&*other], |[to], [other]| [to.add(other)]);
            }
        }
        if moment.ends() { Flow::On } else { Flow::Done }
    }
}

facts! {
    /// to ← from, blocks of so many words of 32 bits; with `at_start` only where a step begins.
    pub struct CopyBlock {
        to: usize,
        from: usize,
        words: usize,
        at_start: bool,
    }
}

impl Bind for CopyBlock {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        bound(words, Self::run)
    }
}

impl CopyBlock {
    /// # Safety
    /// As for `Operation::run`.
    unsafe fn run(&self, moment: Moment, _: &mut Report) -> Flow {
        let Self { to, from, words, at_start } = *self;
        if moment.begins() || !at_start {
            // SAFETY: the contract of `run`.
            unsafe { slice_mut::<u32>(to, words).copy_from_slice(slice(from, words)) }
        }
        Flow::On
    }
}
