//! The update rules, each one pass over the flat block of parameters: one file each and one line in the table.
//!
//! A moment whose magnitude is below the smallest normal number is set to 0: without gradient a
//! moment decays towards 0 and would stay subnormal for good, and arithmetic on subnormal numbers is
//! many times slower. Every scalar is formed in f64 and rounded once.

mod ada_grad;
mod adam;
mod adam_w;
mod gradient_descent;
mod lion;
mod momentum;
mod nadam;
mod rms_prop;
mod sgd;
mod update_rule;
mod weight_decay;

pub use update_rule::{Moments, State, UpdateRule};
pub use weight_decay::decay_weights;

use crate::facts::{Facts, Thing, Words};
use crate::number::element::Element;

/// One line per rule: its name, its type and the names of its moments, of which it may go without the later ones.
macro_rules! table {
    ($($name:ident: $rule:ty, [$($moment:ident),*],)*) => {
        /// The names, in the order of their numbers, and those of the hyperparameters.
        pub const NAMES: &[Thing] = &[$((stringify!($name), <$rule>::FIELDS)),*];

        /// The names, and those of the moments.
        pub const MOMENTS: &[Thing] =
            &[$((stringify!($name), concat!($(" ", stringify!($moment)),*))),*];

        /// The rule of this number with its hyperparameters. Panics where there is no such number.
        pub fn rule<T: Element>(number: usize, words: &mut Words) -> Box<dyn UpdateRule<T>> {
            let takes: &[fn(&mut Words) -> Box<dyn UpdateRule<T>>] =
                &[$(|words| Box::new(<$rule>::take(words))),*];
            takes[number](words)
        }
    };
}

table! {
    gradient_descent: gradient_descent::GradientDescent, [],
    momentum: momentum::Momentum, [v],
    sgd: sgd::Sgd, [u],
    adam: adam::Adam, [v, s],
    adam_w: adam_w::AdamW, [v, s],
    nadam: nadam::Nadam, [v, s],
    ada_grad: ada_grad::AdaGrad, [s],
    rms_prop: rms_prop::RmsProp, [s, v, u],
    lion: lion::Lion, [v],
}

#[cfg(test)]
mod tests {
    use super::ada_grad::AdaGrad;
    use super::adam::Adam;
    use super::gradient_descent::GradientDescent;
    use super::lion::Lion;
    use super::momentum::Momentum;
    use super::nadam::Nadam;
    use super::rms_prop::RmsProp;
    use super::sgd::Sgd;
    use super::*;
    use crate::testing::{EDGES, assert_near, epsilon, numbers};

    /// One update; moments lie one behind the other. `state` becomes that of the update before.
    fn update<T: Element>(
        rule: &dyn UpdateRule<T>,
        w: &mut [T],
        moments: &mut [T],
        g: &[T],
        state: &mut State,
        rate: f64,
        threads: usize,
    ) {
        *state = state.after(rule.decays(state.steps + 1.0));
        let mut own: Moments<T> = Default::default();
        for (own, moment) in own.iter_mut().zip(moments.chunks_exact_mut(w.len().max(1))) {
            *own = moment;
        }
        rule.update(w, own, g, state, rate, threads);
    }

