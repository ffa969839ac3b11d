/// The arithmetic of one vector with lanes of type `T`.
pub trait Vector<T>: Copy + Send + Sync {
    /// Lanes in a vector.
    const LANES: usize;

    /// All lanes equal `x`.
    fn splat(x: T) -> Self;

    /// Reads LANES elements.
    ///
    /// # Safety
    /// `from` must be valid for reading LANES elements; it need not be aligned to the vector.
    unsafe fn load_ptr(from: *const T) -> Self;

    /// `load_ptr` of an aligned vector that stays where it is among the loads around it, where a compiler would move
    /// it to its first use.
    ///
    /// # Safety
    /// As `load_ptr`, and `from` must be aligned to the vector.
    unsafe fn load_now(from: *const T) -> Self;

    /// Writes LANES elements.
    ///
    /// # Safety
    /// `to` must be valid for writing LANES elements; it need not be aligned to the vector.
    unsafe fn store_ptr(self, to: *mut T);

    /// Writes the transpose of a LANES × LANES block: `to[j][i] = from[i][j]`, where rows begin
    /// `from_stride` and `to_stride` elements apart.
    ///
    /// # Safety
    /// Every row of `from` must be valid for reading LANES elements, every row of `to` for writing
    /// them; the two may not overlap.
    unsafe fn transpose_ptr(from: *const T, from_stride: usize, to: *mut T, to_stride: usize);

    /// Reads the first LANES elements of `from`. Panics where there are fewer.
    #[inline(always)]
    fn load(from: &[T]) -> Self {
        assert!(from.len() >= Self::LANES);
        // SAFETY: the assertion above: LANES elements are there.
        unsafe { Self::load_ptr(from.as_ptr()) }
    }

    /// Writes the first LANES elements of `to`. Panics where there are fewer.
    #[inline(always)]
    fn store(self, to: &mut [T]) {
        assert!(to.len() >= Self::LANES);
        // SAFETY: the assertion above: LANES elements are there.
        unsafe { self.store_ptr(to.as_mut_ptr()) }
    }

    /// −0 in every lane: `x.drop_where(sign)` is |x|. To be made before a loop: a compiler need not know its
    /// bits.
    fn sign() -> Self;

    operations! { declare! () }
}
