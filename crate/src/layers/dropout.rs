//! The masks of inverted dropout.

use crate::number::element::Element;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// maskᵢ ← 1 where u < keep_prob, else 0, u being word start + i of the stream over 2³².
/// Overwrites mask.
///
/// So a part of a mask is the same whether it is made alone or with the rest.
/// Source: the notebook's section 7.2, inverted dropout.
pub fn dropout_mask<T: Element>(
    mask: &mut [T],
    start: u64,
    keep_prob: f64,
    stream: &mut ChaCha8Rng,
) {
    stream.set_word_pos(start.into());
    let kept_below = (keep_prob * 4_294_967_296.0).ceil() as u64; // 2³²; of whole numbers, so many are below
    let Some(last_kept) = kept_below.checked_sub(1) else { return mask.fill(T::zero()) };
    let last_kept = u32::try_from(last_kept).expect("a probability");
    let mut bytes = [0; WORDS * size_of::<u32>()];
    for mask in mask.chunks_mut(WORDS) {
        let bytes = &mut bytes[..mask.len() * size_of::<u32>()];
        stream.fill_bytes(bytes);
        for (unit, word) in mask.iter_mut().zip(bytes.as_chunks().0) {
            *unit = if u32::from_le_bytes(*word) <= last_kept { T::one() } else { T::zero() };
        }
    }
}

/// Words that are taken from the stream together: what it makes at a time.
const WORDS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, StreamKey};
    use crate::testing::EDGES;

    fn stream(step: u64) -> ChaCha8Rng {
        StreamKey { seed: 3, purpose: Purpose::Dropout, layer: 1, epoch: 2, step }.stream()
    }

    fn mask<T: Element>(start: usize, len: usize, keep_prob: f64, step: u64) -> Vec<T> {
        let mut mask = vec![T::from_f64(f64::NAN); len];
        dropout_mask(&mut mask, start as u64, keep_prob, &mut stream(step));
        mask
    }

    #[test]
    fn ones_come_as_often_as_keep_prob_says() {
        for keep_prob in [0.1, 0.5, 0.8, 0.999] {
            let mask = mask::<f32>(0, 100_000, keep_prob, 0);
            assert!(mask.iter().all(|&unit| unit == 0.0 || unit == 1.0));
            let kept = mask.iter().filter(|&&unit| unit == 1.0).count() as f64;
            let deviation = (100_000.0 * keep_prob * (1.0 - keep_prob)).sqrt();
            assert!((kept - 100_000.0 * keep_prob).abs() < 4.0 * deviation, "{keep_prob}: {kept}");
        }
    }

    #[test]
    fn keep_prob_1_keeps_all_and_0_none() {
        assert_eq!(mask::<f64>(0, 1000, 1.0, 0), [1.0; 1000]);
        assert_eq!(mask::<f64>(0, 1000, 0.0, 0), [0.0; 1000]);
    }

    #[test]
    fn any_range_can_be_made_on_its_own() {
        let whole = mask::<f32>(0, 400, 0.5, 0);
        for start in EDGES.into_iter().chain([64, 255, 256, 257]) {
            for len in EDGES {
                assert_eq!(mask::<f32>(start, len, 0.5, 0), whole[start..start + len]);
            }
        }
    }

    #[test]
    fn each_step_has_its_own_mask_and_keeps_it() {
        assert_eq!(mask::<f32>(0, 200, 0.5, 7), mask::<f32>(0, 200, 0.5, 7));
        assert_ne!(mask::<f32>(0, 200, 0.5, 7), mask::<f32>(0, 200, 0.5, 8));
    }

    #[test]
    fn both_types_drop_the_same_units() {
        let single = mask::<f32>(0, 1000, 0.7, 0).into_iter().map(f64::from);
        assert!(single.eq(mask::<f64>(0, 1000, 0.7, 0)));
    }
}
