use super::schedule::{Phase, Schedule, phase};
use crate::facts::facts;
use libm::pow;

facts! {
    /// α = to + (from − to)·(1 − t/T)^power, from the warm-up's end to the schedule's, T steps; `to` from then on.
    ///
    /// Source: `torch.optim.lr_scheduler.PolynomialLR`.
    pub struct Polynomial {
        from: f64,
        to: f64,
        power: f64,
        warmup: f64,
        length: f64,
    }
}

impl Schedule for Polynomial {
    fn rate(&self, step: f64) -> f64 {
        match phase(step, self.warmup, self.length) {
            Phase::WarmUp(part) => self.from * part,
            Phase::Behind { done, length } if done < length => {
                let left = pow((length - done) / length, self.power);
                self.from * left + self.to * (1.0 - left)
            }
            Phase::Behind { .. } => self.to,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_1_is_a_line_behind_the_warm_up() {
        let line = Polynomial { from: 1.0, to: 0.5, power: 1.0, warmup: 4.0, length: 8.0 };
        let rates: Vec<f64> = (0..10).map(|step| line.rate(f64::from(step))).collect();
        assert_eq!(rates, [0.0, 0.25, 0.5, 0.75, 1.0, 0.875, 0.75, 0.625, 0.5, 0.5]);
    }

    #[test]
    fn a_power_bends_it() {
        let parabola = Polynomial { from: 1.0, to: 0.0, power: 2.0, warmup: 0.0, length: 4.0 };
        let rates: Vec<f64> = (0..6).map(|step| parabola.rate(f64::from(step))).collect();
        assert_eq!(rates, [1.0, 0.5625, 0.25, 0.0625, 0.0, 0.0]);
    }
}
