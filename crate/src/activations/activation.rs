use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::{short_sweep, sweep};

/// The activation of a layer.
pub trait Activation<T: Element>: Send + Sync {
    /// z ← g(z). Of softmax, `z` is a whole row; else any elements.
    fn apply(&self, z: &mut [T]);

    /// z ← g(z + b), of one row of a layer's units.
    fn forward(&self, z: &mut [T], b: &[T]) {
        add(z, b);
        self.apply(z);
    }

    /// The same of some rows, one behind the other, and kept ← z + b, for a backward pass that sees it.
    fn forward_keeping(&self, z: &mut [T], kept: &mut [T], b: &[T]) {
        add_keeping(z, kept, b);
        self.apply(z);
    }

    /// dz ← da ⊙ g′. `dz` holds da. `seen` is a = g(z), or z where the table says so; an output after dropout was divided
    /// by `keep`, and times `keep` is g(z) again. `keep` is 1 where there was no dropout.
    fn backward(&self, dz: &mut [T], seen: &[T], keep: T);

    /// Whether each element of g(z) follows from one of z, as every hidden layer's must.
    fn is_elementwise(&self) -> bool {
        true
    }
}

/// z ← z + b. Compiled once.
#[inline(never)]
fn add<T: Element>(z: &mut [T], b: &[T]) {
    sweep([z], [b], |[z], [b]| [z.add(b)]);
}

/// z and kept ← z + b, row by row. Compiled once.
#[inline(never)]
fn add_keeping<T: Element>(z: &mut [T], kept: &mut [T], b: &[T]) {
    for (z, kept) in z.chunks_exact_mut(b.len()).zip(kept.chunks_exact_mut(b.len())) {
        short_sweep([z, kept], [b], |[z, _], [b]| [z.add(b); 2]);
    }
}
