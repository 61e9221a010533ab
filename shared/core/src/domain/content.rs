//! What a message says and brings.

use super::{Body, Media, Message};

/// The text of a message and its files. Providers list the first as it is, and of the second only how
/// many there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Empty only if there are media.
    pub body: Body,
    pub media: Media,
}

impl Content {
    /// That of a message; `None` of a tombstone that has lost it.
    pub fn of(message: &Message) -> Option<Self> {
        let body = message.body.clone()?;
        let media = message.media.clone();
        Some(Self { body, media })
    }

    /// Whether a list that shows texts and numbers of files would not tell it from another one with other
    /// files.
    pub fn is_mistakable_for(&self, other: &Self) -> bool {
        let says = |content: &Self| content.body.as_str().trim().to_owned();
        let as_many = self.media.len() == other.media.len();
        as_many && self.media != other.media && says(self) == says(other)
    }
}

impl From<Body> for Content {
    fn from(body: Body) -> Self {
        let media = Media::default();
        Self { body, media }
    }
}
