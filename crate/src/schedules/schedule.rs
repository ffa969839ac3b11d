/// A learning rate that depends on how far training is.
pub trait Schedule: Send + Sync {
    /// α of an update before which its optimizer made `step` of them: 0 for the first. Lengths count such steps too.
    fn rate(&self, step: f64) -> f64;
}

/// Where a schedule with a warm-up is: on the way up, or so many steps behind it, of the length that is left.
pub enum Phase {
    /// α rises from 0 in equal parts: this one of its peak.
    WarmUp(f64),
    Behind {
        done: f64,
        length: f64,
    },
}

/// The phase at a step, of `length` steps of which the first `warmup` are the warm-up.
///
/// Source: Goyal et al. 2017, section 2.2.
pub fn phase(step: f64, warmup: f64, length: f64) -> Phase {
    if step < warmup {
        return Phase::WarmUp(step / warmup);
    }
    Phase::Behind { done: step - warmup, length: length - warmup }
}
