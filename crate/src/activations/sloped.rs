use super::activation::Activation;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::sweep;

/// An activation that can't be inverted, and whose g′ is costly but shares most of its parts with g: g′ is computed
/// beside g and kept, so that the backward pass is one product.
pub trait Sloped: Send + Sync {
    /// g(z) and g′(z), each lane by itself.
    fn value_and_slope<T: Element>(z: T::Vector) -> [T::Vector; 2];
}

impl<T: Element, G: Sloped> Activation<T> for G {
    #[inline(never)] // once, since exp is large
    fn apply(&self, z: &mut [T]) {
        sweep([z], [], |[z], []| {
            let [value, _] = G::value_and_slope::<T>(z);
            [value]
        });
    }

    #[inline(never)]
    fn apply_keeping(&self, z: &mut [T], kept: &mut [T]) {
        sweep([z, kept], [], |[z, _], []| G::value_and_slope::<T>(z));
    }

    fn backward(&self, dz: &mut [T], seen: &[T], _keep: T) {
        times(dz, seen);
    }
}

/// dz ← dz ⊙ slopes. Compiled once.
#[inline(never)]
fn times<T: Element>(dz: &mut [T], slopes: &[T]) {
    sweep([dz], [slopes], |[dz], [slope]| [dz.mul(slope)]);
}
