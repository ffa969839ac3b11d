//! Fork and join: one job cut into pieces that the calling thread and its workers take one by one.
//!
//! A piece never depends on who computes it, and no sum is cut, so the number of threads changes no bit.
//! In the build without threads (and natively) the caller computes all pieces itself.

mod cut;
mod park;
mod policy;
mod pool;
#[cfg(any(test, feature = "benchmark"))]
mod rendezvous;
mod share;
mod shared;

#[cfg(target_feature = "atomics")]
pub use park::enter;
pub use policy::worth_while;
#[cfg(target_feature = "atomics")]
pub use pool::serve;
pub use pool::{rouse, worker_lost};
#[cfg(any(test, feature = "benchmark"))]
pub use rendezvous::rendezvous;
pub use share::{share, share_range};
pub use shared::Shared;
