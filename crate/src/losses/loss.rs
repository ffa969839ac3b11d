use crate::number::element::Element;
use ndarray::{ArrayView2, ArrayViewMut2};

/// What a network's answers are compared with.
#[derive(Clone, Copy)]
pub enum Targets<'a, T> {
    /// A number for each unit: (rows, n).
    Numbers(ArrayView2<'a, T>),
    /// A class index for each row.
    Classes(&'a [u32]),
}

/// The loss ℓ of a network's last layer.
pub trait Loss<T: Element>: Send + Sync {
    /// Returns Σ ℓ over all rows, in f64 from first to last; dZ ← ∂(Σ ℓ)/∂Z / m. Z and dZ: (rows, n), by rows
    /// and contiguous; Z is the last layer's pre-activation. Overwrites dZ. Panics where targets don't fit.
    fn sum(
        &self,
        dz: Option<ArrayViewMut2<T>>,
        z: ArrayView2<T>,
        targets: Targets<T>,
        m: usize,
    ) -> f64;

    /// Whether its targets are class indices.
    fn takes_classes(&self) -> bool {
        false
    }
}

/// Elements that are worked on together in a buffer on the stack.
pub const CHUNK: usize = 64;
