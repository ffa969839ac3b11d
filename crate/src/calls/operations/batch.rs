//! What makes a batch: the epoch's order, its rows, its masks.

use crate::calls::operation::{Bind, Flow, Moment, Operation, Report};
use crate::facts::{Words, facts};
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

impl<T> Bind<T> for Shuffle {
    fn bind(self, _rest: &mut Words) -> Box<dyn Operation> {
        self.of_any_type()
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

impl<T> Bind<T> for Gather {
    fn bind(self, _rest: &mut Words) -> Box<dyn Operation> {
        self.of_any_type()
    }
}

impl Gather {
    fn of_any_type(self) -> Box<dyn Operation> {
        let Self { to, from, m, width, order, threads } = self;
        Box::new(move |Moment { rows, first, .. }: Moment, _: &mut Report| {
            // SAFETY: the contract of `run`.
            unsafe {
                let order = &slice(order, m)[first..][..rows];
                let (to, from) = (slice_mut(to, count(rows, width)), slice(from, count(m, width)));
                gather(to, from, width, order, threads);
            }
            Flow::On
        })
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

impl<T: Element> Bind<T> for GatherBytes {
    fn bind(self, _rest: &mut Words) -> Box<dyn Operation> {
        let Self { to, from, m, width, order, scale } = self;
        Box::new(move |Moment { rows, first, .. }: Moment, _: &mut Report| {
            // SAFETY: the contract of `run`.
            unsafe {
                let order = &slice(order, m)[first..][..rows];
                let (to, from) = (slice_mut(to, count(rows, width)), slice(from, count(m, width)));
                gather_bytes(to, from, width, order, T::from_f64(scale));
            }
            Flow::On
        })
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

impl<T: Element> Bind<T> for DropoutMask {
    fn bind(self, _rest: &mut Words) -> Box<dyn Operation> {
        let Self { mask, width, keep_prob, seed, layer } = self;
        Box::new(move |Moment { rows, epoch, step, before, .. }: Moment, _: &mut Report| {
            let key = StreamKey { seed, purpose: Purpose::Dropout, layer, epoch, step };
            // SAFETY: the contract of `run`.
            let mask = unsafe { slice_mut::<T>(mask, count(rows, width)) };
            dropout_mask(mask, before as u64 * width as u64, keep_prob, &mut key.stream());
            Flow::On
        })
    }
}
