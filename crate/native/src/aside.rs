//! What runs beside JavaScript, on a thread of libuv's.
//!
//! Node waits for libuv's threads before a worker's memory goes, and before a process ends, so that what runs never
//! outlives the blocks that it works on.

use crate::words;
use napi::bindgen_prelude::{Env, Result, Task};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Some work that is done once, by whoever comes first: the thread that it was given to, or who can't wait for that.
pub struct Job {
    work: Box<dyn Fn() -> f64 + Send + Sync>,
    stage: Mutex<Stage>,
    ended: Condvar,
}

#[derive(Clone)]
enum Stage {
    Waiting,
    Running,
    Ended(std::result::Result<f64, String>),
}

impl Job {
    pub fn new(work: Box<dyn Fn() -> f64 + Send + Sync>) -> Self {
        Self { work, stage: Mutex::new(Stage::Waiting), ended: Condvar::new() }
    }

    /// Does the work unless somebody has begun it.
    fn begin(&self) {
        let mut stage = self.stage();
        if !matches!(*stage, Stage::Waiting) {
            return;
        }
        *stage = Stage::Running;
        drop(stage);
        let outcome = catch_unwind(AssertUnwindSafe(&self.work)).map_err(|panic| words(&*panic));
        *self.stage() = Stage::Ended(outcome);
        self.ended.notify_all();
    }

    /// What the work came to, once it has ended; a panic's words.
    pub fn settle(&self) -> std::result::Result<f64, String> {
        self.begin();
        let running = |stage: &mut Stage| !matches!(stage, Stage::Ended(_));
        let stage = self.ended.wait_while(self.stage(), running);
        match &*stage.unwrap_or_else(PoisonError::into_inner) {
            Stage::Ended(outcome) => outcome.clone(),
            Stage::Waiting | Stage::Running => unreachable!("waited for its end"),
        }
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A job, for libuv; JavaScript's promise is resolved once it has ended, however it did.
pub struct Aside(pub Arc<Job>);

impl Task for Aside {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> Result<()> {
        self.0.begin();
        Ok(())
    }

    fn resolve(&mut self, _env: Env, (): ()) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    use std::thread;
    use std::time::Duration;

    #[test]
    fn work_is_done_once_whoever_comes_first() {
        for patience in [0, 1] {
            let runs = Arc::new(AtomicU32::new(0));
            let counted = Arc::clone(&runs);
            let job = Arc::new(Job::new(Box::new(move || {
                thread::sleep(Duration::from_millis(5));
                f64::from(counted.fetch_add(1, SeqCst)) + 7.0
            })));
            let mut aside = Aside(Arc::clone(&job));
            let thread = thread::spawn(move || aside.compute());
            thread::sleep(Duration::from_millis(patience));
            assert_eq!(job.settle(), Ok(7.0));
            assert_eq!(job.settle(), Ok(7.0));
            assert!(thread.join().is_ok_and(|done| done.is_ok()));
            assert_eq!(runs.load(SeqCst), 1);
        }
    }

    #[test]
    fn a_panic_comes_to_who_settles() {
        let job = Job::new(Box::new(|| panic!("on purpose")));
        assert_eq!(job.settle(), Err("on purpose".to_owned()));
    }
}
