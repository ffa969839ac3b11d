//! One pass over slices of equal length, a vector at a time.

use crate::memory::CACHE_LINE;
use crate::number::element::Element;
use crate::number::simd::{MAX_LANES, Vector};
use crate::threads::{Seat, Shared, share_range, worth_while};
use std::hint::black_box;
use std::ops::Range;
use std::ptr::{null, null_mut};

/// outputs\[·\]\[i\] ← f(outputs\[·\]\[i\], inputs\[·\]\[i\]) for every i, LANES of them at once.
///
/// `f` gets the old contents of the outputs, so that an update in place is a sweep too. At the end
/// of the slices `f` also sees zeros in lanes whose results are dropped.
/// Panics where the lengths differ.
#[inline(always)]
pub fn sweep<T: Element, const OUT: usize, const IN: usize>(
    mut outputs: [&mut [T]; OUT],
    inputs: [&[T]; IN],
    f: impl Fn([T::Vector; OUT], [T::Vector; IN]) -> [T::Vector; OUT] + Copy,
) {
    by_vectors(&mut outputs, &inputs, &Mapping(f));
}

/// The same `sweep`, for few elements, where the calls that it takes count, and the turns of its loop.
#[inline(always)]
pub fn short_sweep<T: Element, const OUT: usize, const IN: usize>(
    mut outputs: [&mut [T]; OUT],
    inputs: [&[T]; IN],
    f: impl Fn([T::Vector; OUT], [T::Vector; IN]) -> [T::Vector; OUT] + Copy,
) {
    let len = length(&outputs, &inputs);
    let whole = len - len % T::Vector::LANES;
    let to = outputs.each_mut().map(|slice| slice.as_mut_ptr());
    // SAFETY: all have `len` elements.
    unsafe {
        map::<T, OUT, IN, 2>(to, inputs.map(|slice| slice.as_ptr()), whole / T::Vector::LANES, f)
    }
    if whole < len {
        sweep(outputs.map(|slice| &mut slice[whole..]), inputs.map(|slice| &slice[whole..]), f);
    }
}

/// The one length of all. Panics where they differ.
#[inline(always)]
fn length<T>(outputs: &[&mut [T]], inputs: &[&[T]]) -> usize {
    let len = outputs[0].len();
    assert!(outputs.iter().all(|slice| slice.len() == len));
    assert!(inputs.iter().all(|slice| slice.len() == len));
    len
}

/// What `sweep` does with f, to be given to `sweep_by`.
pub fn mapping<T: Element, const OUT: usize, const IN: usize>(
    f: impl Fn([T::Vector; OUT], [T::Vector; IN]) -> [T::Vector; OUT] + Copy,
) -> impl Map<T> {
    Mapping(f)
}

/// A `sweep` whose f stands behind a pointer, so that its callers are compiled once for any.
pub fn sweep_by<T: Element, const OUT: usize, const IN: usize>(
    mut outputs: [&mut [T]; OUT],
    inputs: [&[T]; IN],
    map: &dyn Map<T>,
) {
    by_vectors(&mut outputs, &inputs, map);
}

/// The most outputs or inputs of a sweep.
const MOST: usize = 4;

/// What maps vectors of the inputs to the outputs.
pub trait Map<T> {
    /// Maps `count` vectors.
    ///
    /// # Safety
    /// They are there.
    unsafe fn run(&self, to: &[*mut T], from: &[*const T], count: usize);
}

struct Mapping<F, const OUT: usize, const IN: usize>(F);

impl<T: Element, F, const OUT: usize, const IN: usize> Map<T> for Mapping<F, OUT, IN>
where
    F: Fn([T::Vector; OUT], [T::Vector; IN]) -> [T::Vector; OUT] + Copy,
{
    unsafe fn run(&self, to: &[*mut T], from: &[*const T], count: usize) {
        let (to, from) = (to.first_chunk().expect("OUT"), from.first_chunk().expect("IN"));
        // SAFETY: the caller's contract. A copy of f: no store can change its constants, so that they stay in registers.
        unsafe { map::<T, OUT, IN, 1>(*to, *from, count, self.0) }
    }
}

