use super::schedule::Schedule;
use crate::facts::facts;
use libm::pow;

facts! {
    /// α = from · factor^⌊t/length⌋.
    ///
    /// Source: `torch.optim.lr_scheduler.StepLR`.
    pub struct Step {
        from: f64,
        factor: f64,
        length: f64,
    }
}

impl Schedule for Step {
    fn rate(&self, step: f64) -> f64 {
        self.from * pow(self.factor, (step / self.length).floor())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_multiplied_at_every_length() {
        let schedule = Step { from: 0.8, factor: 0.5, length: 3.0 };
        let rates: Vec<f64> = (0..8).map(|step| schedule.rate(f64::from(step))).collect();
        assert_eq!(rates, [0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.2, 0.2]);
    }
}
