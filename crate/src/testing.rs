//! What the tests of several modules share.

use crate::number::element::Element;

/// Sizes at which a vector, a tile or a tree may be off by one.
pub const EDGES: [usize; 19] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 33];

/// `len` numbers in [−1, 1), the same at every run; f32's are the rounded f64's.
pub fn numbers<T: Element>(len: usize, seed: u64) -> Vec<T> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    let mut next = || {
        // Knuth's MMIX generator.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        T::from_f64((state >> 11) as f64 / (1u64 << 52) as f64 - 1.0)
    };
    (0..len).map(|_| next()).collect()
}

/// Machine epsilon.
pub fn epsilon<T: Element>() -> f64 {
    if size_of::<T>() == 4 { f64::from(f32::EPSILON) } else { f64::EPSILON }
}

/// The distance between a normal number of the type and its neighbours, where it is about `x`.
pub fn ulp<T: Element>(x: f64) -> f64 {
    libm::scalbn(epsilon::<T>(), libm::ilogb(x))
}

/// Fails unless |got − expected| ≤ bound. NaN is near to nothing, an infinity neither.
#[track_caller]
pub fn assert_near(got: f64, expected: f64, bound: f64) {
    assert!((got - expected).abs() <= bound, "got {got:?}, expected {expected:?} ± {bound:?}");
}

/// The bits of numbers, by which −0 and NaN compare too.
pub fn bits<'a, T: Element>(numbers: impl IntoIterator<Item = &'a T>) -> Vec<u64> {
    numbers.into_iter().map(|x| x.to_f64().to_bits()).collect()
}

/// A digest of the bits of numbers (FNV-1a).
pub fn digest<T: Element>(numbers: &[T]) -> u64 {
    numbers
        .iter()
        .flat_map(|x| x.to_f64().to_bits().to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
}
