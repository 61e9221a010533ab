//! What a program notes on a text, to find it again.

use std::borrow::Cow;

use mysms_core::domain::{InvalidTag, MOST_TAGS, Reference, Tag, Tags};
use serde_json::value::RawValue;

use crate::extract::{Checks, Field, Pairs};

/// The labels as they came.
#[derive(Default)]
pub(super) struct GivenLabels {
    pub reference: Field,
    /// Nothing if they are not there, or null.
    pub tags: Option<Box<RawValue>>,
}

/// A reference and tags, as far as there are any.
#[derive(Debug, Clone, Default)]
pub(super) struct Labels {
    pub reference: Option<Reference>,
    pub tags: Tags,
}

impl GivenLabels {
    pub(super) fn read(self, checks: &mut Checks) -> Labels {
        let reference = checks.optional("reference", self.reference, Reference::parse);
        let tags = self.tags.and_then(|given| read_tags(checks, &given));
        Labels {
            reference,
            tags: tags.unwrap_or_default(),
        }
    }
}

impl Labels {
    /// With what all texts of a batch have, where these say nothing else.
    pub(super) fn within(self, batch: &Self, checks: &mut Checks) -> Self {
        let tags = self.tags.or(&batch.tags).unwrap_or_else(|_| {
            checks.refuse::<()>("tags", "must be at most 10 with those of the batch");
            Tags::default()
        });
        Self {
            reference: self.reference.or_else(|| batch.reference.clone()),
            tags,
        }
    }
}

/// The tags that a request gives; what is wrong with each of them is noted.
pub(crate) fn read_tags(checks: &mut Checks, given: &RawValue) -> Option<Tags> {
    let Ok(Pairs::<MOST_TAGS> { kept, count }) = serde_json::from_str(given.get()) else {
        return checks.refuse("tags", "must be an object of strings");
    };
    if count > MOST_TAGS {
        return checks.refuse("tags", "must be at most 10");
    }
    let mut tags = Vec::new();
    for (key, value) in kept {
        let named = name(&key);
        tags.extend(checks.read(named, value, |value| Tag::new(&key, &value)));
    }
    Tags::of(tags).map_or_else(|error| checks.refuse("tags", &error.to_string()), Some)
}

/// The field that a tag is. What cannot be a key is not repeated.
fn name(key: &str) -> Cow<'static, str> {
    match Tag::new(key, "any") {
        Err(InvalidTag::Key) => "tags".into(),
        _ => format!("tags.{key}").into(),
    }
}
