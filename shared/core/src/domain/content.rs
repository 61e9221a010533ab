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

    /// The same of a message that brings files; `None` of any other.
    pub fn with_files(message: &Message) -> Option<Self> {
        let has_files = !message.media.is_empty();
        has_files.then(|| Self::of(message)).flatten()
    }

    /// Whether a list that shows texts and numbers of files would not tell it from another one with other
    /// files.
    pub fn is_mistakable_for(&self, other: &Self) -> bool {
        let [ours, theirs] = [self, other].map(|content| content.body.as_str().trim());
        let as_many = self.media.len() == other.media.len();
        as_many && self.media != other.media && ours == theirs
    }
}

impl From<Body> for Content {
    fn from(body: Body) -> Self {
        let media = Media::default();
        Self { body, media }
    }
}
