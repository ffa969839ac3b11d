//! The activations g: one file each, and one line each in the table at the end.

mod activation;
mod elu;
mod gelu;
mod gelu_tanh;
mod hard_sigmoid;
mod hard_swish;
mod leaky_relu;
mod linear;
mod mish;
mod relu;
mod selu;
mod sigmoid;
mod silu;
mod sloped;
mod softmax;
mod softplus;
mod tanh;

pub use activation::Activation;
pub use sigmoid::{exp_of_minus_abs, sigmoid_from_exp};
pub use softmax::{exp_of_differences, largest};
pub use tanh::{Tanh, tanh};

use crate::facts::Thing;
use crate::number::element::Element;

/// One line per activation: its name, in which `_` stands before a capital, what the forward pass keeps where the backward
/// pass doesn't see its output, `(slope)` of a `Sloped` or `(gate)`, and how it is made of its parameter.
macro_rules! table {
    ($($name:ident $(($kept:ident))?: $make:expr,)*) => {
        /// The names, in the order of their numbers, and what their backward passes see in place of the output.
        pub const NAMES: &[Thing] =
            &[$((stringify!($name), concat!($(" ", stringify!($kept))?))),*];

        /// The activation of this number, with its parameter, if it has one. Panics where there is no such number.
        pub fn activation<T: Element>(number: usize, parameter: f64) -> Box<dyn Activation<T>> {
            let makes: &[fn(T) -> Box<dyn Activation<T>>] = &[$($make),*];
            makes[number](T::from_f64(parameter))
        }
    };
}

table! {
    linear: |_| Box::new(linear::Linear),
    relu: |_| Box::new(relu::Relu),
    leaky_relu: |slope| Box::new(leaky_relu::LeakyRelu { slope }),
    sigmoid: |_| Box::new(sigmoid::Sigmoid),
    tanh: |_| Box::new(tanh::Tanh),
    elu: |alpha| Box::new(elu::Elu { alpha }),
    selu: |_| Box::new(selu::Selu),
    silu(slope): |_| Box::new(silu::Silu),
    gelu(slope): |_| Box::new(gelu::Gelu),
    gelu_tanh(slope): |_| Box::new(gelu_tanh::GeluTanh),
    mish(slope): |_| Box::new(mish::Mish),
    hard_swish(gate): |_| Box::new(hard_swish::HardSwish),
    hard_sigmoid: |_| Box::new(hard_sigmoid::HardSigmoid),
    softplus: |_| Box::new(softplus::Softplus),
    softmax: |_| Box::new(softmax::Softmax),
}

#[cfg(test)]
pub mod testing {
    use super::*;

    /// The activation of this name.
    pub fn named<T: Element>(name: &str, parameter: f64) -> Box<dyn Activation<T>> {
        let number = NAMES.iter().position(|&(known, _)| known == name).expect("a known name");
        activation(number, parameter)
    }

    /// g(z) of a row.
    pub fn applied<T: Element>(name: &str, z: &[T]) -> Vec<T> {
        let mut a = z.to_vec();
        named(name, 0.0).apply(&mut a);
        a
    }

    /// g′(z), by way of what is kept.
    pub fn slope<T: Element>(name: &str, z: T) -> T {
        let (mut kept, mut da) = ([T::zero()], [T::one()]);
        named(name, 0.0).apply_keeping(&mut [z], &mut kept);
        named(name, 0.0).backward(&mut da, &kept, T::one());
        da[0]
    }
}
