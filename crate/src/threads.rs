//! Fork and join: one job cut into pieces that the calling thread and its workers take one by one.
//!
//! A piece never depends on who computes it, and no sum is cut, so the number of threads changes no bit.
//! Where there are no workers (in the build without threads, or in an engine that has started none) the caller computes
//! all pieces itself.

#[cfg(not(target_family = "wasm"))]
mod crew;
mod cut;
mod park;
mod policy;
mod pool;
mod present;
#[cfg(any(test, feature = "benchmark"))]
mod rendezvous;
mod share;
mod shared;

#[cfg(not(target_family = "wasm"))]
pub use crew::Crew;
pub use cut::largest_piece;
#[cfg(target_feature = "atomics")]
pub use park::enter;
pub use policy::worth_while;
#[cfg(target_feature = "atomics")]
pub use present::serve;
pub use present::{rouse, worker_lost};
#[cfg(any(test, feature = "benchmark"))]
pub use rendezvous::rendezvous;
pub use share::{Seat, share, share_range};
pub use shared::Shared;
