use super::schedule::Schedule;
use crate::facts::{Facts, Words};

/// α = the rate of the piece that step t is in. Behind the fact `pieces`, their number: of each, the step at which it
/// begins and its rate. The first begins at 0, and each behind the one before.
pub struct Piecewise(Vec<[f64; 2]>);

impl Facts for Piecewise {
    const FIELDS: &'static str = " pieces";

    fn take(words: &mut Words) -> Self {
        let [pieces] = *words.take();
        Self((0..pieces as usize).map(|_| *words.take()).collect())
    }
}

impl Schedule for Piecewise {
    fn rate(&self, step: f64) -> f64 {
        let begun = self.0.partition_point(|&[start, _]| start <= step);
        self.0[begun - 1][1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rate_holds_from_its_step_on() {
        let words = [3.0, 0.0, 0.1, 2.0, 0.01, 5.0, 0.2, 77.0];
        let mut words = Words(&words);
        let schedule = Piecewise::take(&mut words);
        assert_eq!(words.0, [77.0]);
        let rates: Vec<f64> = (0..7).map(|step| schedule.rate(f64::from(step))).collect();
        assert_eq!(rates, [0.1, 0.1, 0.01, 0.01, 0.01, 0.2, 0.2]);
    }
}