/// Calls `map(outputs, inputs, count)` of all whole vectors, and of one that holds what is left. What `map` computes is
/// compiled once so, and this once for all.
#[inline(never)]
fn by_vectors<T: Element>(outputs: &mut [&mut [T]], inputs: &[&[T]], map: &dyn Map<T>) {
    let len = length(outputs, inputs);
    let left = len % T::Vector::LANES;
    let whole = len - left;
    let (mut to, mut from) = ([null_mut(); MOST], [null(); MOST]);
    for (to, slice) in to.iter_mut().zip(&mut *outputs) {
        *to = slice.as_mut_ptr();
    }
    for (from, slice) in from.iter_mut().zip(inputs) {
        *from = slice.as_ptr();
    }
    // SAFETY: all have so many whole vectors.
    unsafe { map.run(&to, &from, whole / T::Vector::LANES) };
    if left == 0 {
        return;
    }
    let mut old = [[T::zero(); MAX_LANES]; MOST];
    let mut read = old;
    for ((to, end), slice) in to.iter_mut().zip(&mut old).zip(&*outputs) {
        copy(end, &slice[whole..]);
        *to = end.as_mut_ptr();
    }
    for ((from, end), slice) in from.iter_mut().zip(&mut read).zip(inputs) {
        copy(end, &slice[whole..]);
        *from = end.as_ptr();
    }
    // SAFETY: `old` and `read` have one vector each.
    unsafe { map.run(&to, &from, 1) };
    for (slice, end) in outputs.iter_mut().zip(&old) {
        copy(&mut slice[whole..], end);
    }
}

/// Copies as many elements as both have.
#[inline(never)]
fn copy<T: Copy>(to: &mut [T], from: &[T]) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = from;
    }
}

/// outputs ← f(outputs, inputs), of `count` vectors each, `TURN` of them in a turn of the loop.
///
/// # Safety
/// They are there.
#[inline(always)]
unsafe fn map<T: Element, const OUT: usize, const IN: usize, const TURN: usize>(
    mut to: [*mut T; OUT],
    mut from: [*const T; IN],
    count: usize,
    f: impl Fn([T::Vector; OUT], [T::Vector; IN]) -> [T::Vector; OUT],
) {
    let one = |to: [*mut T; OUT], from: [*const T; IN], offset: usize| {
        // SAFETY: the caller's contract.
        unsafe {
            let old = to.map(|to| T::Vector::load_ptr(to.add(offset)));
            let read = from.map(|from| T::Vector::load_ptr(from.add(offset)));
            for (to, new) in to.into_iter().zip(f(old, read)) {
                new.store_ptr(to.add(offset));
            }
        }
    };
    // Pointers that step on: of an index, V8 computes four addresses anew for each vector.
    for _ in 0..count / TURN {
        for vector in 0..TURN {
            one(to, from, vector * T::Vector::LANES);
        }
        // One by one: LLVM keeps two pointers of an array that is made anew as one integer.
        for to in &mut to {
            *to = to.wrapping_add(TURN * T::Vector::LANES);
        }
        for from in &mut from {
            *from = from.wrapping_add(TURN * T::Vector::LANES);
        }
    }
    for vector in 0..count % TURN {
        one(to, from, vector * T::Vector::LANES);
    }
}

/// Multiply-adds of a product that take as long as one element of an optimizer's sweep.
const WORK_OF_AN_ELEMENT: usize = 16;

