//! The schedules: the learning rate as a function of the step, in f64. One file each and one line in the table.
//!
//! Powers are those of the libm crate, which is compiled in (below 1 ulp); cosines are our own. So a rate has the same
//! bits everywhere, and is within 1e-14 of its formula's value for rates, factors and lengths that people use.

mod constant;
mod cosine;
mod exponential;
mod one_cycle;
mod piecewise;
mod polynomial;
mod schedule;
mod step;

pub use schedule::Schedule;

use crate::facts::{Facts, Thing, Words};

/// One line per schedule: its name and its type.
macro_rules! table {
    ($($name:ident: $schedule:ty,)*) => {
        /// The names, in the order of their numbers, and those of their facts.
        pub const NAMES: &[Thing] = &[$((stringify!($name), <$schedule>::FIELDS)),*];

        /// The schedule of this number with its facts. Panics where there is no such number.
        pub fn schedule(number: usize, words: &mut Words) -> Box<dyn Schedule> {
            let takes: &[fn(&mut Words) -> Box<dyn Schedule>] =
                &[$(|words| Box::new(<$schedule>::take(words))),*];
            takes[number](words)
        }
    };
}

table! {
    constant: constant::Constant,
    step: step::Step,
    exponential: exponential::Exponential,
    polynomial: polynomial::Polynomial,
    cosine: cosine::Cosine,
    one_cycle: one_cycle::OneCycle,
    piecewise: piecewise::Piecewise,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::digest;

    /// A schedule by its name, with these words.
    fn named(name: &str, words: &[f64]) -> Box<dyn Schedule> {
        let number = NAMES.iter().position(|&(known, _)| known == name).expect("a known name");
        let mut words = Words(words);
        let schedule = schedule(number, &mut words);
        assert!(words.0.is_empty());
        schedule
    }

    #[test]
    fn rates_have_the_same_bits_everywhere() {
        let schedules = [
            named("constant", &[0.1]),
            named("step", &[0.1, 0.3, 7.0]),
            named("exponential", &[0.1, 0.96, 13.0]),
            named("polynomial", &[0.1, 0.001, 1.7, 10.0, 900.0]),
            named("cosine", &[0.1, 0.003, 20.0, 3.0, 2.0, 0.7, 100.0]),
            named("one_cycle", &[0.004, 0.1, 4e-7, 0.3, 999.0]),
            named("piecewise", &[2.0, 0.0, 0.1, 500.0, 0.01]),
        ];
        let rates: Vec<f64> = schedules
            .iter()
            .flat_map(|schedule| (0..1000).map(|step| schedule.rate(f64::from(step))))
            .collect();
        assert_eq!(digest(&rates), 2_479_656_756_437_514_827);
    }
}
