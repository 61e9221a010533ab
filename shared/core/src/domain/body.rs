//! The text of a message, and what it costs to send.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Media;

/// The longest body, in UTF-16 units: no provider that we know takes more.
const MAX_UNITS: usize = 1600;

/// The characters of the GSM-7 basic alphabet (3GPP TS 23.038) that are not ASCII letters or digits.
const GSM7_BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";

/// The characters of its extension table; each is sent as an escape and a second septet.
const GSM7_EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// The text of a message: not blank, at most 1,600 UTF-16 units; or the empty one of a message that is
/// media alone, which no text is read as.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Body(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBody {
    #[error("must not be blank")]
    Blank,
    #[error("must be at most 1600 characters (an emoji counts as two or more)")]
    TooLong,
    #[error("must not have the character U+0000")]
    Nul,
}

/// What a text takes to send, whether or not it may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    pub encoding: Encoding,
    /// Septets in GSM-7, UTF-16 units in UCS-2.
    pub units: usize,
    pub segments: u32,
    /// The characters that force UCS-2, each once, in the order in which they first appear; at most
    /// [`FOREIGN_LISTED`] of them.
    pub foreign: Vec<Foreign>,
}

/// A character outside of GSM-7.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    pub character: char,
    /// Where it is first, in UTF-16 units from 0.
    pub index: usize,
    /// How often the text has it.
    pub count: usize,
}

/// How many different characters are listed as forcing UCS-2.
pub const FOREIGN_LISTED: usize = 100;

/// How the characters of a body travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    #[serde(rename = "GSM-7")]
    Gsm7,
    #[serde(rename = "UCS-2")]
    Ucs2,
}

impl Encoding {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        }
    }

    fn of(text: &str) -> Self {
        if text.chars().all(is_gsm7) {
            Self::Gsm7
        } else {
            Self::Ucs2
        }
    }

    fn units(self, text: &str) -> usize {
        text.chars().map(|character| self.width(character)).sum()
    }

    fn segments(self, text: &str) -> u32 {
        let (single, part) = self.capacity();
        if self.units(text) <= single {
            return 1;
        }
        let mut segments = 1;
        let mut used = 0;
        for character in text.chars() {
            let width = self.width(character);
            if used + width > part {
                segments += 1;
                used = 0;
            }
            used += width;
        }
        segments
    }

    /// Units in a message of one segment, and in each segment of a longer one, whose header takes
    /// the difference.
    const fn capacity(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }

    /// Septets or UTF-16 units that a character takes.
    fn width(self, character: char) -> usize {
        match self {
            Self::Gsm7 => 1 + usize::from(GSM7_EXTENSION.contains(character)),
            Self::Ucs2 => character.len_utf16(),
        }
    }
}

/// Says what is wrong with words that are to be sent, a whole text or a part of one, however long they are. What comes
/// from elsewhere may have a U+0000, but providers take none.
pub fn check_words(text: &str) -> Result<(), InvalidBody> {
    if text.trim().is_empty() {
        Err(InvalidBody::Blank)
    } else if text.contains('\0') {
        Err(InvalidBody::Nul)
    } else {
        Ok(())
    }
}

impl Body {
    /// Reads a text that is to be sent.
    pub fn sendable(text: String) -> Result<Self, InvalidBody> {
        check_words(&text)?;
        Self::parse(text)
    }

    pub fn parse(text: String) -> Result<Self, InvalidBody> {
        if text.trim().is_empty() {
            Err(InvalidBody::Blank)
        } else if text.encode_utf16().count() > MAX_UNITS {
            Err(InvalidBody::TooLong)
        } else {
            Ok(Self(text))
        }
    }

