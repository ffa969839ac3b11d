use super::schedule::{Phase, Schedule, phase};
use crate::facts::facts;
use crate::number::half_cosine::between;
use libm::pow;

facts! {
    /// α = to + (from − to)·(1 + cos(π·t/T))/2, from the warm-up's end to the schedule's, T steps; `to` from then on. But
    /// it starts again `restarts` times: the k-th time from from·peak_factorᵏ, for T·length_factorᵏ steps.
    ///
    /// Source: Loshchilov & Hutter 2017 (SGDR), equation 5 and section 3.
    pub struct Cosine {
        from: f64,
        to: f64,
        warmup: f64,
        restarts: f64,
        length_factor: f64,
        peak_factor: f64,
        length: f64,
    }
}

impl Schedule for Cosine {
    fn rate(&self, step: f64) -> f64 {
        match phase(step, self.warmup, self.length) {
            Phase::WarmUp(part) => self.from * part,
            Phase::Behind { done, length } => self.behind(done, length),
        }
    }
}

impl Cosine {
    fn behind(&self, mut done: f64, mut length: f64) -> f64 {
        let mut restart = 0.0;
        if self.length_factor > 1.0 {
            while done >= length && length > 0.0 && restart < self.restarts {
                done -= length;
                length *= self.length_factor;
                restart += 1.0;
            }
        } else if length > 0.0 {
            restart = (done / length).floor().min(self.restarts);
            done -= restart * length;
        }
        if done >= length {
            return self.to;
        }
        between(self.from * pow(self.peak_factor, restart), self.to, done, length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_near;

    const PLAIN: Cosine = Cosine {
        from: 1.0,
        to: 0.0,
        warmup: 0.0,
        restarts: 0.0,
        length_factor: 1.0,
        peak_factor: 1.0,
        length: 4.0,
    };

    fn follows(schedule: &Cosine, expected: &[f64]) {
        for (step, &rate) in expected.iter().enumerate() {
            assert_near(schedule.rate(step as f64), rate, 4.0 * f64::EPSILON * rate);
        }
    }

    #[test]
    fn it_falls_along_half_a_cosine() {
        let (high, low) = (0.853_553_390_593_273_8, 0.146_446_609_406_726_24); // (2 ± √2)/4
        follows(&PLAIN, &[1.0, high, 0.5, low, 0.0, 0.0]);
        follows(
            &Cosine { warmup: 2.0, length: 6.0, ..PLAIN },
            &[0.0, 0.5, 1.0, high, 0.5, low, 0.0],
        );
    }

    #[test]
    fn it_restarts_as_often_as_it_was_told() {
        let twice = Cosine { length: 2.0, restarts: 2.0, peak_factor: 0.5, to: 0.1, ..PLAIN };
        follows(&twice, &[1.0, 0.55, 0.5, 0.3, 0.25, 0.175, 0.1, 0.1, 0.1]);
        let longer = Cosine { length: 1.0, restarts: 2.0, length_factor: 2.0, ..PLAIN };
        let (high, low) = (0.853_553_390_593_273_8, 0.146_446_609_406_726_24);
        follows(&longer, &[1.0, 1.0, 0.5, 1.0, high, 0.5, low, 0.0, 0.0]);
        let ever = Cosine { length: 3.0, restarts: 9e15, ..PLAIN };
        assert_near(ever.rate(3e15 + 1.0), 0.75, 1e-15);
        let ever = Cosine { length_factor: 2.0, ..ever };
        assert_near(ever.rate(3.0 * (2f64.powi(50) - 1.0)), 1.0, 0.0);
    }
}