/// The same `sweep`, cut into pieces for the threads, which may have read the last output since it was written.
#[inline(always)]
pub fn shared_sweep<T: Element, const OUT: usize, const IN: usize>(
    threads: usize,
    mut outputs: [&mut [T]; OUT],
    inputs: [&[T]; IN],
    f: impl Fn([T::Vector; OUT], [T::Vector; IN]) -> [T::Vector; OUT] + Sync + Copy,
) {
    shared_by_vectors(threads, &mut outputs, &inputs, &Mapping(f));
}

/// What a `shared_sweep` does with any map, once for all.
#[inline(never)]
fn shared_by_vectors<T: Element>(
    threads: usize,
    outputs: &mut [&mut [T]],
    inputs: &[&[T]],
    map: &(dyn Map<T> + Sync),
) {
    let len = length(outputs, inputs);
    let work = len.saturating_mul(WORK_OF_AN_ELEMENT);
    let threads = worth_while(threads, work);
    let count = outputs.len();
    let mut shared = [Shared(null_mut()); MOST];
    for (shared, output) in shared.iter_mut().zip(outputs) {
        *shared = Shared(output.as_mut_ptr());
    }
    let size = if threads > 1 { BLOCK } else { len.max(1) };
    share_range(threads, len, LINE, work, &|(next_piece, _): Seat<Range<usize>>| {
        while let Some(piece) = next_piece() {
            for start in piece.clone().step_by(size) {
                let block = start..piece.end.min(start + size);
                let (mut to, mut from): ([&mut [T]; MOST], [&[T]; MOST]) = Default::default();
                for (to, slice) in to.iter_mut().zip(&shared[..count]) {
                    // SAFETY: the pieces are disjoint and end at `len`, the length of every output, and the outputs
                    // outlive `share_range`.
                    *to = unsafe { slice.slice(block.start, block.len()) };
                }
                for (from, slice) in from.iter_mut().zip(inputs) {
                    *from = &slice[block.clone()];
                }
                if threads > 1 {
                    claim(to[count - 1]);
                }
                by_vectors(&mut to[..count], &from[..inputs.len()], map);
            }
        }
    });
}

/// Elements between two claims: as many cache lines as a core's queue of writes holds.
const BLOCK: usize = 64 * LINE;

/// Writes an element of each cache line as it is, so that the line is this core's alone. Such writes wait side by
/// side, where those of an update fill the queue with a few lines, which wait one after the other.
fn claim<T: Element>(lines: &mut [T]) {
    for x in lines.iter_mut().step_by(LINE) {
        *x = black_box(*x);
    }
}

/// Pieces begin at a multiple of LINE elements, so that no two threads write to one cache line (where
/// the slices begin at one).
const LINE: usize = CACHE_LINE / size_of::<f32>();

#[cfg(test)]
mod tests {
    use super::*;

    fn every_element_is_visited_once<T: Element>() {
        for len in 0..=17 {
            let numbers = |from: usize| -> Vec<T> {
                (0..len).map(|i| T::from_f64((from + i) as f64)).collect()
            };
            for is_short in [false, true] {
                let (mut a, mut b, c) = (numbers(0), numbers(100), numbers(1000));
                let (to, from) = ([&mut a[..], &mut b[..]], [&c[..]]);
                if is_short {
                    short_sweep(to, from, |[a, b], [c]| [a.add(c), b.sub(a)]);
                } else {
                    sweep(to, from, |[a, b], [c]| [a.add(c), b.sub(a)]);
                }
                for i in 0..len {
                    assert_eq!(a[i].to_f64(), (1000 + 2 * i) as f64);
                    assert_eq!(b[i].to_f64(), 100.0);
                }
            }
        }
    }

    #[test]
    fn every_element_of_every_length_is_visited_once() {
        every_element_is_visited_once::<f32>();
        every_element_is_visited_once::<f64>();
    }

    #[test]
    #[should_panic]
    fn slices_of_unequal_length_are_refused() {
        sweep([&mut [0f32; 4][..]], [&[0f32; 3][..]], |_, [x]| [x]);
    }
}
