//! How a layer's weights begin.

use crate::calls::operation::{Flow, Moment, Report, Run};
use crate::facts::facts;
use crate::initializations::initialize;
use crate::memory::{count, slice_mut};
use crate::number::element::Element;
use crate::random::{Purpose, StreamKey};

facts! {
    /// W ← its first values, by rows. W: (outputs, inputs).
    pub struct Initialize {
        w: usize,
        inputs: usize,
        outputs: usize,
        initialization: usize,
        seed: u64,
        layer: u32,
    }
}

impl Run for Initialize {
    unsafe fn run<T: Element>(&self, _: Moment, _: &mut Report) -> Flow {
        let Self { w, inputs, outputs, initialization, seed, layer } = *self;
        let purpose = Purpose::Initialization;
        let key = StreamKey { seed, purpose, layer, epoch: 0, step: 0 };
        // SAFETY: the contract of `run`.
        let w = unsafe { slice_mut::<T>(w, count(inputs, outputs)) };
        initialize(w, inputs, initialization, &mut key.stream());
        Flow::On
    }
}
