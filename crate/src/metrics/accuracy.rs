//! How many answers are right, read off the logits.

use crate::number::element::Element;
use ndarray::ArrayView2;

/// How many units answer right: (z > 0) = (y = 1). Z and Y: (rows, n), of one length: what the longer has more isn't
/// looked at. A NaN is never right.
pub fn binary_correct<T: Element>(z: &[T], y: &[T]) -> usize {
    let zero = T::zero();
    z.iter().zip(y).filter(|&(&z, &y)| if y == T::one() { z > zero } else { z <= zero }).count()
}

/// How many rows have their first largest logit at their label. Z: (rows, n), labels: (rows) class
/// indices. A row with a NaN is never right. Panics where a label is not below n.
pub fn categorical_correct<T: Element>(z: ArrayView2<T>, labels: &[u32]) -> usize {
    let right = |z: &[T], label: usize| {
        let (before, after) = z.split_at(label);
        let at_label = z[label];
        before.iter().all(|&z| z < at_label) && after.iter().all(|&z| z <= at_label)
    };
    let rows = z.rows().into_iter().zip(labels);
    rows.filter(|(z, label)| right(z.to_slice().expect("rows are contiguous"), **label as usize))
        .count()
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
}
