//! The numbers of a W in an order that is the same on every engine, whatever panels it lies in there.

use std::ops::Range;

/// Bytes of the units that make a panel in that order: WebAssembly's own panels.
const ORDER_BYTES: usize = 32;

/// The sizes of a W and the units of a panel that it lies in, 1 for row-major.
#[derive(Clone, Copy)]
pub struct Layout {
    pub outputs: usize,
    pub inputs: usize,
    pub panel: usize,
}

impl Layout {
    pub const fn count(&self) -> usize {
        self.outputs * self.inputs
    }

    /// The units of a panel in the order that counts.
    const fn order<T>(&self) -> usize {
        let units = ORDER_BYTES / size_of::<T>();
        if self.outputs.is_multiple_of(units) { units } else { 1 }
    }
}

/// A W as it lies, which is read in order.
#[derive(Clone, Copy)]
pub struct InOrder<'a, T> {
    pub w: &'a [T],
    pub layout: Layout,
}

impl<T: Copy> InOrder<'_, T> {
    pub const fn count(&self) -> usize {
        self.layout.count()
    }

    /// The numbers in `range`: where they lie so, or in `room`, which has as many at least.
    #[inline(always)]
    pub fn read<'b>(&'b self, range: Range<usize>, room: &'b mut [T]) -> &'b [T] {
        if cfg!(target_family = "wasm") || self.layout.panel == self.layout.order::<T>() {
            return &self.w[range];
        }
        let room = &mut room[..range.len()];
        self.copy(range.start, room);
        room
    }

    #[inline(never)]
    fn copy(&self, start: usize, to: &mut [T]) {
        let Layout { inputs, panel, .. } = self.layout;
        let order = self.layout.order::<T>();
        let offsets = |unit: usize| -> [usize; ORDER_BYTES] {
            std::array::from_fn(|u| {
                let in_panel = (unit + u) % panel;
                (unit + u - in_panel) * inputs + in_panel
            })
        };
        let (mut unit, mut input, mut u) =
            (start / (inputs * order) * order, start % (inputs * order) / order, start % order);
        let mut at = offsets(unit);
        for to in to {
            *to = self.w[at[u] + input * panel];
            u += 1;
            if u == order {
                (u, input) = (0, input + 1);
            }
            if input == inputs {
                (input, unit) = (0, unit + order);
                at = offsets(unit);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each number says where it stands in the order.
    fn lying<T: Copy + Default>(layout: Layout, number: impl Fn(usize) -> T) -> Vec<T> {
        let Layout { outputs, inputs, panel } = layout;
        let order = layout.order::<T>();
        let mut w = vec![T::default(); layout.count()];
        for unit in 0..outputs {
            for input in 0..inputs {
                let place = |panel| (unit - unit % panel) * inputs + input * panel + unit % panel;
                w[place(panel)] = number(place(order));
            }
        }
        w
    }

    fn is_read_in_order<T: Copy + Default + PartialEq + std::fmt::Debug>(
        number: impl Fn(usize) -> T,
    ) {
        for (outputs, inputs) in [(1, 7), (8, 1), (8, 5), (24, 9), (32, 31), (48, 3), (12, 10)] {
            for panel in [1, 2, 4, 6, 8, 12, 16, 32] {
                if outputs % panel != 0 {
                    continue;
                }
                let layout = Layout { outputs, inputs, panel };
                let w = lying(layout, &number);
                let w = InOrder { w: &w, layout };
                for start in 0..w.count() {
                    let mut room = vec![T::default(); w.count()];
                    let expected: Vec<T> = (start..w.count()).map(&number).collect();
                    assert_eq!(w.read(start..w.count(), &mut room), expected);
                }
            }
        }
    }

    #[test]
    fn whatever_its_panels_a_w_is_read_in_the_same_order() {
        is_read_in_order(|place| place as f32);
        is_read_in_order(|place| place as f64);
    }
}
