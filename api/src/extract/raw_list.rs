use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Checks;

/// The elements of an array, unread, so that a bad one fails alone. Only as many are kept as there may be.
pub(crate) struct RawList<'a, const MOST: usize> {
    kept: Vec<&'a RawValue>,
    count: usize,
}

impl<'a, const MOST: usize> RawList<'a, MOST> {
    /// The elements, if there are some and not too many.
    pub(crate) fn check(
        self,
        name: &'static str,
        checks: &mut Checks,
    ) -> Option<Vec<&'a RawValue>> {
        if (1..=MOST).contains(&self.count) {
            Some(self.kept)
        } else {
            checks.refuse(name, &format!("must have 1 to {MOST} elements"))
        }
    }
}

impl<'de: 'a, 'a, const MOST: usize> Deserialize<'de> for RawList<'a, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ListVisitor::<MOST>)
    }
}

struct ListVisitor<const MOST: usize>;

impl<'de, const MOST: usize> Visitor<'de> for ListVisitor<MOST> {
    type Value = RawList<'de, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut kept = Vec::new();
        while kept.len() < MOST
            && let Some(item) = items.next_element()?
        {
            kept.push(item);
        }
        let mut count = kept.len();
        while items.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(RawList { kept, count })
    }
}
