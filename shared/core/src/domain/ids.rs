//! Identifiers, each a type of its own so that one cannot be passed for another.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Timestamp;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    };
}

uuid_id! {
    /// A message. Ids are `UUIDv7`, so their order is the order in which messages were accepted.
    MessageId
}

uuid_id! {
    /// Where a message stands in its conversation; also a `UUIDv7`, of when it was exchanged. Their order is
    /// that of the conversation. What went out at once, and what was received, stands at its id.
    Position
}

uuid_id! {
    /// A user; also a `UUIDv7`.
    UserId
}

uuid_id! {
    /// Proof that its holder may act on a message. It is random and made afresh for every claim, so
    /// that no stale task of the same worker can pass for the current one.
    LeaseToken
}

uuid_id! {
    /// A login token; random, so that no token tells of another.
    TokenId
}

uuid_id! {
    /// A login, whose tokens are renewed one by another; random.
    SessionId
}

uuid_id! {
    /// Something that an operator did; a `UUIDv7`, so the order of ids is that of time.
    ActId
}

uuid_id! {
    /// What a user has us call about their messages; a `UUIDv7`.
    EndpointId
}

uuid_id! {
    /// A file that a user brought; a `UUIDv7`.
    UploadId
}

uuid_id! {
    /// A text that a user sends again and again; a `UUIDv7`, so the order of ids is that in which they were made.
    TemplateId
}

impl MessageId {
    pub fn generate(now: Timestamp) -> Self {
        Self(uuid_v7(now))
    }

    /// The smallest id that can be made at `at`: what parts the ids made at or after it from the
    /// earlier ones.
    pub fn boundary(at: Timestamp) -> Self {
        let millis = u64::try_from(at.as_millis()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
    }

    /// When it was made, as it says itself: to the millisecond what `generate` was told.
    pub fn made_at(self) -> Timestamp {
        let bytes = self.0.as_bytes();
        let millis = bytes[..6]
            .iter()
            .fold(0, |millis, byte| millis << 8 | i64::from(*byte));
        Timestamp::from_millis(millis)
    }
}

impl Position {
    /// That of a message at another time than that of its id. No other message's is the same.
    pub fn at(at: Timestamp, id: MessageId) -> Self {
        let millis = u64::try_from(at.as_millis()).unwrap_or(0);
        let [_, _, _, _, _, _, rest @ ..] = id.0.into_bytes();
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid())
    }
}

impl From<MessageId> for Position {
    fn from(id: MessageId) -> Self {
        Self(id.0)
    }
}

impl UserId {
    /// Whom messages belong to that were received for nobody.
    pub const NOBODY: Self = Self(Uuid::nil());

    pub fn generate(now: Timestamp) -> Self {
        Self(uuid_v7(now))
    }
}

impl ActId {
    pub fn generate(now: Timestamp) -> Self {
        Self(uuid_v7(now))
    }
}

impl EndpointId {
    pub fn generate(now: Timestamp) -> Self {
        Self(uuid_v7(now))
    }
}

impl UploadId {
    pub fn generate(now: Timestamp) -> Self {
        Self(uuid_v7(now))
    }
}

impl TemplateId {
    pub fn generate(now: Timestamp) -> Self {
        Self(uuid_v7(now))
    }
}

impl LeaseToken {
    pub fn generate() -> Self {
        Self(Uuid::new_v4())
    }
}

impl TokenId {
    pub fn generate() -> Self {
        Self(Uuid::new_v4())
    }
}

impl SessionId {
    pub fn generate() -> Self {
        Self(Uuid::new_v4())
    }

    /// That of a token from before there were any: it is one of its own.
    pub const fn of_lone(token: TokenId) -> Self {
        Self(token.0)
    }
}

/// A `UUIDv7` whose time is exactly `now`, whatever other threads saw on their clocks: histories are
/// cut by it. Ids of one millisecond keep their order, because a counter goes on across all of them.
fn uuid_v7(now: Timestamp) -> Uuid {
    /// Of its 42 bits the first is kept free when it begins, so that it does not wrap.
    static COUNTER: LazyLock<AtomicU64> =
        LazyLock::new(|| AtomicU64::new(rand::random::<u64>() >> 23));
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    // The builder overwrites the 4 bits before the counter's first 12, and the 2 before its other 30.
    let counter = u128::from(count >> 30 & 0xfff) << 64 | u128::from(count & 0x3fff_ffff) << 32;
    let rest = counter | u128::from(rand::random::<u32>());
    let [_, _, _, _, _, _, rest @ ..] = rest.to_be_bytes();
    uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
}

/// The provider's name for a message, which says nothing to us: 1 to 64 visible ASCII characters. Fields
/// and stored documents call it the SID, as the first provider does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProviderId(String);

/// The text cannot be the provider's name for a message.
#[derive(Debug, thiserror::Error)]
#[error("is not the id of a message at the provider (1 to 64 visible ASCII characters)")]
pub struct InvalidProviderId;

impl ProviderId {
    const LONGEST: usize = 64;

    pub fn parse(text: &str) -> Result<Self, InvalidProviderId> {
        let is_visible = |byte: u8| byte.is_ascii_graphic();
        if (1..=Self::LONGEST).contains(&text.len()) && text.bytes().all(is_visible) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidProviderId)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ProviderId {
    type Error = InvalidProviderId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<ProviderId> for String {
    fn from(id: ProviderId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_ids_of_one_millisecond_keep_their_order() {
        let now = Timestamp::from_millis(1_767_225_600_000);
        let ids: Vec<_> = (0..1000).map(|_| MessageId::generate(now)).collect();
        assert!(ids.is_sorted());
        assert!(
            ids.last().unwrap() < &MessageId::generate(now + std::time::Duration::from_millis(1))
        );
    }

    #[test]
    fn an_id_has_the_time_it_was_made_at_though_a_clock_goes_back() {
        for millis in [1_767_225_600_001, 1_767_225_600_000, 1_767_225_600_007, 0] {
            let at = Timestamp::from_millis(millis);
            let id = MessageId::generate(at);
            assert_eq!(id.made_at(), at);
            assert!(id >= MessageId::boundary(at));
            assert_eq!(id.as_uuid().get_version_num(), 7);
            assert_eq!(id.as_uuid().get_variant(), uuid::Variant::RFC4122);
        }
    }

    #[test]
    fn a_boundary_parts_the_earlier_ids_from_the_later() {
        let made_at = |millis: u64| {
            let builder = uuid::Builder::from_unix_timestamp_millis(millis, &[1; 10]);
            MessageId::from_uuid(builder.into_uuid())
        };
        let boundary = MessageId::boundary(Timestamp::from_millis(1_767_225_600_000));
        assert!(made_at(1_767_225_599_999) < boundary);
        assert!(boundary < made_at(1_767_225_600_000));
        assert!(MessageId::boundary(Timestamp::EPOCH) < made_at(0));
        assert_eq!(
            boundary.made_at(),
            Timestamp::from_millis(1_767_225_600_000)
        );
    }

    #[test]
    fn a_providers_id_is_any_short_visible_text() {
        let longest = "~".repeat(64);
        for good in [
            "x",
            "SM0123456789abcdef0123456789abcdef",
            "msg_1:a/b",
            &longest,
        ] {
            assert_eq!(ProviderId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "a b", "a\n", "ä", "\u{7f}", &format!("{longest}~")] {
            assert!(ProviderId::parse(bad).is_err(), "{bad:?}");
        }
    }
}
