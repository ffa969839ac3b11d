//! The constants of the normal distribution's tail for each number type.

/// What the tail needs to know of a number type.
pub trait ErfcConstants: Sized + 'static {
    /// From here on e^(−x²/2) rounds to 0.
    const FARTHEST: Self;
    /// Added and taken away again, it leaves so few of x's bits that their square is exact.
    const SPLITTER: Self;
    /// P and Q of R = P/Q on 0 ≤ x ≤ FARTHEST, lowest power first.
    const NUMERATOR: &'static [Self];
    const DENOMINATOR: &'static [Self];
}

// SPLITTER leaves multiples of 2^-8 (f32) and of 2^-20 (f64). P/Q is the minimax fit by Remez's exchange at 166 bits; its
// own relative error is 2^-26.3 (f32) and 2^-56.8 (f64).
impl ErfcConstants for f32 {
    const FARTHEST: f32 = 15.0;
    const SPLITTER: f32 = 49_152.0;
    const NUMERATOR: &'static [f32] =
        &[0.5, 0.437_207_67, 0.182_297_86, 0.040_279_746, 0.004_053_671];
    const DENOMINATOR: &'static [f32] =
        &[1.0, 1.672_300_1, 1.198_895_2, 0.466_966_03, 0.100_972_58, 0.010_160_935];
}

impl ErfcConstants for f64 {
    const FARTHEST: f64 = 39.0;
    const SPLITTER: f64 = 6_442_450_944.0;
    const NUMERATOR: &'static [f64] = &[
        0.5,
        0.822_282_464_566_180_5,
        0.670_633_039_349_160_9,
        0.350_299_610_860_239_53,
        0.128_533_278_923_927_35,
        0.034_452_242_094_724_88,
        0.006_821_160_281_546_839,
        0.000_985_958_580_223_689,
        9.991_325_607_468_717e-5,
        6.450_623_717_401_609e-6,
        2.037_072_120_538_674e-7,
    ];
    const DENOMINATOR: &'static [f64] = &[
        1.0,
        2.442_449_489_935_226_5,
        2.790_058_817_258_471_3,
        1.971_480_851_042_940_5,
        0.959_648_861_704_181_3,
        0.338_787_471_700_37,
        0.088_798_057_506_361_4,
        0.017_347_537_373_865_46,
        0.002_487_600_970_818_894_4,
        0.000_250_956_010_941_507_24,
        1.616_931_579_907_339_5e-5,
        5.106_182_574_803_574e-7,
    ];
}