    /// The text of a message that is media alone.
    pub const fn empty() -> Self {
        Self(String::new())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text of a message with these media: where there are some, none is the empty one. Stores keep
    /// no empty text, so this is also how they read one.
    pub fn beside(media: &Media, body: Option<Self>) -> Option<Self> {
        body.or_else(|| (!media.is_empty()).then(Self::empty))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// GSM-7 when every character is in it; a single other one makes the whole body UCS-2.
    pub fn encoding(&self) -> Encoding {
        Encoding::of(&self.0)
    }

    /// How many segments the body is sent (and billed) as; one if it is empty. No character is split between two.
    pub fn segments(&self) -> u32 {
        self.encoding().segments(&self.0)
    }
}

impl Cost {
    pub fn of(text: &str) -> Self {
        let encoding = Encoding::of(text);
        Self {
            encoding,
            units: encoding.units(text),
            segments: encoding.segments(text),
            foreign: foreign(text),
        }
    }
}

fn foreign(text: &str) -> Vec<Foreign> {
    let mut found: Vec<Foreign> = Vec::new();
    let mut index = 0;
    for character in text.chars() {
        if !is_gsm7(character) {
            let known = found.iter().position(|known| known.character == character);
            match known {
                Some(place) => found[place].count += 1,
                None if found.len() < FOREIGN_LISTED => found.push(Foreign {
                    character,
                    index,
                    count: 1,
                }),
                None => {}
            }
        }
        index += character.len_utf16();
    }
    found
}

pub(super) fn is_gsm7(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || GSM7_BASIC.contains(character)
        || GSM7_EXTENSION.contains(character)
}

/// Bodies stay out of logs.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

impl TryFrom<String> for Body {
    type Error = InvalidBody;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(text)
    }
}

impl From<Body> for String {
    fn from(body: Body) -> Self {
        body.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_and_segments_are_those_of_the_providers_calculator() {
        let file: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/data/segment_vectors.json")).unwrap();
        let vectors = file["vectors"].as_array().unwrap();
        assert!(!vectors.is_empty());
        for vector in vectors {
            let body = Body(vector["body"].as_str().unwrap().to_owned());
            // Smart encoding replaces look-alikes at the provider; we never ask for it.
            let smart = vector["smart_encoded"] == true;
            let expected = if smart {
                "UCS-2"
            } else {
                vector["encoding"].as_str().unwrap()
            };
            assert_eq!(body.encoding().as_str(), expected, "{}", vector["note"]);
            assert_eq!(
                u64::from(body.segments()),
                vector["segments"],
                "{}",
                vector["note"]
            );
        }
    }

    #[test]
    fn nul_is_not_sent_and_other_control_characters_are() {
        for text in ["\0", "a\0b", "a\0"] {
            assert_eq!(Body::sendable(text.to_owned()), Err(InvalidBody::Nul));
            assert!(Body::parse(text.to_owned()).is_ok(), "it may be stored");
        }
        assert!(Body::sendable("a\r\n\tb\u{7}\u{c}".to_owned()).is_ok());
        assert_eq!(Body::sendable(" ".to_owned()), Err(InvalidBody::Blank));
        assert_eq!(Body::sendable("a".repeat(1601)), Err(InvalidBody::TooLong));
    }

    #[test]
    fn an_escape_pair_is_never_split() {
        let segments = |text: String| Body::parse(text).unwrap().segments();
        let a = |count| "a".repeat(count);
        assert_eq!(segments(format!("{}€{}", a(152), a(151))), 2);
        assert_eq!(segments(format!("{}€{}", a(152), a(152))), 3);
        let zhe = "ж".repeat(66);
        assert_eq!(segments(format!("{zhe}😀{zhe}")), 3);
    }

    #[test]
    fn the_characters_that_force_ucs_2_are_told_with_their_places() {
        let cost = Cost::of("5 € {ok} 😀, ж 😀");
        assert_eq!((cost.encoding, cost.segments), (Encoding::Ucs2, 1));
        assert_eq!(cost.units, 17);
        let smile = Foreign {
            character: '😀',
            index: 9,
            count: 2,
        };
        let zhe = Foreign {
            character: 'ж',
            index: 13,
            count: 1,
        };
        assert_eq!(cost.foreign, [smile, zhe]);

        let plain = Cost::of("5 € {ok}");
        assert_eq!((plain.encoding, plain.units), (Encoding::Gsm7, 11));
        assert_eq!(plain.foreign, []);
        let many: String = ('一'..).take(200).collect();
        assert_eq!(Cost::of(&many).foreign.len(), FOREIGN_LISTED);
    }

    #[test]
    fn blank_and_overlong_bodies_are_refused() {
        assert_eq!(Body::parse(" \n\t".to_owned()), Err(InvalidBody::Blank));
        assert!(Body::parse("a".repeat(1600)).is_ok());
        assert_eq!(Body::parse("a".repeat(1601)), Err(InvalidBody::TooLong));
        assert!(Body::parse("😀".repeat(800)).is_ok());
        assert_eq!(Body::parse("😀".repeat(801)), Err(InvalidBody::TooLong));
    }
}
