use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::{short_sweep, sweep};

/// The activation of a layer.
pub trait Activation<T: Element>: Send + Sync {
    /// z ← g(z). Of softmax, `z` is a whole row; else any elements.
    fn apply(&self, z: &mut [T]);

    /// z ← g(z + b), of some rows of a layer's units, one behind the other.
    fn forward(&self, z: &mut [T], b: &[T]) {
        add(z, b);
        self.apply(z);
    }

    /// z ← g(z), and kept ← what a backward pass sees in place of g(z), where the table says that it sees something else; z by
    /// default.
    fn apply_keeping(&self, z: &mut [T], kept: &mut [T]) {
        kept.copy_from_slice(z);
        self.apply(z);
    }

    /// The same, and kept as in `apply_keeping`.
    fn forward_keeping(&self, z: &mut [T], kept: &mut [T], b: &[T]) {
        add(z, b);
        self.apply_keeping(z, kept);
    }

    /// dz ← da ⊙ g′. `dz` holds da. `seen` is a = g(z), or what was kept where the table says so; an output after dropout
    /// was divided by `keep`, and times `keep` is g(z) again. `keep` is 1 where there was no dropout.
    fn backward(&self, dz: &mut [T], seen: &[T], keep: T);

    /// Whether each element of g(z) follows from one of z, as every hidden layer's must.
    fn is_elementwise(&self) -> bool {
        true
    }
}

/// z ← z + b, row by row. Compiled once.
#[inline(never)]
fn add<T: Element>(z: &mut [T], b: &[T]) {
    with_bias(z, b, |z| z);
}

/// z ← g(z + b), row by row.
#[inline(always)]
pub fn with_bias<T: Element>(z: &mut [T], b: &[T], g: impl Fn(T::Vector) -> T::Vector + Copy) {
    if let [b] = *b {
        let b = T::Vector::splat(b);
        return sweep([z], [], |[z], []| [g(z.add(b))]);
    }
    for row in z.chunks_exact_mut(b.len()) {
        short_sweep([row], [b], |[z], [b]| [g(z.add(b))]);
    }
}
