//! The updates, each one pass over the flat block of parameters.
//!
//! A moment whose magnitude is below the smallest normal number is set to 0: without gradient a
//! moment decays towards 0 and would stay subnormal for good, and arithmetic on subnormal numbers is
//! many times slower. Every scalar is formed in f64 and rounded once.

use crate::element::Element;
use crate::simd::Vector;
use crate::sweep::shared_sweep;

/// w ← w − α·g. All of one length.
///
/// Source: the notebook's formulas (21) and (22).
pub fn gradient_descent<T: Element>(w: &mut [T], g: &[T], learning_rate: f64, threads: usize) {
    let rate = T::Vector::splat(T::from_f64(learning_rate));
    shared_sweep(threads, [w], [g], move |[w], [g]| [w.sub(rate.mul(g))]);
}

/// v ← β·v + (1 − β)·g; w ← w − α·v. All of one length.
///
/// Source: the notebook's section 8.2.
pub fn momentum<T: Element>(
    w: &mut [T],
    v: &mut [T],
    g: &[T],
    learning_rate: f64,
    beta: f64,
    threads: usize,
) {
    let splat = |x: f64| T::Vector::splat(T::from_f64(x));
    let (rate, beta, rest) = (splat(learning_rate), splat(beta), splat(1.0 - beta));
    let sign = T::Vector::sign();
    shared_sweep(threads, [v, w], [g], move |[v, w], [g]| {
        let v = beta.mul(v).add(rest.mul(g));
        let v = without_subnormals::<T>(v, v.drop_where(sign));
        [v, w.sub(rate.mul(v))]
    });
}

/// Adam's numbers for one step.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    pub learning_rate: f64,
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
    /// β₁ᵗ and β₂ᵗ of this step, t from 1.
    pub power1: f64,
    pub power2: f64,
}

/// v ← β₁·v + (1 − β₁)·g; s ← β₂·s + (1 − β₂)·g²; w ← w − α·(v/(1 − β₁ᵗ))/(√(s/(1 − β₂ᵗ)) + ε).
/// All of one length. Computed as α·√(1 − β₂ᵗ)/(1 − β₁ᵗ)·v/(√s + ε·√(1 − β₂ᵗ)), one product fewer.
///
/// Source: Kingma & Ba 2015, algorithm 1 and the reordering in its section 2; the notebook's section 8.3, but ε outside
/// the root.
pub fn adam<T: Element>(
    w: &mut [T],
    v: &mut [T],
    s: &mut [T],
    g: &[T],
    step: Adam,
    threads: usize,
) {
    let splat = |x: f64| T::Vector::splat(T::from_f64(x));
    let (beta1, rest1) = (splat(step.beta1), splat(1.0 - step.beta1));
    let (beta2, rest2) = (splat(step.beta2), splat(1.0 - step.beta2));
    let root2 = (1.0 - step.power2).sqrt();
    let rate = splat(step.learning_rate * root2 / (1.0 - step.power1));
    let epsilon = splat(step.epsilon * root2);
    let sign = T::Vector::sign();
    shared_sweep(threads, [s, v, w], [g], move |[s, v, w], [g]| {
        let v = beta1.mul(v).add(rest1.mul(g));
        let s = beta2.mul(s).add(rest2.mul(g.mul(g)));
        // Before the moments lose what is subnormal: the square root and the division are waited for.
        let change = rate.mul(v).div(s.sqrt().add(epsilon));
        let v = without_subnormals::<T>(v, v.drop_where(sign));
        let s = without_subnormals::<T>(s, s); // a sum of squares is its own magnitude
        [s, v, w.sub(change)] // w last: its store waits for the division
    });
}

