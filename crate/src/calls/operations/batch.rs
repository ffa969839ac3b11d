//! What makes a batch: the epoch's order, its rows, its masks.

use crate::calls::operation::{Bind, Flow, Moment, Operation, Report, Run, bound};
use crate::facts::{Facts, Words, facts};
use crate::gather::{gather, gather_bytes};
use crate::layers::dropout::dropout_mask;
use crate::memory::{count, slice, slice_mut};
use crate::number::element::Element;
use crate::random::{Purpose, StreamKey, shuffle};

facts! {
    /// order ← the permutation of 0 … m − 1 of this purpose, epoch and step, as 32-bit integers.
    pub struct Shuffle {
        order: usize,
        m: usize,
        seed: u64,
        purpose: u32,
    }
}

impl Bind for Shuffle {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        Self::take(words).of_any_type()
    }
}

impl Shuffle {
    fn of_any_type(self) -> Box<dyn Operation> {
        let Self { order, m, seed, purpose } = self;
        let purpose = Purpose::of_orders(purpose);
        Box::new(move |Moment { epoch, step, .. }: Moment, _: &mut Report| {
            let key = StreamKey { seed, purpose, layer: 0, epoch, step };
            // SAFETY: the contract of `run`.
            shuffle(unsafe { slice_mut(order, m) }, &mut key.stream());
            Flow::On
        })
    }
}

facts! {
    /// to ← the rows of the batch, by the order, of the m rows `from`, each `width` words of 32 bits long.
    pub struct Gather {
        to: usize,
        from: usize,
        m: usize,
        width: usize,
        order: usize,
        threads: usize,
    }
}

impl Bind for Gather {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        bound(words, Self::run)
    }
}

impl Gather {
    /// # Safety
    /// As for `Operation::run`.
    unsafe fn run(&self, Moment { rows, first, .. }: Moment, _: &mut Report) -> Flow {
        let Self { to, from, m, width, order, threads } = *self;
        // SAFETY: the contract of `run`.
        unsafe {
            let order = &slice(order, m)[first..][..rows];
            let (to, from) = (slice_mut(to, count(rows, width)), slice(from, count(m, width)));
            gather(to, from, width, order, threads);
        }
        Flow::On
    }
}

facts! {
    /// to ← scale · the rows of the batch, by the order, of the m rows of bytes `from`, each `width` long.
    pub struct GatherBytes {
        to: usize,
        from: usize,
        m: usize,
        width: usize,
        order: usize,
        scale: f64,
    }
}

impl Run for GatherBytes {
    unsafe fn run<T: Element>(&self, Moment { rows, first, .. }: Moment, _: &mut Report) -> Flow {
        let Self { to, from, m, width, order, scale } = *self;
        // SAFETY: the contract of `run`.
        unsafe {
            let order = &slice(order, m)[first..][..rows];
            let (to, from) = (slice_mut(to, count(rows, width)), slice(from, count(m, width)));
            gather_bytes(to, from, width, order, T::from_f64(scale));
        }
        Flow::On
    }
}

facts! {
    /// mask ← this step's mask of a layer of `width` units: 1 with probability keep_prob, else 0. (rows, width)
    pub struct DropoutMask {
        mask: usize,
        width: usize,
        keep_prob: f64,
        seed: u64,
        layer: u32,
    }
}

impl Run for DropoutMask {
    unsafe fn run<T: Element>(
        &self,
        Moment { rows, epoch, step, before, .. }: Moment,
        _: &mut Report,
    ) -> Flow {
        let Self { mask, width, keep_prob, seed, layer } = *self;
        let key = StreamKey { seed, purpose: Purpose::Dropout, layer, epoch, step };
        // SAFETY: the contract of `run`.
        let mask = unsafe { slice_mut::<T>(mask, count(rows, width)) };
        dropout_mask(mask, before as u64 * width as u64, keep_prob, &mut key.stream());
        Flow::On
    }
}
