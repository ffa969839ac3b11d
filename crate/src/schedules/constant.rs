use super::schedule::Schedule;
use crate::facts::facts;

facts! {
    /// α = rate.
    pub struct Constant {
        rate: f64,
    }
}

impl Schedule for Constant {
    fn rate(&self, _step: f64) -> f64 {
        self.rate
    }
}
