//! Named random streams: ChaCha8, keyed by what a stream is for. The same key gives the same words on
//! every machine, and any word of a stream can be reached without those before it.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream of random numbers is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Initialization = 0,
    Shuffle = 1,
    Dropout = 2,
    /// Which rows a split takes.
    Split = 3,
    /// Which fold a row is in.
    Folds = 4,
    /// Which row of a stream's window comes next.
    Window = 5,
}

impl Purpose {
    /// A purpose of orders by its number. Panics for any other.
    pub fn of_orders(number: u32) -> Self {
        const OF_ORDERS: [Purpose; 4] =
            [Purpose::Shuffle, Purpose::Split, Purpose::Folds, Purpose::Window];
        let found = OF_ORDERS.into_iter().find(|&purpose| purpose as u32 == number);
        found.expect("a purpose of orders")
    }
}

/// The key of a stream. What a purpose has no use for is 0.
#[derive(Clone, Copy, Debug)]
pub struct StreamKey {
    pub seed: u64,
    pub purpose: Purpose,
    pub layer: u32,
    pub epoch: u64,
    pub step: u64,
}

impl StreamKey {
    /// The stream from its first word. ChaCha's 32-byte key is
    /// seed u64 | purpose u32 | layer u32 | epoch u64 | step u64, all little-endian.
    pub fn stream(self) -> ChaCha8Rng {
        let mut key = [0; 32];
        key[0..8].copy_from_slice(&self.seed.to_le_bytes());
        key[8..12].copy_from_slice(&(self.purpose as u32).to_le_bytes());
        key[12..16].copy_from_slice(&self.layer.to_le_bytes());
        key[16..24].copy_from_slice(&self.epoch.to_le_bytes());
        key[24..32].copy_from_slice(&self.step.to_le_bytes());
        ChaCha8Rng::from_seed(key)
    }
}

/// order ← a uniformly random permutation of 0 … m − 1.
///
/// Source: Fisher & Yates as in Knuth, TAOCP 2, 3.4.2, algorithm P.
pub fn shuffle(order: &mut [u32], stream: &mut ChaCha8Rng) {
    for (i, entry) in order.iter_mut().enumerate() {
        *entry = u32::try_from(i).expect("m fits in 32 bits");
    }
    for i in (1..order.len()).rev() {
        order.swap(i, uniform_below(i as u32 + 1, stream) as usize);
    }
}

/// A uniform integer of 0 … n − 1, n ≥ 1, without bias.
///
/// Source: Lemire 2019, Fast random integer generation in an interval, algorithm 5.
fn uniform_below(n: u32, stream: &mut ChaCha8Rng) -> u32 {
    let rejected = n.wrapping_neg() % n; // 2³² mod n: as many words too many
    loop {
        let product = u64::from(stream.next_u32()) * u64::from(n);
        if product as u32 >= rejected {
            return (product >> 32) as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u64, purpose: Purpose, layer: u32, epoch: u64, step: u64) -> StreamKey {
        StreamKey { seed, purpose, layer, epoch, step }
    }

    // Words 0, 1, 1000 and 1001 of each stream, from a ChaCha8 in Python that gives RFC 8439's words
    // at 20 rounds; its key is struct.pack("<QIIQQ", seed, purpose, layer, epoch, step).
    const GOLDEN: [(u64, Purpose, u32, u64, u64, [u32; 4]); 4] = [
        (0, Purpose::Initialization, 0, 0, 0, [0x2fef003e, 0xd6405f89, 0x1dbf0e37, 0xfabea757]),
        (1, Purpose::Initialization, 2, 0, 0, [0x59ff89cc, 0x5161a671, 0x87f2e825, 0xb63c15e4]),
        (7, Purpose::Shuffle, 0, 3, 0, [0xb4000ccf, 0x513500e0, 0xdd4b1ac9, 0xfff272f3]),
        (
            (1 << 53) - 1,
            Purpose::Dropout,
            1,
            4,
            5,
            [0xd70b4ade, 0x89e03494, 0xd6aa1860, 0xd8b41f06],
        ),
    ];

    #[test]
    fn streams_never_change() {
        for (seed, purpose, layer, epoch, step, golden) in GOLDEN {
            let mut stream = key(seed, purpose, layer, epoch, step).stream();
            let first = [stream.next_u32(), stream.next_u32()];
            stream.set_word_pos(1000);
            assert_eq!([first[0], first[1], stream.next_u32(), stream.next_u32()], golden);
        }
    }

    #[test]
    fn every_part_of_the_key_makes_another_stream() {
        let keys = [
            key(0, Purpose::Initialization, 0, 0, 0),
            key(1, Purpose::Initialization, 0, 0, 0),
            key(0, Purpose::Shuffle, 0, 0, 0),
            key(0, Purpose::Dropout, 0, 0, 0),
            key(0, Purpose::Split, 0, 0, 0),
            key(0, Purpose::Folds, 0, 0, 0),
            key(0, Purpose::Window, 0, 0, 0),
            key(0, Purpose::Initialization, 1, 0, 0),
            key(0, Purpose::Initialization, 0, 1, 0),
            key(0, Purpose::Initialization, 0, 0, 1),
        ];
        let words = keys.map(|key| key.stream().next_u64());
        for (i, word) in words.iter().enumerate() {
            assert!(!words[..i].contains(word));
        }
    }

    #[test]
    fn purposes_of_orders_are_found_by_their_numbers() {
        for purpose in [Purpose::Shuffle, Purpose::Split, Purpose::Folds, Purpose::Window] {
            assert_eq!(Purpose::of_orders(purpose as u32), purpose);
        }
    }

    #[test]
    #[should_panic]
    fn a_purpose_of_no_orders_is_refused() {
        Purpose::of_orders(Purpose::Dropout as u32);
    }

    fn permutation(m: usize, epoch: u64) -> Vec<u32> {
        let mut order = vec![u32::MAX; m];
        shuffle(&mut order, &mut key(5, Purpose::Shuffle, 0, epoch, 0).stream());
        order
    }

    #[test]
    fn shuffle_is_a_permutation() {
        for m in (0..=17).chain([257, 1000]) {
            let mut order = permutation(m, 0);
            order.sort_unstable();
            assert!(order.into_iter().eq(0..m as u32));
        }
    }

    #[test]
    fn an_epoch_has_its_own_order_and_keeps_it() {
        assert_eq!(permutation(100, 3), permutation(100, 3));
        assert_ne!(permutation(100, 3), permutation(100, 4));
    }

    #[test]
    fn every_permutation_of_four_comes_equally_often() {
        let mut counts = std::collections::HashMap::new();
        for epoch in 0..24_000 {
            *counts.entry(permutation(4, epoch)).or_insert(0) += 1;
        }
        // χ² with 23 degrees of freedom is below 49.7 in 999 of 1000 fair draws; this draw is fixed.
        let chi2: f64 = counts.values().map(|&c| (f64::from(c) - 1000.0).powi(2) / 1000.0).sum();
        assert_eq!(counts.len(), 24);
        assert!(chi2 < 49.7, "χ² = {chi2}");
    }

    #[test]
    fn uniform_below_is_without_bias_where_n_is_no_power_of_two() {
        // 3·2^30 of 2^32: without rejection, one number in three would come twice as often.
        let n = 3 << 30;
        let mut stream = key(1, Purpose::Shuffle, 0, 0, 0).stream();
        let low = (0..30_000).filter(|_| uniform_below(n, &mut stream).is_multiple_of(3)).count();
        assert!((9_700..10_300).contains(&low), "{low} of 30000 are 0 mod 3");
    }
}