/// x, but 0 where its magnitude is below the smallest normal number. NaN stays NaN.
#[inline(always)]
fn without_subnormals<T: Element>(x: T::Vector, magnitude: T::Vector) -> T::Vector {
    x.drop_where(T::Vector::splat(T::SMALLEST_NORMAL).greater(magnitude))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EDGES, assert_near, epsilon, numbers};

    const ADAM: Adam = Adam {
        learning_rate: 0.01,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        power1: 0.9,
        power2: 0.999,
    };

    /// Adam's numbers at step t.
    fn adam_at(t: i32) -> Adam {
        Adam { power1: ADAM.beta1.powi(t), power2: ADAM.beta2.powi(t), ..ADAM }
    }

    fn updates_follow_their_formulas<T: Element>() {
        for len in EDGES {
            let start: Vec<T> = numbers(len, 1);
            let wide = |x: &[T]| x.iter().map(|x| x.to_f64()).collect::<Vec<f64>>();
            let (mut gd, mut mo, mut ad) = (start.clone(), start.clone(), start.clone());
            let (mut mo_v, mut ad_v, mut ad_s) =
                (vec![T::zero(); len], vec![T::zero(); len], vec![T::zero(); len]);
            let (mut gd_w, mut mo_w, mut ad_w) = (wide(&start), wide(&start), wide(&start));
            let mut moments = vec![[0.0; 3]; len];
            for t in 1..=20 {
                let g: Vec<T> = numbers(len, 100 + t as u64);
                gradient_descent(&mut gd, &g, 0.01, 1);
                momentum(&mut mo, &mut mo_v, &g, 0.01, 0.9, 1);
                adam(&mut ad, &mut ad_v, &mut ad_s, &g, adam_at(t), 1);
                for (i, g) in wide(&g).into_iter().enumerate() {
                    let [v, av, s] = &mut moments[i];
                    gd_w[i] -= 0.01 * g;
                    *v = 0.9 * *v + (1.0 - 0.9) * g;
                    mo_w[i] -= 0.01 * *v;
                    *av = 0.9 * *av + (1.0 - 0.9) * g;
                    *s = 0.999 * *s + (1.0 - 0.999) * g * g;
                    let (v_corrected, s_corrected) =
                        (*av / (1.0 - 0.9f64.powi(t)), *s / (1.0 - 0.999f64.powi(t)));
                    ad_w[i] -= 0.01 * v_corrected / (s_corrected.sqrt() + 1e-8);
                }
            }
            for i in 0..len {
                for (got, expected) in [(gd[i], gd_w[i]), (mo[i], mo_w[i]), (ad[i], ad_w[i])] {
                    assert_near(got.to_f64(), expected, 20.0 * epsilon::<T>());
                }
            }
        }
    }

    #[test]
    fn updates_follow_their_formulas_in_f64_loops() {
        updates_follow_their_formulas::<f32>();
        updates_follow_their_formulas::<f64>();
    }

    #[test]
    fn epsilon_is_outside_the_root_and_after_the_correction() {
        // t = 1: v/(1−β₁) = g, s/(1−β₂) = g², so w falls by α·g/(g + ε). With g = ε that is α/2;
        // inside the root it would be α·ε/√(ε² + ε), before the correction α/(1 + 1/√0.001).
        let (mut w, mut v, mut s) = ([1.0f64], [0.0], [0.0]);
        adam(&mut w, &mut v, &mut s, &[1e-3], Adam { epsilon: 1e-3, ..adam_at(1) }, 1);
        assert_near(w[0], 1.0 - 0.01 / 2.0, 1e-15);
    }

    #[test]
    fn the_first_step_of_adam_is_the_learning_rate_long() {
        let (mut w, mut v, mut s) = ([0.0f32; 2], [0.0; 2], [0.0; 2]);
        adam(&mut w, &mut v, &mut s, &[5.0, -0.02], adam_at(1), 1);
        assert_near(w[0].into(), -0.01, 1e-8);
        assert_near(w[1].into(), 0.01, 1e-8);
    }

    #[test]
    fn one_minus_beta2_is_formed_in_f64() {
        // In f32 1 − 0.999 would be 1.3e-5 off.
        let (mut w, mut v, mut s) = ([0.0f32], [0.0], [0.0]);
        adam(&mut w, &mut v, &mut s, &[1.0], adam_at(1), 1);
        assert_eq!(s[0], 0.001f64 as f32);
    }

    fn moments_of_a_dead_unit_reach_0<T: Element>() {
        let one = [T::one()];
        let (mut w, mut v, mut s, mut u) = (one, one, one, one);
        let step = Adam { beta2: 0.99, ..adam_at(1000) };
        for t in 1..80_000 {
            adam(&mut w, &mut v, &mut s, &[T::zero()], step, 1);
            momentum(&mut w, &mut u, &[T::zero()], 0.01, 0.9, 1);
            for moment in [v[0], s[0], u[0]] {
                assert!(moment == T::zero() || moment >= T::SMALLEST_NORMAL, "{moment:?} at {t}");
            }
            if s[0] == T::zero() {
                break;
            }
        }
        assert_eq!((v[0], s[0], u[0]), (T::zero(), T::zero(), T::zero()));
    }

    #[test]
    fn moments_never_stay_subnormal() {
        moments_of_a_dead_unit_reach_0::<f32>();
        moments_of_a_dead_unit_reach_0::<f64>();
    }

    #[test]
    fn the_smallest_normal_moment_is_kept_and_the_next_below_is_not() {
        let (mut w, g) = ([0.0f32; 4], [0.0; 4]);
        let (least, below) = (f32::MIN_POSITIVE, f32::MIN_POSITIVE.next_down());
        let mut v = [least, -least, below, -below];
        momentum(&mut w, &mut v, &g, 0.1, 1.0, 1);
        assert_eq!(v, [least, -least, 0.0, 0.0]);
    }

    #[test]
    fn nan_is_not_hidden() {
        let (mut w, mut v, mut s) = ([1.0f32], [0.0], [0.0]);
        adam(&mut w, &mut v, &mut s, &[f32::NAN], ADAM, 1);
        assert!(w[0].is_nan() && v[0].is_nan() && s[0].is_nan());
    }
}
