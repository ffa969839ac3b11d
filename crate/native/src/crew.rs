//! The threads that the programs of one thread of JavaScript's share.

use layerwise_kernels::threads::Crew;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

/// One program has them at a time; nobody waits for them.
#[derive(Clone, Default)]
pub struct SharedCrew(Arc<Mutex<Crew>>);

impl SharedCrew {
    /// As `Crew::ensure`, once no program runs.
    pub fn ensure(&self, threads: usize) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).ensure(threads)
    }

    /// As `Crew::compute`. Where another program has them, `work` runs on this thread alone, to the same bits.
    pub fn compute<Value>(&self, work: impl FnOnce() -> Value) -> Value {
        match self.free() {
            Some(mut crew) => crew.compute(work),
            None => work(),
        }
    }

    /// After a panic they work on: it was their caller's.
    fn free(&self) -> Option<MutexGuard<'_, Crew>> {
        match self.0.try_lock() {
            Ok(crew) => Some(crew),
            Err(TryLockError::Poisoned(crew)) => Some(crew.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}
