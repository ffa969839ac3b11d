use super::schedule::Schedule;
use crate::facts::facts;
use libm::pow;

facts! {
    /// α = from · factor^(t/length).
    ///
    /// Source: `torch.optim.lr_scheduler.ExponentialLR`, there in whole epochs.
    pub struct Exponential {
        from: f64,
        factor: f64,
        length: f64,
    }
}

impl Schedule for Exponential {
    fn rate(&self, step: f64) -> f64 {
        self.from * pow(self.factor, step / self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_near;

    #[test]
    fn it_falls_by_the_factor_in_every_length() {
        let schedule = Exponential { from: 0.8, factor: 0.25, length: 2.0 };
        for (step, rate) in [(0.0, 0.8), (1.0, 0.4), (2.0, 0.2), (3.0, 0.1), (4.0, 0.05)] {
            assert_near(schedule.rate(step), rate, 2.0 * f64::EPSILON * rate);
        }
        assert_eq!(schedule.rate(9e15), 0.0);
    }
}
