//! What kind of text it is, and its turn among those of its kind.

use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

/// What kind of text it is. A sender with a rate sends the first kind before the second, and that before
/// the third.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Somebody waits for it with the phone in their hand: a login code.
    Otp,
    /// It is about something that its recipient did.
    #[default]
    Transactional,
    /// One of many.
    Bulk,
}

#[derive(Debug, thiserror::Error)]
#[error("must be otp, transactional or bulk")]
pub struct UnknownClass;

impl Class {
    /// The first comes first.
    pub const ALL: [Self; 3] = [Self::Otp, Self::Transactional, Self::Bulk];

    pub fn parse(text: &str) -> Result<Self, UnknownClass> {
        let known = Self::ALL.into_iter().find(|class| class.as_str() == text);
        known.ok_or(UnknownClass)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Otp => "otp",
            Self::Transactional => "transactional",
            Self::Bulk => "bulk",
        }
    }

    /// The classes that come after this one.
    pub fn below(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |class| *class > self)
    }

    /// The classes that come before this one.
    pub fn above(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |class| *class < self)
    }
}

/// A value for each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PerClass<T>([T; 3]);

impl<T> PerClass<T> {
    pub fn each(value: impl FnMut(Class) -> T) -> Self {
        Self(Class::ALL.map(value))
    }

    /// The values, each with its class.
    pub fn into_each(self) -> impl Iterator<Item = (Class, T)> {
        Class::ALL.into_iter().zip(self.0)
    }

    pub fn iter(&self) -> impl Iterator<Item = (Class, &T)> {
        Class::ALL.into_iter().zip(&self.0)
    }
}

/// In the order of [`Class::ALL`].
impl<T> From<[T; 3]> for PerClass<T> {
    fn from(values: [T; 3]) -> Self {
        Self(values)
    }
}

impl<T> Index<Class> for PerClass<T> {
    type Output = T;

    fn index(&self, class: Class) -> &T {
        &self.0[class as usize]
    }
}

impl<T> IndexMut<Class> for PerClass<T> {
    fn index_mut(&mut self, class: Class) -> &mut T {
        &mut self.0[class as usize]
    }
}

/// A place in the order in which the texts of one class leave a sender: those with lower turns go first.
///
/// It is counted in millionths of a segment of a user with weight 1, as start-time fair queueing does
/// (Goyal, Vin, Cheng 1996): a user's texts lie one behind the other, and nobody's begin before what is
/// being sent now.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Turn(i64);

impl Turn {
    /// Of what is sent first of all.
    pub const FIRST: Self = Self(0);

    /// Of one segment at weight 1.
    const SEGMENT: i64 = 1_000_000;

    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The turn behind some segments of a user.
    #[must_use]
    pub fn after(self, segments: u64, weight: Weight) -> Self {
        Self(self.0.saturating_add(Self::length(segments, weight)))
    }

    /// How far some segments of a user reach, in the unit of [`Self::as_micros`].
    pub fn length(segments: u64, weight: Weight) -> i64 {
        let segments = i64::try_from(segments).unwrap_or(i64::MAX);
        segments.saturating_mul(Self::SEGMENT) / i64::from(weight.get())
    }

    /// How many segments of a user lie between an earlier turn and this one.
    pub fn segments_since(self, earlier: Self, weight: Weight) -> u64 {
        let length = self.0.saturating_sub(earlier.0).max(0);
        let segments = length.saturating_mul(i64::from(weight.get())) / Self::SEGMENT;
        u64::try_from(segments).unwrap_or(0)
    }
}

/// How large a user's share is beside those of others: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Weight(u8);

#[derive(Debug, thiserror::Error)]
#[error("must be a whole number from 1 to 100")]
pub struct InvalidWeight;

impl Weight {
    pub const ONE: Self = Self(1);

    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for Weight {
    fn default() -> Self {
        Self::ONE
    }
}

impl TryFrom<u8> for Weight {
    type Error = InvalidWeight;

    fn try_from(weight: u8) -> Result<Self, InvalidWeight> {
        (1..=100)
            .contains(&weight)
            .then_some(Self(weight))
            .ok_or(InvalidWeight)
    }
}

impl From<Weight> for u8 {
    fn from(weight: Weight) -> Self {
        weight.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_with_more_weight_gets_shorter_turns() {
        let double = Weight::try_from(2).unwrap();
        let end = Turn::FIRST.after(10, double);
        assert_eq!(end, Turn::FIRST.after(5, Weight::ONE));
        assert_eq!(end.segments_since(Turn::FIRST, double), 10);
        assert_eq!(Turn::FIRST.segments_since(end, double), 0);
        assert!(Weight::try_from(0).is_err() && Weight::try_from(101).is_err());
    }

    #[test]
    fn a_login_code_is_before_everything_else() {
        assert_eq!(Class::Otp.above().count(), 0);
        assert!(Class::Otp.below().eq([Class::Transactional, Class::Bulk]));
        assert!(Class::Bulk.above().eq([Class::Otp, Class::Transactional]));
        for class in Class::ALL {
            assert_eq!(Class::parse(class.as_str()).unwrap(), class);
        }
        assert!(Class::parse("urgent").is_err());
    }
}