    const ADAM: Adam = Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    const NADAM: Nadam = Nadam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, momentum_decay: 0.004 };
    const LION: Lion = Lion { beta1: 0.9, beta2: 0.99 };
    const MOMENTUM: Momentum = Momentum { beta: 0.9, nesterov: false };
    const SGD: Sgd = Sgd { momentum: 0.9, nesterov: false };
    const RMS_PROP: RmsProp = RmsProp { decay: 0.9, epsilon: 1e-8, momentum: 0.0, centered: false };

    /// The next value of w in update t, of the gradient g; moments become those after it.
    type Formula<'a> = &'a dyn Fn(i32, &mut [f64; 3], f64, f64) -> f64;

    /// `rule`, which keeps `kept` moments, does as its formula over some steps.
    #[track_caller]
    fn follows<T: Element>(rule: &dyn UpdateRule<T>, kept: usize, formula: Formula) {
        for len in EDGES {
            let mut w: Vec<T> = numbers(len, 1);
            let mut moments = vec![T::zero(); kept * len];
            let mut state = State::default();
            let mut plain: Vec<_> = w.iter().map(|w| (w.to_f64(), [0.0; 3])).collect();
            for t in 1..=20 {
                let g: Vec<T> = numbers(len, 100 + t as u64);
                update(rule, &mut w, &mut moments, &g, &mut state, 0.01, 1);
                for ((w, moments), g) in plain.iter_mut().zip(&g) {
                    *w = formula(t, moments, *w, g.to_f64());
                }
            }
            for (got, (expected, _)) in w.iter().zip(&plain) {
                assert_near(got.to_f64(), *expected, 20.0 * epsilon::<T>());
            }
        }
    }

    fn updates_follow_their_formulas<T: Element>() {
        follows::<T>(&GradientDescent {}, 0, &|_, _, w, g| w - 0.01 * g);
        follows::<T>(&MOMENTUM, 1, &|_, [v, ..], w, g| {
            *v = 0.9 * *v + (1.0 - 0.9) * g;
            w - 0.01 * *v
        });
        follows::<T>(&Momentum { nesterov: true, ..MOMENTUM }, 1, &|_, [v, ..], w, g| {
            *v = 0.9 * *v + (1.0 - 0.9) * g;
            w - 0.01 * (0.9 * *v + (1.0 - 0.9) * g)
        });
        follows::<T>(&Sgd { momentum: 0.0, ..SGD }, 0, &|_, _, w, g| w - 0.01 * g);
        follows::<T>(&SGD, 1, &|_, [u, ..], w, g| {
            *u = 0.9 * *u + g;
            w - 0.01 * *u
        });
        follows::<T>(&Sgd { nesterov: true, ..SGD }, 1, &|_, [u, ..], w, g| {
            *u = 0.9 * *u + g;
            w - 0.01 * (0.9 * *u + g)
        });
        rms_prop_follows_its_formulas::<T>();
        follows::<T>(&ADAM, 2, &|t, [v, s, _], w, g| {
            *v = 0.9 * *v + (1.0 - 0.9) * g;
            *s = 0.999 * *s + (1.0 - 0.999) * g * g;
            let (v, s) = (*v / (1.0 - 0.9f64.powi(t)), *s / (1.0 - 0.999f64.powi(t)));
            w - 0.01 * v / (s.sqrt() + 1e-8)
        });
        follows::<T>(&NADAM, 2, &|t, [v, s, so_far], w, g| {
            let mu = |t: i32| 0.9 * (1.0 - 0.5 * 0.96f64.powf(f64::from(t) * 0.004));
            *so_far = mu(t) * if t == 1 { 1.0 } else { *so_far };
            *v = 0.9 * *v + (1.0 - 0.9) * g;
            *s = 0.999 * *s + (1.0 - 0.999) * g * g;
            let ahead =
                (1.0 - mu(t)) * g / (1.0 - *so_far) + mu(t + 1) * *v / (1.0 - *so_far * mu(t + 1));
            w - 0.01 * ahead / ((*s / (1.0 - 0.999f64.powi(t))).sqrt() + 1e-8)
        });
        let ada_grad = AdaGrad { epsilon: 1e-10 };
        follows::<T>(&ada_grad, 1, &|_, [s, ..], w, g| {
            *s += g * g;
            w - 0.01 * g / (s.sqrt() + 1e-10)
        });
        follows::<T>(&LION, 1, &|_, [v, ..], w, g| {
            let direction: f64 = 0.9 * *v + (1.0 - 0.9) * g;
            *v = 0.99 * *v + (1.0 - 0.99) * g;
            w - 0.01 * direction.signum()
        });
    }

    fn rms_prop_follows_its_formulas<T: Element>() {
        for (centered, momentum) in [(false, 0.0), (true, 0.0), (false, 0.8), (true, 0.8)] {
            // Where the variance is small, f32 has few of its digits.
            let rule = RmsProp { epsilon: 1.0, momentum, centered, ..RMS_PROP };
            let kept = 1 + usize::from(centered) + usize::from(momentum > 0.0);
            follows::<T>(&rule, kept, &|_, [s, v, u], w, g| {
                *s = 0.9 * *s + (1.0 - 0.9) * g * g;
                *v = 0.9 * *v + (1.0 - 0.9) * g;
                let variance = if centered { *s - *v * *v } else { *s };
                *u = momentum * *u + g / (variance.sqrt() + 1.0);
                w - 0.01 * *u
            });
        }
    }

    #[test]
    fn a_variance_that_rounding_makes_negative_is_0() {
        let rule = RmsProp { centered: true, ..RMS_PROP };
        let (mut w, mut moments, mut state) = ([0.0f32; 64], [0.0; 128], State::default());
        let g: Vec<f32> = (1..=64).map(|i| i as f32 / 7.0).collect();
        let mut negative = 0;
        for _ in 0..300 {
            update(&rule, &mut w, &mut moments, &g, &mut state, 0.01, 1);
            let (s, v) = moments.split_at(64);
            negative += s.iter().zip(v).filter(|(s, v)| **s < **v * **v).count();
        }
        assert!(negative > 0);
        assert!(w.iter().all(|w| w.is_finite()), "{w:?}");
    }

    #[test]
    fn updates_follow_their_formulas_in_f64_loops() {
        updates_follow_their_formulas::<f32>();
        updates_follow_their_formulas::<f64>();
    }

    #[test]
    fn a_state_counts_steps_and_multiplies_up_its_powers() {
        let mut state = State::default();
        for _ in 0..3 {
            update(&ADAM, &mut [0.0f32], &mut [0.0; 2], &[1.0], &mut state, 0.01, 1);
        }
        let powers = [0.9 * 0.9 * 0.9, 0.999 * 0.999 * 0.999];
        assert_eq!(state, State { steps: 3.0, powers, ..State::default() });
    }

    #[test]
    fn a_reduced_rate_is_at_least_the_lowest_and_at_most_the_schedules_own() {
        let state = State { reduction: 0.25, lowest: 0.1, ..State::default() };
        let rates = [0.8, 0.4, 0.2, 0.1, 0.05, 0.0];
        assert_eq!(rates.map(|rate| state.reduced(rate)), [0.2, 0.1, 0.1, 0.1, 0.05, 0.0]);
        let kept = State::default();
        assert!(rates.iter().all(|rate| kept.reduced(*rate).to_bits() == rate.to_bits()));
        assert_eq!(state.after([0.5; 2]).reduced(0.8), 0.2);
    }

    #[test]
    fn epsilon_is_outside_the_root_and_after_the_correction() {
        // t = 1: v/(1−β₁) = g, s/(1−β₂) = g², so w falls by α·g/(g + ε). With g = ε that is α/2;
        // inside the root it would be α·ε/√(ε² + ε), before the correction α/(1 + 1/√0.001).
        let mut w = [1.0f64];
        update(
            &Adam { epsilon: 1e-3, ..ADAM },
            &mut w,
            &mut [0.0; 2],
            &[1e-3],
            &mut State::default(),
            0.01,
            1,
        );
        assert_near(w[0], 1.0 - 0.01 / 2.0, 1e-15);
    }

    #[test]
    fn the_first_step_of_adam_is_the_learning_rate_long() {
        let mut w = [0.0f32; 2];
        update(&ADAM, &mut w, &mut [0.0; 4], &[5.0, -0.02], &mut State::default(), 0.01, 1);
        assert_near(w[0].into(), -0.01, 1e-8);
        assert_near(w[1].into(), 0.01, 1e-8);
    }

    #[test]
    fn one_minus_beta2_is_formed_in_f64() {
        // In f32 1 − 0.999 would be 1.3e-5 off.
        let mut moments = [0.0f32; 2];
        update(&ADAM, &mut [0.0], &mut moments, &[1.0], &mut State::default(), 0.01, 1);
        assert_eq!(moments[1], 0.001f64 as f32);
    }

    fn moments_of_a_dead_unit_reach_0<T: Element>() {
        let one = T::one();
        let (mut w, mut vs, mut u) = ([one], [one; 2], [one]);
        let adam = Adam { beta2: 0.99, ..ADAM };
        let mut state = State { steps: 1000.0, powers: [1e-46, 4e-5], ..State::default() };
        for t in 1..80_000 {
            update(&adam, &mut w, &mut vs, &[T::zero()], &mut state, 0.01, 1);
            update(&MOMENTUM, &mut w, &mut u, &[T::zero()], &mut State::default(), 0.01, 1);
            for moment in [vs[0], vs[1], u[0]] {
                assert!(moment == T::zero() || moment >= T::SMALLEST_NORMAL, "{moment:?} at {t}");
            }
            if vs[1] == T::zero() {
                break;
            }
        }
        assert_eq!((vs, u), ([T::zero(); 2], [T::zero()]));
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
        let lasting = Momentum { beta: 1.0, nesterov: false };
        update(&lasting, &mut w, &mut v, &g, &mut State::default(), 0.01, 1);
        assert_eq!(v, [least, -least, 0.0, 0.0]);
    }

    #[test]
    fn lion_stays_where_the_direction_is_0() {
        let (mut w, mut v) = ([1.0f32; 6], [0.0, 0.0, 1.0, -1.0, 0.0, 0.0]);
        let g = [0.0, -0.0, 0.0, 0.0, 1e-30, -1e-30];
        update(&LION, &mut w, &mut v, &g, &mut State::default(), 0.01, 1);
        assert_eq!(w, [1.0, 1.0, 0.99, 1.01, 0.99, 1.01]);
    }

    #[test]
    fn nadams_state_has_the_product_of_its_momenta() {
        let mut state = State::default();
        let without_decay = Nadam { momentum_decay: 0.0, ..NADAM };
        for _ in 0..3 {
            update(&without_decay, &mut [0.0f32], &mut [0.0; 2], &[1.0], &mut state, 0.01, 1);
        }
        assert_eq!(state.powers[0], 0.45 * 0.45 * 0.45);
        let decayed = Nadam { momentum_decay: f64::MAX, ..NADAM };
        update(&decayed, &mut [0.0f32], &mut [0.0; 2], &[1.0], &mut state, 0.01, 1);
        assert_eq!(state.powers[0], 0.45 * 0.45 * 0.45 * 0.9);
    }

    #[test]
    fn nan_is_not_hidden() {
        let (mut w, mut moments) = ([1.0f32], [0.0; 2]);
        update(&ADAM, &mut w, &mut moments, &[f32::NAN], &mut State::default(), 0.01, 1);
        assert!(w[0].is_nan() && moments[0].is_nan() && moments[1].is_nan());
        let (mut w, mut moments) = ([1.0f32], [0.0; 2]);
        let centered = RmsProp { centered: true, ..RMS_PROP };
        update(&centered, &mut w, &mut moments, &[f32::NAN], &mut State::default(), 0.01, 1);
        assert!(w[0].is_nan() && moments[0].is_nan() && moments[1].is_nan());
    }
}
