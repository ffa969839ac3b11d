//! One pass over slices of equal length, a vector at a time.

use crate::element::Element;
use crate::memory::CACHE_LINE;
use crate::simd::Vector;
use crate::threads::{Shared, share_range, worth_while};
use std::hint::black_box;

/// outputs\[·\]\[i\] ← f(outputs\[·\]\[i\], inputs\[·\]\[i\]) for every i, LANES of them at once.
///
/// `f` gets the old contents of the outputs, so that an update in place is a sweep too. At the end
/// of the slices `f` also sees padding lanes, whose results are dropped.
/// Panics where the lengths differ.
#[inline(always)]
pub fn sweep<T: Element, const OUT: usize, const IN: usize>(
    mut outputs: [&mut [T]; OUT],
    inputs: [&[T]; IN],
    f: impl Fn([T::Vector; OUT], [T::Vector; IN]) -> [T::Vector; OUT],
) {
    let len = outputs[0].len();
    assert!(outputs.iter().all(|slice| slice.len() == len));
    assert!(inputs.iter().all(|slice| slice.len() == len));
    let whole = len - len % T::Vector::LANES;

    // Pointers that step on: of an index, V8 computes four addresses anew for each vector.
    let mut to = outputs.each_mut().map(|slice| slice.as_mut_ptr());
    let mut from = inputs.map(|slice| slice.as_ptr());
    for _ in 0..whole / T::Vector::LANES {
        // SAFETY: each pointer is stepped on by no more vectors than its slice holds: all have `len` elements.
        unsafe {
            let old = to.map(|to| T::Vector::load_ptr(to));
            let read = from.map(|from| T::Vector::load_ptr(from));
            for (to, new) in to.into_iter().zip(f(old, read)) {
                new.store_ptr(to);
            }
        }
        to = to.map(|to| to.wrapping_add(T::Vector::LANES));
        from = from.map(|from| from.wrapping_add(T::Vector::LANES));
    }
    if whole < len {
        let old = outputs.each_ref().map(|slice| load_end::<T>(&slice[whole..]));
        let read = inputs.map(|slice| load_end::<T>(&slice[whole..]));
        for (slice, new) in outputs.iter_mut().zip(f(old, read)) {
            new.store_partial(&mut slice[whole..], T::zero());
        }
    }
}

/// Multiply-adds of a product that take as long as one element of an optimizer's sweep (measured: bench,
/// suite kernels).
const WORK_OF_AN_ELEMENT: usize = 16;

/// The same `sweep`, cut into pieces for the threads, which may have read the last output since it was written.
pub fn shared_sweep<T: Element, const OUT: usize, const IN: usize>(
    threads: usize,
    outputs: [&mut [T]; OUT],
    inputs: [&[T]; IN],
    f: impl Fn([T::Vector; OUT], [T::Vector; IN]) -> [T::Vector; OUT] + Sync + Copy,
) {
    let len = outputs[0].len();
    assert!(outputs.iter().all(|slice| slice.len() == len));
    let work = len.saturating_mul(WORK_OF_AN_ELEMENT);
    let threads = worth_while(threads, work);
    let outputs = outputs.map(|slice| Shared(slice.as_mut_ptr()));
    let size = if threads > 1 { BLOCK } else { len.max(1) };
    share_range(threads, len, LINE, work, &|pieces, _| {
        for piece in pieces {
            for start in piece.clone().step_by(size) {
                let block = start..piece.end.min(start + size);
                // SAFETY: the pieces are disjoint and end at `len`, the length of every output (asserted above),
                // and the outputs outlive `share_range`.
                let outputs = outputs.map(|slice| unsafe { slice.slice(block.start, block.len()) });
                if threads > 1 {
                    claim(outputs[OUT - 1]);
                }
                // A copy of f: no store can change its constants, so that they stay in registers.
                sweep(outputs, inputs.map(|slice| &slice[block.clone()]), f);
            }
        }
    });
}

/// Elements between two claims: as many cache lines as a core's queue of writes holds.
const BLOCK: usize = 64 * LINE;

/// Writes an element of each cache line as it is, so that the line is this core's alone. Such writes wait side by
/// side, where those of an update fill the queue with a few lines, which wait one after the other (measured: Adam at
/// \[784,128,64,1\] 107 → 78 µs on cores that share no cache, 47 → 45 µs on cores that do).
fn claim<T: Element>(lines: &mut [T]) {
    for x in lines.iter_mut().step_by(LINE) {
        *x = black_box(*x);
    }
}

/// Pieces begin at a multiple of so many elements, so that no two threads write to one cache line (where
/// the slices begin at one).
const LINE: usize = CACHE_LINE / size_of::<f32>();

#[inline(always)]
fn load_end<T: Element>(end: &[T]) -> T::Vector {
    T::Vector::load_partial(end, T::zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_element_is_visited_once<T: Element>() {
        for len in 0..=17 {
            let numbers = |from: usize| -> Vec<T> {
                (0..len).map(|i| T::from_f64((from + i) as f64)).collect()
            };
            let (mut a, mut b, c) = (numbers(0), numbers(100), numbers(1000));
            sweep([&mut a[..], &mut b[..]], [&c[..]], |[a, b], [c]| [a.add(c), b.sub(a)]);
            for i in 0..len {
                assert_eq!(a[i].to_f64(), (1000 + 2 * i) as f64);
                assert_eq!(b[i].to_f64(), 100.0);
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
