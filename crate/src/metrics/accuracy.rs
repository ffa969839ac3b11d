//! How many answers are right, read off the logits.

use crate::number::element::Element;
use ndarray::{ArrayView1, ArrayView2};

/// How many units answer right: (z > 0) = (y > 1/2). Z and Y: (rows, n), of one length: what the longer has more isn't
/// looked at. A NaN is never right.
pub fn binary_correct<T: Element>(z: &[T], y: &[T]) -> usize {
    let (zero, half) = (T::zero(), T::from_f64(0.5));
    z.iter().zip(y).filter(|&(&z, &y)| if y > half { z > zero } else { z <= zero }).count()
}

/// How many rows have their first largest logit where their first largest share is. Z and Y: (rows, n). A row with a NaN
/// is never right.
pub fn distribution_correct<T: Element>(z: ArrayView2<T>, y: ArrayView2<T>) -> usize {
    let first_largest = |y: ArrayView1<T>| {
        (1..y.len()).fold(0, |largest, j| if y[j] > y[largest] { j } else { largest })
    };
    let rows = z.rows().into_iter().zip(y.rows());
    rows.filter(|(z, y)| right(z.to_slice().expect("rows are contiguous"), first_largest(*y)))
        .count()
}

/// How many rows have their first largest logit at their label. Z: (rows, n), labels: (rows) class
/// indices. A row with a NaN is never right. Panics where a label is not below n.
pub fn categorical_correct<T: Element>(z: ArrayView2<T>, labels: &[u32]) -> usize {
    let rows = z.rows().into_iter().zip(labels);
    rows.filter(|(z, label)| right(z.to_slice().expect("rows are contiguous"), **label as usize))
        .count()
}

/// Whether a row has its first largest logit at the label.
fn right<T: Element>(z: &[T], label: usize) -> bool {
    let (before, after) = z.split_at(label);
    let at_label = z[label];
    before.iter().all(|&z| z < at_label) && after.iter().all(|&z| z <= at_label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::aview2;

    #[test]
    fn a_unit_is_right_when_its_logit_is_on_the_side_of_its_answer() {
        let z = [2.0, -2.0, 2.0, -2.0, 1e-30, -1e-30];
        assert_eq!(binary_correct(&z, &[1.0, 0.0, 0.0, 1.0, 1.0, 0.0]), 4);
    }

    #[test]
    fn a_logit_of_0_says_no() {
        assert_eq!(binary_correct(&[0.0f32, 0.0], &[0.0, 1.0]), 1);
    }

    #[test]
    fn units_with_nan_are_never_right_and_nothing_has_no_right_answers() {
        assert_eq!(binary_correct(&[f64::NAN, f64::NAN], &[0.0, 1.0]), 0);
        assert_eq!(binary_correct::<f32>(&[], &[]), 0);
    }

    #[test]
    fn a_row_is_right_when_its_first_largest_logit_is_at_the_label() {
        let z = [[1.0f32, 3.0, 2.0], [3.0, 1.0, 3.0], [3.0, 1.0, 3.0], [0.0, 0.0, 0.0]];
        assert_eq!(categorical_correct(aview2(&z), &[1, 0, 2, 0]), 3);
        assert_eq!(categorical_correct(aview2(&z), &[2, 1, 1, 2]), 0);
    }

    #[test]
    fn rows_with_nan_are_never_right_and_nothing_has_no_right_answers() {
        let z = [[f64::NAN, 1.0], [1.0, f64::NAN], [f64::NAN, f64::NAN]];
        for label in [0, 1] {
            assert_eq!(categorical_correct(aview2(&z), &[label; 3]), 0);
        }
        assert_eq!(categorical_correct::<f32>(aview2(&[[0.0; 3]; 0]), &[]), 0);
    }

    #[test]
    fn a_soft_label_says_yes_above_a_half_and_a_row_names_its_largest_share() {
        assert_eq!(binary_correct(&[1.0, -1.0, 1.0, -1.0], &[0.6, 0.5, 0.4, 0.9]), 2);
        let z = [[1.0f32, 3.0, 2.0], [3.0, 1.0, 3.0], [3.0, 1.0, 3.0]];
        let y = [[0.2, 0.5, 0.3], [0.4, 0.2, 0.4], [0.3, 0.3, 0.4]];
        assert_eq!(distribution_correct(aview2(&z), aview2(&y)), 2);
        assert_eq!(distribution_correct(aview2(&[[f64::NAN, 1.0]]), aview2(&[[0.2, 0.8]])), 0);
    }
}
