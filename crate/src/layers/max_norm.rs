//! The bound on each unit's weights.

use crate::number::element::Element;

/// 2⁶⁰⁰: it, or its inverse, brings numbers whose squares leave f64's range back into it.
const SCALE: f64 = f64::from_bits((1023 + 600) << 52);

/// Below it some squares were so small that they lost bits: 2⁻⁴⁵⁰.
const SMALL: f64 = f64::from_bits((1023 - 450) << 52);

/// w ← w · min(1, limit/‖w‖) of each unit's weights, of which a unit has as many as there is room, in panels of `panel`
/// units (1: row-major). Where ‖w‖ is at most `limit` no bit changes.
///
/// Source: Srivastava et al. 2014, section 5.1; as Keras has it, but without its ε beside ‖w‖.
pub fn max_norm<T: Element>(w: &mut [T], panel: usize, limit: f64, room: &mut [f64]) {
    for panels in w.chunks_exact_mut(panel * room.len()) {
        for unit in 0..panel {
            let own = &mut panels[unit..];
            for (to, w) in room.iter_mut().zip(own.iter().step_by(panel)) {
                *to = w.to_f64();
            }
            if bounds_norm(room, limit) {
                for (w, from) in own.iter_mut().step_by(panel).zip(&*room) {
                    *w = T::from_f64(*from);
                }
            }
        }
    }
}

/// The same of one unit's; whether any changed. The sum of squares is one in f64, in their order.
#[inline(never)] // the same for both number types
fn bounds_norm(w: &mut [f64], limit: f64) -> bool {
    let (mut norm, mut by) = (0.0, 1.0);
    for scale in [1.0, SCALE, 1.0 / SCALE] {
        (norm, by) = (w.iter().map(|w| (scale * w) * (scale * w)).sum::<f64>().sqrt(), scale);
        if norm > SMALL && norm.is_finite() {
            break;
        }
    }
    let is_beyond = norm > limit * by;
    if is_beyond {
        let factor = limit / norm;
        w.iter_mut().for_each(|w| *w = by * *w * factor);
    }
    is_beyond
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gemm::panel_width;
    use crate::testing::{assert_near, epsilon, numbers};

    fn bounds_each_unit<T: Element>() {
        let width = panel_width::<T>();
        for (units, inputs, panel) in
            [(1, 1, 1), (3, 7, 1), (17, 33, 1), (2 * width, 9, width), (4 * width, 1, width)]
        {
            let start: Vec<T> = numbers(units * inputs, 5);
            let at = |unit: usize, input: usize| {
                (unit - unit % panel) * inputs + input * panel + unit % panel
            };
            for limit in [1e-3, 0.8, 1.5, 100.0] {
                let mut w = start.clone();
                max_norm(&mut w, panel, limit, &mut vec![0.0; inputs]);
                for unit in 0..units {
                    let own =
                        |w: &[T]| (0..inputs).map(|i| w[at(unit, i)].to_f64()).collect::<Vec<_>>();
                    let (before, after) = (own(&start), own(&w));
                    let norm = before.iter().map(|w| w * w).sum::<f64>().sqrt();
                    for (after, before) in after.iter().zip(&before) {
                        if norm <= limit {
                            assert_eq!(after, before);
                        } else {
                            assert_near(
                                *after,
                                before * limit / norm,
                                4.0 * epsilon::<T>() * limit,
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn each_units_norm_is_at_most_the_limit_in_rows_and_panels() {
        bounds_each_unit::<f32>();
        bounds_each_unit::<f64>();
    }

    #[test]
    fn norms_out_of_range_are_bounded_too() {
        let mut w = [3e200, -4e200, 3e-200, 4e-200, 0.0, 0.0];
        max_norm(&mut w, 1, 1.0, &mut [0.0; 2]);
        assert_near(w[0], 0.6, 1e-15);
        assert_near(w[1], -0.8, 1e-15);
        assert_eq!(w[2..], [3e-200, 4e-200, 0.0, 0.0]);
        let mut small = [3e-200, -4e-200];
        max_norm(&mut small, 1, 1e-200, &mut [0.0; 2]);
        assert_near(small[0] * 1e200, 0.6, 1e-14);
    }
}
