//! What a browser is told of a text.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use mysms_core::domain::{Address, Body, Message, MessageId, UserId};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// So much of a text is shown, in characters: less than any system does.
const SHOWN: usize = 300;

/// What came in.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    pub(super) message: MessageId,
    pub(super) author: Address,
    text: String,
}

/// As the service worker of our pages reads it.
#[derive(Serialize)]
struct View<'a> {
    counterpart: &'a str,
    /// What the user calls them.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

impl Notice {
    /// `None` if nobody is known to have written it.
    pub(super) fn of(message: &Message) -> Option<Self> {
        let body = message.body.as_ref().map(Body::as_str);
        Some(Self {
            message: message.id,
            author: message.counterpart.clone()?,
            text: body.unwrap_or_default().chars().take(SHOWN).collect(),
        })
    }

    /// JSON, which always fits a record.
    pub(super) fn written(&self, name: Option<&str>, with_text: bool) -> Vec<u8> {
        let view = View {
            counterpart: self.author.as_str(),
            name,
            text: (with_text && !self.text.is_empty()).then_some(&self.text),
        };
        // Strings alone can always be written.
        serde_json::to_vec(&view).unwrap_or_default()
    }

    /// What stands for the conversation at the push service, which drops a notice that it still has when
    /// there is a later one. It tells nobody else who wrote.
    pub(super) fn topic(&self, owner: UserId) -> String {
        let mut hash = Sha256::new();
        hash.update(owner.as_uuid());
        hash.update(self.author.as_str());
        BASE64_URL_SAFE_NO_PAD.encode(&hash.finalize()[..24])
    }
}

#[cfg(test)]
mod tests {
    use mysms_core::domain::Timestamp;

    use super::*;
    use crate::push::sealing::LONGEST;

    fn notice(text: String) -> Notice {
        Notice {
            message: MessageId::generate(Timestamp::EPOCH),
            author: Address::parse("+14155550123").unwrap(),
            text,
        }
    }

    #[test]
    fn what_was_written_is_told_only_to_whom_wants_it() {
        let notice = notice("See you \u{1f600}".to_owned());
        let written = |name, with_text| String::from_utf8(notice.written(name, with_text)).unwrap();
        assert_eq!(written(None, false), r#"{"counterpart":"+14155550123"}"#);
        assert_eq!(
            written(Some("Ada"), true),
            "{\"counterpart\":\"+14155550123\",\"name\":\"Ada\",\"text\":\"See you \u{1f600}\"}"
        );
    }

    #[test]
    fn the_longest_fits_a_record() {
        let text = "\u{1}".repeat(SHOWN);
        let name = "\u{1f600}".repeat(100);
        assert!(notice(text).written(Some(&name), true).len() < LONGEST);
    }

    #[test]
    fn a_topic_is_one_of_a_conversation_and_says_nothing() {
        let (one, other) = (notice(String::new()), notice("Hi".to_owned()));
        let owner = UserId::NOBODY;
        assert_eq!(one.topic(owner), other.topic(owner));
        let topic = one.topic(owner);
        assert!(topic.len() <= 32 && !topic.contains("4155"), "{topic}");
    }
}
