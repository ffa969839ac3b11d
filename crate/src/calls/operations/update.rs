//! The update of all parameters, and what holds of weights after it.

use crate::calls::operation::{Bind, Flow, Moment, Operation, Portion, Report};
use crate::facts::{Facts, Words, facts};
use crate::layers::max_norm::max_norm;
use crate::memory::{count, slice, slice_mut};
use crate::number::element::Element;
use crate::optimizers::{Moments, State, UpdateRule, decay_weights, rule};
use crate::schedules::{Schedule, schedule};

facts! {
    /// W ← its next value by the rule of this number, at `factor` times the rate α of the schedule of this number at the
    /// steps in `state`, reduced as it says. `moments`: where w's part of the rule's first moment begins; those of the `moment_count` others are
    /// `stride` numbers further each. `state`: the rule's `State`, which becomes that of this update by the `first` of the
    /// step's. `decay`: λ, by α·λ of which weights decay before. Behind the facts: the rule's hyperparameters, what the
    /// schedule takes, then offset and length of all parts of w that decay.
    pub struct Update {
        rule: usize,
        schedule: usize,
        w: usize,
        g: usize,
        len: usize,
        moments: usize,
        moment_count: usize,
        stride: usize,
        state: usize,
        first: bool,
        factor: f64,
        decay: f64,
        threads: usize,
    }
}

impl Bind for Update {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        let facts = Self::take(words);
        let rule = rule::<T>(facts.rule, words);
        Box::new(Updating { rule, plan: Plan::of(facts, words) })
    }
}

/// What an update goes by in either number type.
struct Plan {
    facts: Update,
    schedule: Box<dyn Schedule>,
    /// Offset and length of what decays.
    weights: Vec<(usize, usize)>,
}

impl Plan {
    #[inline(never)] // once for both number types
    fn of(facts: Update, rest: &mut Words) -> Self {
        let schedule = schedule(facts.schedule, rest);
        Self { facts, schedule, weights: rest.pairs() }
    }
}

struct Updating<T> {
    rule: Box<dyn UpdateRule<T>>,
    plan: Plan,
}

impl<T: Element> Operation for Updating<T> {
    unsafe fn run(&mut self, _: Portion, _: Moment, report: &mut Report) -> Flow {
        let Self { rule, plan: Plan { facts, schedule, weights } } = self;
        let Update { w, g, len, moments, moment_count, stride, state, decay, threads, .. } = *facts;
        // SAFETY: the caller's contract.
        unsafe {
            let state = &mut slice_mut::<State>(state, 1)[0];
            if facts.first {
                report.rate = state.reduced(schedule.rate(state.steps));
                *state = state.after(rule.decays(state.steps + 1.0));
            }
            let rate = report.rate * facts.factor;
            for &(w, len) in &*weights {
                decay_weights::<T>(slice_mut(w, len), rate * decay, threads);
            }
            let mut own: Moments<T> = Default::default();
            for (k, own) in own.iter_mut().enumerate().take(moment_count) {
                *own = slice_mut(moments + k * stride * size_of::<T>(), len);
            }
            rule.update(slice_mut(w, len), own, slice(g, len), state, rate, threads);
        }
        Flow::On
    }
}

facts! {
    /// W ← W with each unit's norm at most `limit`. W: (outputs, inputs), in panels of `panel` units.
    pub struct MaxNorm {
        w: usize,
        inputs: usize,
        outputs: usize,
        panel: usize,
        limit: f64,
    }
}

impl Bind for MaxNorm {
    fn bind<T: Element>(words: &mut Words) -> Box<dyn Operation> {
        let Self { w, inputs, outputs, panel, limit } = Self::take(words);
        let mut room = vec![0.0; inputs];
        Box::new(move |_: Moment, _: &mut Report| {
            // SAFETY: the contract of `run`.
            let w = unsafe { slice_mut::<T>(w, count(outputs, inputs)) };
            max_norm(w, panel, limit, &mut room);
            Flow::On
        })
    }
}
