use super::schedule::Schedule;
use crate::facts::facts;
use crate::number::half_cosine::between;

facts! {
    /// α goes from `from` to `peak` in the first `rise` of the steps (rounded), and to `to` in the others, each along half
    /// a cosine; `to` from then on.
    ///
    /// Source: Smith & Topin 2018 (super-convergence), with cosines as in `torch.optim.lr_scheduler.OneCycleLR`.
    pub struct OneCycle {
        from: f64,
        peak: f64,
        to: f64,
        rise: f64,
        length: f64,
    }
}

impl Schedule for OneCycle {
    fn rate(&self, step: f64) -> f64 {
        let up = (self.rise * self.length).round();
        if step < up {
            return between(self.from, self.peak, step, up);
        }
        if step < self.length {
            return between(self.peak, self.to, step - up, self.length - up);
        }
        self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_near;

    #[test]
    fn it_rises_and_falls_once() {
        let cycle = OneCycle { from: 0.5, peak: 1.0, to: 0.0, rise: 0.3, length: 6.0 };
        let (high, low) = (0.853_553_390_593_273_8, 0.146_446_609_406_726_24);
        let expected = [0.5, 0.75, 1.0, high, 0.5, low, 0.0, 0.0];
        for (step, rate) in expected.into_iter().enumerate() {
            assert_near(cycle.rate(step as f64), rate, 4.0 * f64::EPSILON);
        }
        let short = OneCycle { length: 1.0, ..cycle };
        assert_eq!([short.rate(0.0), short.rate(1.0)], [1.0, 0.0]);
    }
}
