use super::activation::Activation;
use crate::number::element::Element;

/// g(z) = z.
pub struct Linear;

impl<T: Element> Activation<T> for Linear {
    fn apply(&self, _z: &mut [T]) {}

    fn backward(&self, _dz: &mut [T], _seen: &[T], _keep: T) {}
}
