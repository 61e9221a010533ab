//! Who writes to us, whatever they write from.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::phone::redacted;
use super::sender::{is_name, is_short_code};
use super::{InvalidPhoneNumber, PhoneNumber};

/// Whom messages are exchanged with, as the provider names them: a phone number in its one form, and
/// anything else as it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Address(String);

/// What an address is by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressKind {
    /// The only kind that texts can be sent to.
    PhoneNumber,
    ShortCode,
    /// Of at most 11 letters and digits.
    Name,
    /// Of another channel than SMS, such as `whatsapp:+14155550123`.
    Channel,
    /// What the provider could not read itself: a number in the form of its country, say.
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 1 to {LONGEST_ADDRESS} characters that can be seen, with a letter or a digit among them"
)]
pub struct InvalidAddress;

/// Why no text can be sent to what was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRecipient {
    #[error(transparent)]
    Number(InvalidPhoneNumber),
    #[error("must be a phone number in international form, such as +14155550123: {0}")]
    Unanswerable(&'static str),
}

/// The longest address, in characters; those of the channels that we know have half as many.
pub const LONGEST_ADDRESS: usize = 100;

/// Who wrote what names nobody.
const UNKNOWN: &str = "unknown";

/// The channel of carriers, in which a subscriber has the consent and the conversations of their number.
const RCS: &str = "rcs";

