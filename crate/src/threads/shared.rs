//! What the pieces of a job write to.

/// A pointer that the pieces of a job share; each works on elements of its own.
pub struct Shared<T>(pub *mut T);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Shared<T> {}

// SAFETY: what is done with the pointer is unsafe, and its contract asks for elements of one's own.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    /// The elements start … start + len.
    ///
    /// # Safety
    /// They belong to one living slice, and nothing else reads or writes them while the view lives.
    pub unsafe fn slice<'a>(self, start: usize, len: usize) -> &'a mut [T] {
        // SAFETY: the caller's contract.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(start), len) }
    }
}
