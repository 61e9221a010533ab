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
}

impl From<Body> for Content {
    fn from(body: Body) -> Self {
        let media = Media::default();
        Self { body, media }
    }
}
