//! The constants of exp, expm1 and log1p for each number type.

/// What the reduction x = n·ln 2 + r and eʳ need to know of a number type.
pub trait ExpConstants: Sized + 'static {
    /// From here down exp(x) rounds to 0.
    const LOWEST: Self;
    /// 1/ln 2.
    const LOG2_E: Self;
    /// 1.5·2^(bits of the mantissa): added and taken away again, it leaves an integer.
    const ROUNDER: Self;
    /// ln 2 with so few bits that n·LN2_HIGH is exact for every n that occurs.
    const LN2_HIGH: Self;
    /// ln 2 − LN2_HIGH.
    const LN2_LOW: Self;
    /// The smallest n with 2ⁿ normal.
    const LOWEST_EXPONENT: Self;
    /// Q of eʳ = 1 + r + r²·Q(r) on |r| ≤ ln 2/2, lowest power first.
    const POLYNOMIAL: &'static [Self];
    /// Q of 2·artanh(s) = 2s + s·z·Q(z), z = s² ≤ 1/25, lowest power first.
    const ARTANH: &'static [Self];
}

// LN2_HIGH keeps 15 bits (f32) and 32 bits (f64, as in fdlibm's e_exp.c). POLYNOMIAL is the minimax
// fit by Remez's exchange at 200 bits; its own relative error is 2^-28.3 (f32) and 2^-57.9 (f64). ARTANH is such a fit
// too; its share in log1p's relative error is 2^-27.7 (f32) and 2^-61.3 (f64).
impl ExpConstants for f32 {
    const LOWEST: f32 = -104.0;
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    const ROUNDER: f32 = 12_582_912.0;
    const LN2_HIGH: f32 = 0.693_145_75;
    const LN2_LOW: f32 = 1.428_606_8e-6;
    const LOWEST_EXPONENT: f32 = -126.0;
    const POLYNOMIAL: &'static [f32] =
        &[0.499_999_94, 0.166_665_21, 0.041_668_39, 0.008_368_717, 0.001_381_459_9];
    const ARTANH: &'static [f32] = &[0.666_668_5, 0.399_653_46, 0.302_323_37];
}

impl ExpConstants for f64 {
    const LOWEST: f64 = -746.0;
    const LOG2_E: f64 = std::f64::consts::LOG2_E;
    const ROUNDER: f64 = 6_755_399_441_055_744.0;
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const LOWEST_EXPONENT: f64 = -1022.0;
    const POLYNOMIAL: &'static [f64] = &[
        0.500_000_000_000_001_1,
        0.166_666_666_666_664_13,
        0.041_666_666_666_530_155,
        0.008_333_333_333_494_461,
        0.001_388_888_894_363_011_4,
        0.000_198_412_695_065_786_88,
        2.480_149_309_890_655e-5,
        2.755_758_637_384_016_5e-6,
        2.763_024_837_921_144e-7,
        2.500_006_160_283_566_6e-8,
    ];
    const ARTANH: &'static [f64] = &[
        0.666_666_666_666_666,
        0.400_000_000_000_559_4,
        0.285_714_285_560_073_4,
        0.222_222_242_761_857_4,
        0.181_816_670_894_660_83,
        0.153_910_723_977_333_3,
        0.131_742_623_646_279_9,
        0.138_385_633_847_838_25,
    ];
}
