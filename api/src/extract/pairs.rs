use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::Field;

/// The entries of an object in their order, a key that comes twice twice. Only as many are kept as there may be.
pub(crate) struct Pairs<const MOST: usize> {
    pub(crate) kept: Vec<(String, Field)>,
    pub(crate) count: usize,
}

impl<'de, const MOST: usize> Deserialize<'de> for Pairs<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor::<MOST>)
    }
}

struct PairsVisitor<const MOST: usize>;

impl<'de, const MOST: usize> Visitor<'de> for PairsVisitor<MOST> {
    type Value = Pairs<MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut kept = Vec::new();
        while kept.len() < MOST
            && let Some(entry) = entries.next_entry()?
        {
            kept.push(entry);
        }
        let mut count = kept.len();
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(Pairs { kept, count })
    }
}
