//! An activation, a dropout, or both, that follow no dense layer: what a dense layer does in its own write-out.

use crate::activations::Activation;
use crate::number::element::Element;
use crate::number::simd::Vector;
use crate::sweep::sweep;

/// A mask of zeros and ones, and the probability of a one.
pub type Mask<'a, T> = (&'a [T], f64);

/// Y ← g(X) ⊙ mask / keep_prob, and what the activation keeps for its backward pass, where it keeps anything.
pub fn elementwise<T: Element>(
    y: &mut [T],
    x: &[T],
    kept: Option<&mut [T]>,
    activation: &dyn Activation<T>,
    mask: Option<Mask<T>>,
) {
    y.copy_from_slice(x);
    match kept {
        Some(kept) => activation.apply_keeping(y, kept),
        None => activation.apply(y),
    }
    drop(y, mask);
}

/// dx ← dx ⊙ mask / keep_prob ⊙ g′, where dx holds dy.
pub fn elementwise_gradient<T: Element>(
    dx: &mut [T],
    seen: &[T],
    activation: &dyn Activation<T>,
    mask: Option<Mask<T>>,
) {
    drop(dx, mask);
    activation.backward(dx, seen, T::from_f64(mask.map_or(1.0, |(_, keep_prob)| keep_prob)));
}

fn drop<T: Element>(x: &mut [T], mask: Option<Mask<T>>) {
    let Some((mask, keep_prob)) = mask else { return };
    let keep_prob = T::Vector::splat(T::from_f64(keep_prob));
    sweep([x], [mask], |[x], [mask]| [x.mul(mask).div(keep_prob)]);
}
