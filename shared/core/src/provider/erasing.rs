//! What comes of erasing a text at the provider.

use crate::domain::PhoneNumber;

/// To whom a text went, as far as the provider tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addressee {
    Number(PhoneNumber),
    /// It shows no number of ours, so no search by number finds the text.
    Hidden,
    /// It does not know the text.
    Gone,
}

/// What became of an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    /// Nothing is left, or there was nothing.
    Done,
    /// It still works on the text; later it may be erased.
    TooEarly,
}
