//! How many threads a job is worth.

/// Multiply-adds that a thread must get to make waking it worth while: about 10 µs of work, far more
/// than a fork and join takes with workers awake, and half of what it takes to wake them.
const LEAST_WORK: usize = 1 << 18;

/// How many of `threads` are worth using for `work` multiply-adds. Always 1 in the .wasm without threads, which
/// keeps what is for several threads out of it.
pub fn worth_while(threads: usize, work: usize) -> usize {
    if cfg!(all(target_family = "wasm", not(target_feature = "atomics"))) {
        return 1;
    }
    threads.min(work / LEAST_WORK).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_work_stays_on_one_thread() {
        assert_eq!(worth_while(8, LEAST_WORK - 1), 1);
        assert_eq!(worth_while(8, 3 * LEAST_WORK), 3);
        assert_eq!(worth_while(2, usize::MAX), 2);
    }
}
