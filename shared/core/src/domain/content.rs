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

    /// What it says as lists are compared with it: nothing if it is files alone.
    pub fn words(&self) -> &str {
        self.body.as_str().trim()
    }

    /// Whether a list that shows texts and numbers of files might be believed about it, and would not tell it
    /// from another one with other files. Files alone are never found in a list, so they are mistaken for
    /// nothing.
    pub fn is_mistakable_for(&self, other: &Self) -> bool {
        let as_many = self.media.len() == other.media.len();
        let same_words = !self.words().is_empty() && self.words() == other.words();
        as_many && same_words && self.media != other.media
    }
}

impl From<Body> for Content {
    fn from(body: Body) -> Self {
        let media = Media::default();
        Self { body, media }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MediaUrl, Medium};

    fn content(words: &str, files: &[&str]) -> Content {
        let body = match words {
            "" => Body::empty(),
            words => Body::parse(words.to_owned()).unwrap(),
        };
        let files = files.iter().map(|file| {
            let url = MediaUrl::fetchable(&format!("https://example.com/{file}"));
            Medium::at(url.unwrap())
        });
        let media = Media::first_of(files);
        Content { body, media }
    }

    #[test]
    fn only_other_files_with_the_same_words_are_mistaken_for_each_other() {
        let ours = content("Look", &["1"]);
        for (other, mistakable) in [
            (content("Look", &["2"]), true),
            (content(" Look ", &["2"]), true),
            (content("Look", &["1"]), false),
            (content("Look", &["2", "3"]), false),
            (content("Look!", &["2"]), false),
            (content("", &["2"]), false),
        ] {
            assert_eq!(ours.is_mistakable_for(&other), mistakable, "{other:?}");
            assert_eq!(other.is_mistakable_for(&ours), mistakable, "{other:?}");
        }
        let [alone, others] = ["1", "2"].map(|file| content("", &[file]));
        assert!(!alone.is_mistakable_for(&others));
    }
}