impl Address {
    /// Reads an address that somebody looks for; of a phone number any usual notation is taken.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        if let Ok(number) = PhoneNumber::parse(text) {
            return Ok(number.into());
        }
        let text = text.trim();
        let fits = text.chars().count() <= LONGEST_ADDRESS && !text.contains(is_unseen);
        (fits && text.contains(char::is_alphanumeric))
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidAddress)
    }

    /// The author that a provider names. Whatever that is, their text is not lost: too much of it is left
    /// out, what cannot be seen is replaced, and what names nobody is `unknown`.
    pub fn of_author(named: &str) -> Self {
        Self::parse(named).unwrap_or_else(|_| {
            let seen = |character| {
                if is_unseen(character) {
                    char::REPLACEMENT_CHARACTER
                } else {
                    character
                }
            };
            let seen = named.trim().chars().take(LONGEST_ADDRESS).map(seen);
            Self::parse(&seen.collect::<String>()).unwrap_or_else(|_| Self(UNKNOWN.to_owned()))
        })
    }

    /// Reads somebody who is known by name: of what looks like nothing it says why it is no phone number,
    /// which it was meant to be. Who speaks for their number in another channel is that number.
    pub fn named(text: &str) -> Result<Self, InvalidPhoneNumber> {
        let named = Self::parse(text).ok();
        let named = named.filter(|address| address.kind() != AddressKind::Other);
        let Some(address) = named else {
            return PhoneNumber::parse(text).map(Self::from);
        };
        let number = address.number().filter(|_| address.speaks_for_its_number());
        Ok(number.map_or(address, Self::from))
    }

    /// Reads whom a text is to be sent to.
    pub fn recipient(text: &str) -> Result<PhoneNumber, InvalidRecipient> {
        PhoneNumber::parse(text).map_err(|error| {
            let kind = Self::parse(text).ok().map(|address| address.kind());
            match kind {
                Some(AddressKind::ShortCode) => {
                    InvalidRecipient::Unanswerable("a short code takes no texts from us")
                }
                Some(AddressKind::Name) => InvalidRecipient::Unanswerable("a name takes no texts"),
                Some(AddressKind::Channel) => {
                    InvalidRecipient::Unanswerable("nothing is sent to other channels than SMS")
                }
                _ => InvalidRecipient::Number(error),
            }
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is known of whose it is.
    pub fn names_nobody(&self) -> bool {
        self.0 == UNKNOWN
    }

    /// The address as logs may show it: its last two characters.
    pub fn redacted(&self) -> String {
        redacted(&self.0)
    }

    pub fn kind(&self) -> AddressKind {
        let text = self.as_str();
        if text.starts_with('+') && PhoneNumber::parse(text).is_ok() {
            AddressKind::PhoneNumber
        } else if self.channel().is_some() {
            AddressKind::Channel
        } else if is_short_code(text) {
            AddressKind::ShortCode
        } else if is_name(text) {
            AddressKind::Name
        } else {
            AddressKind::Other
        }
    }

    /// Whether a text can be sent to it.
    pub fn is_answerable(&self) -> bool {
        self.kind() == AddressKind::PhoneNumber
    }

    /// The phone number of whoever has this address: itself, or the one that it is made of in another
    /// channel.
    pub fn number(&self) -> Option<PhoneNumber> {
        let number = self.channel().map_or(self.as_str(), |(_, number)| number);
        let is_international = number.starts_with('+');
        PhoneNumber::parse(number).ok().filter(|_| is_international)
    }

    /// Whether what is said from it counts for its phone number as if it had been said from that.
    pub(super) fn speaks_for_its_number(&self) -> bool {
        self.channel().is_none_or(|(channel, _)| channel == RCS)
    }

    /// The channel, and who it is there.
    fn channel(&self) -> Option<(&str, &str)> {
        let (channel, id) = self.0.split_once(':')?;
        let is_word = !channel.is_empty() && channel.bytes().all(|byte| byte.is_ascii_lowercase());
        (is_word && !id.is_empty()).then_some((channel, id))
    }
}

/// Whether a character does something to the text around it, or nothing, instead of being seen.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

impl From<PhoneNumber> for Address {
    fn from(number: PhoneNumber) -> Self {
        Self(number.into())
    }
}

/// An address as it was stored.
impl From<String> for Address {
    fn from(stored: String) -> Self {
        Self(stored)
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_is_shows_by_its_form() {
        use AddressKind::{Channel, Name, Other, PhoneNumber, ShortCode};
        for (named, kind, number) in [
            ("+14155550123", PhoneNumber, Some("+14155550123")),
            ("+52 1 55 1234 5678", PhoneNumber, Some("+525512345678")),
            ("+54 9 11 1234 5678", PhoneNumber, Some("+541112345678")),
            ("72345", ShortCode, None),
            ("5550123", ShortCode, None),
            ("PARCELBOX", Name, None),
            ("Bank 24-7", Name, None),
            ("anonymous", Name, None),
            ("whatsapp:+14155550123", Channel, Some("+14155550123")),
            ("whatsapp:+5215512345678", Channel, Some("+525512345678")),
            ("rcs:+14155550123", Channel, Some("+14155550123")),
            ("rcs:parcel_box_agent", Channel, None),
            ("messenger:1234567890123456", Channel, None),
            ("14155550123", Other, None),
            ("030 1234567", Other, None),
            ("+123456", Other, None),
            ("whatsapp:", Other, None),
            ("Parcels of the town", Other, None),
        ] {
            let address = Address::of_author(named);
            let found = address.number();
            let found = found.as_ref().map(super::PhoneNumber::as_str);
            assert_eq!((address.kind(), found), (kind, number), "{named}");
            assert_eq!(address.is_answerable(), kind == PhoneNumber, "{named}");
        }
    }

    #[test]
    fn what_is_no_number_stays_as_it_is() {
        for named in [
            "PARCELBOX",
            "parcelbox",
            "whatsapp:+5215512345678",
            "14155550123",
            "Grüße",
        ] {
            assert_eq!(Address::of_author(named).as_str(), named);
            assert_eq!(Address::parse(named).unwrap().as_str(), named);
        }
    }

    #[test]
    fn no_author_is_too_strange_to_be_kept() {
        let long = "9".repeat(200);
        for (named, kept) in [
            ("", "unknown"),
            (" \t", "unknown"),
            ("***", "unknown"),
            ("..", "unknown"),
            ("\u{202e}\u{0}", "unknown"),
            (" SHOP ", "SHOP"),
            ("SH\nOP", "SH\u{fffd}OP"),
            ("SH\u{202e}OP", "SH\u{fffd}OP"),
            (&long, &long[..LONGEST_ADDRESS]),
        ] {
            let address = Address::of_author(named);
            assert_eq!(address.as_str(), kept, "{named:?}");
            assert_eq!(Address::parse(kept), Ok(address), "it can be looked for");
        }
        for nobody in ["", "..", "a\u{0}b", &long] {
            assert_eq!(Address::parse(nobody), Err(InvalidAddress), "{nobody:?}");
        }
    }

    #[test]
    fn whoever_cannot_be_sent_to_is_refused_with_the_reason() {
        for (given, reason) in [
            ("72345", "short code"),
            ("PARCELBOX", "a name"),
            ("whatsapp:+14155550123", "other channels"),
            ("rcs:parcel_box_agent", "other channels"),
            ("14155550123", "begin with +"),
            ("", "is empty"),
        ] {
            let error = Address::recipient(given).unwrap_err().to_string();
            assert!(error.contains(reason), "{given}: {error}");
            assert!(error.starts_with("must be a phone number"), "{error}");
        }
        let number = Address::recipient("+1 (415) 555-0123").unwrap();
        assert_eq!(number.as_str(), "+14155550123");
    }

    #[test]
    fn debug_output_hides_the_address() {
        let address = Address::of_author("whatsapp:+14155550123");
        assert_eq!(format!("{address:?}"), "Address(…23)");
    }
}
