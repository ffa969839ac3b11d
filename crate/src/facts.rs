//! What an operation or an update rule is told once, when it is bound: named numbers, which cross the seam as f64
//! words in the order of a struct's fields. The order stands nowhere else: TypeScript reads the names (calls/schema.rs).

/// The words that crossed, taken from first to last.
pub struct Words<'a>(pub &'a [f64]);

impl<'a> Words<'a> {
    /// The next N words. Panics where there are fewer.
    pub fn take<const N: usize>(&mut self) -> &'a [f64; N] {
        let (first, rest) = self.0.split_first_chunk().expect("facts: expected more");
        self.0 = rest;
        first
    }

    /// All that are left, in pairs of sizes or offsets.
    #[inline(never)] // the same for both number types
    pub fn pairs(&mut self) -> Vec<(usize, usize)> {
        let pairs = std::mem::take(&mut self.0).chunks_exact(2);
        pairs.map(|pair| (pair[0] as usize, pair[1] as usize)).collect()
    }
}

/// A number that crosses as a word: exact, since sizes, offsets and seeds are below 2⁵³.
pub trait Fact {
    fn from_word(word: f64) -> Self;
}

macro_rules! fact {
    ($($type:ty),*) => {$(
        impl Fact for $type {
            fn from_word(word: f64) -> Self {
                word as $type
            }
        }
    )*};
}

fact!(f64, u32, u64, usize);

impl Fact for bool {
    fn from_word(word: f64) -> Self {
        word != 0.0
    }
}

/// A name that crosses, and the names of its facts, each behind a space.
pub type Thing = (&'static str, &'static str);

/// A struct of facts.
pub trait Facts: Sized {
    /// The names of its fields, each behind a space.
    const FIELDS: &'static str;

    fn take(words: &mut Words) -> Self;
}

/// Defines a struct whose fields are facts, and how it is read.
macro_rules! facts {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[$field_meta:meta])* $field:ident: $type:ty,)*
    }) => {
        $(#[$meta])*
        $vis struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl $crate::facts::Facts for $name {
            const FIELDS: &'static str = concat!($(" ", stringify!($field)),*);

            #[inline(never)] // the same for both number types
            fn take(words: &mut $crate::facts::Words) -> Self {
                let [$($field),*] = *words.take();
                Self { $($field: $crate::facts::Fact::from_word($field),)* }
            }
        }
    };
}

pub(crate) use facts;

#[cfg(test)]
mod tests {
    use super::*;

    facts! {
        struct Example {
            first: usize,
            second: f64,
        }
    }

    #[test]
    fn facts_come_in_the_order_of_their_names() {
        let words = [7.0, 0.5, 9.0];
        let mut words = Words(&words);
        let Example { first, second } = Facts::take(&mut words);
        assert_eq!(
            (Example::FIELDS, first, second, words.0),
            (" first second", 7, 0.5, &[9.0][..])
        );
    }

    #[test]
    #[should_panic(expected = "facts: expected more")]
    fn a_missing_fact_is_refused() {
        Example::take(&mut Words(&[1.0]));
    }
}
