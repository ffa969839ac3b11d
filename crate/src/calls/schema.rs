//! The names of everything that can be bound, for the other side of the seam.

use super::operation::Report;
use super::{number_types, operations};
use crate::facts::Thing;
use crate::{activations, initializations, losses, optimizers, schedules};

/// One line for each: what it is, its name, and then the names of its facts in their order. A thing's number is its
/// place among those of its kind. The words of a report stand in the first; the moments of an update rule in one of their
/// own.
pub fn schema() -> &'static str {
    const TEXT: [u8; length()] = text();
    const { str::from_utf8(&TEXT) }.expect("names are text")
}

/// What a schema is made of: a kind, and the things of this kind, each a name and what stands behind it.
const KINDS: [(&str, &[Thing]); 9] = [
    ("report", &[("", Report::NAMES)]),
    ("number ", number_types::NAMES),
    ("operation ", operations::NAMES),
    ("activation ", activations::NAMES),
    ("loss ", losses::NAMES),
    ("initialization ", initializations::NAMES),
    ("optimizer ", optimizers::NAMES),
    ("moments ", optimizers::MOMENTS),
    ("schedule ", schedules::NAMES),
];

const fn length() -> usize {
    let mut length = 0;
    let mut k = 0;
    while k < KINDS.len() {
        let (kind, things) = KINDS[k];
        let mut t = 0;
        while t < things.len() {
            length += kind.len() + things[t].0.len() + things[t].1.len() + 1;
            t += 1;
        }
        k += 1;
    }
    length
}

const fn text<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut text = [b'\n'; LENGTH];
    let mut at = 0;
    let mut k = 0;
    while k < KINDS.len() {
        let (kind, things) = KINDS[k];
        let mut t = 0;
        while t < things.len() {
            at = put(&mut text, at, kind);
            at = put(&mut text, at, things[t].0);
            at = put(&mut text, at, things[t].1) + 1;
            t += 1;
        }
        k += 1;
    }
    text
}

/// text[at …] ← part. Returns where it ends.
const fn put<const LENGTH: usize>(text: &mut [u8; LENGTH], at: usize, part: &str) -> usize {
    let part = part.as_bytes();
    let mut i = 0;
    while i < part.len() {
        text[at + i] = part[i];
        i += 1;
    }
    at + part.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_a_line() {
        let lines: Vec<&str> = schema().lines().collect();
        assert_eq!(lines[0], "report loss sum correct layer magnitude rate losses");
        for line in ["number float64", "activation relu", "loss hinge", "initialization he"] {
            assert!(lines.contains(&line), "{line}");
        }
        assert!(lines.contains(&"loss binary_cross_entropy label_smoothing positive_weight"));
        assert!(lines.contains(&"operation shuffle order m seed purpose"));
        assert!(lines.contains(&"optimizer adam beta1 beta2 epsilon"));
        assert!(lines.contains(&"moments adam v s"));
    }
}
