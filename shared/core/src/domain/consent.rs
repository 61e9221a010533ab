//! Whether people want our texts.

use std::fmt;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::{Address, MessageId, ProviderId, SANDBOX_SENDER, Timestamp, UserId};

/// What people can say about our texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Consent {
    /// They want no more.
    Withdrawn,
    /// They want them again.
    Given,
    /// They may have meant that they want no more. It changes nothing: people decide.
    Maybe,
}

/// What stands for all senders of the real world where a sender stands otherwise.
pub const ALL_SENDERS: &str = "*";

/// The same for the sandbox, where nothing of the real world counts.
const ALL_SANDBOX_SENDERS: &str = "* in the sandbox";

/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 500;

/// What a recipient said about the texts of some of our senders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub recipient: Address,
    /// Numbers and Messaging Services, or [`ALL_SENDERS`].
    pub senders: Vec<String>,
    pub consent: Consent,
    /// When it was said: what was said later counts, in whatever order it is heard of; of what was said at the
    /// same time, that they want no more.
    pub at: Timestamp,
}

impl Wish {
    /// What somebody says now of a sender, or of all, who decides it knowing what counts for the recipient. It
    /// is later than all that it is about, also if another clock was ahead.
    ///
    /// What is said of all senders is said of each, so it settles what is open with those of this world that
    /// the one who says it `looks_after`.
    pub fn decided(
        (recipient, scope, consent): (Address, &str, Consent),
        known: &[Standing],
        looks_after: impl Fn(&str) -> bool,
        now: Timestamp,
    ) -> Self {
        let is_settled = |it: &&Standing| {
            it.consent == Consent::Maybe
                && it.sender != scope
                && all_senders_beside(&it.sender) == scope
                && looks_after(&it.sender)
        };
        let settled = known.iter().filter(is_settled);
        let settled = settled.map(|it| it.sender.clone());
        let senders: Vec<_> = [scope.to_owned()].into_iter().chain(settled).collect();
        let said_before = known.iter().filter(|it| senders.contains(&it.sender));
        let next = said_before.map(|it| it.at + Duration::from_millis(1)).max();
        Self {
            recipient,
            senders,
            consent,
            at: next.map_or(now, |next| now.max(next)),
        }
    }
}

/// Whose wishes count for what leaves from a sender: its own, and those about all senders. Who wants no
/// texts by either of them gets none.
pub fn scopes_of(sender: &str) -> [&str; 2] {
    [sender, all_senders_beside(sender)]
}

/// What stands for all senders of the world that a sender is in.
pub fn all_senders_beside(sender: &str) -> &'static str {
    if sender == SANDBOX_SENDER || sender == ALL_SANDBOX_SENDERS {
        ALL_SANDBOX_SENDERS
    } else {
        ALL_SENDERS
    }
}

/// Whether it stands for all senders of a world.
pub fn is_all_senders(scope: &str) -> bool {
    matches!(scope, ALL_SENDERS | ALL_SANDBOX_SENDERS)
}

/// From where we know what somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentSource {
    /// The words of a text that they wrote.
    Text,
    /// The provider said how it understood a text that they wrote.
    Provider,
    /// The provider refused a text to them, because they want none.
    Refusal,
    /// An operator said so.
    Operator,
    /// A user said so.
    User,
    /// A list that an operator imported.
    Import,
    /// A version of the messenger that did not keep from where it knew.
    Earlier,
}

/// Why we believe what somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub source: ConsentSource,
    /// The provider's id of the text that they wrote, or the id of the one that was refused.
    pub reference: Option<String>,
    /// Who told us, if it was not the recipient: the id of a user, or an operator as their machine says.
    pub by: Option<String>,
    pub note: Option<Note>,
}

/// What the one who told us added.
#[derive(Clone, PartialEq, Eq)]
pub struct Note(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {LONGEST_NOTE} characters without control characters")]
pub struct InvalidNote;

/// One thing that somebody said about the texts of one sender or of all, as it is kept for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentEntry {
    /// Made of what it is about and from where it is known, so that a repeat has the same.
    pub id: String,
    pub recipient: Address,
    /// A number, a name, a Messaging Service, or all senders.
    pub sender: String,
    pub consent: Consent,
    pub evidence: Evidence,
    pub said_at: Timestamp,
    pub noted_at: Timestamp,
}

/// What counts for a recipient and a sender, or all senders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub recipient: Address,
    pub sender: String,
    pub consent: Consent,
    /// When that was said.
    pub at: Timestamp,
}

/// The place of an entry among all: by recipient, then as it was said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct JournalPlace {
    pub recipient: Address,
    pub said_at: Timestamp,
    pub id: String,
}

impl Consent {
    pub const ALL: [Self; 3] = [Self::Withdrawn, Self::Given, Self::Maybe];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Withdrawn => "withdrawn",
            Self::Given => "given",
            Self::Maybe => "maybe",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

impl ConsentSource {
    pub const ALL: [Self; 7] = [
        Self::Text,
        Self::Provider,
        Self::Refusal,
        Self::Operator,
        Self::User,
        Self::Import,
        Self::Earlier,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Provider => "provider",
            Self::Refusal => "refusal",
            Self::Operator => "operator",
            Self::User => "user",
            Self::Import => "import",
            Self::Earlier => "earlier",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

impl Standing {
    /// What counts, given the latest wish and when something unclear was said last.
    pub fn of(
        recipient: Address,
        sender: String,
        (opted_out, said_at): (bool, Timestamp),
        maybe_at: Option<Timestamp>,
    ) -> Self {
        let open = maybe_at.filter(|at| !opted_out && *at > said_at);
        let consent = match open {
            Some(_) => Consent::Maybe,
            None if opted_out => Consent::Withdrawn,
            None => Consent::Given,
        };
        Self {
            recipient,
            sender,
            consent,
            at: open.unwrap_or(said_at),
        }
    }
}

impl Evidence {
    fn new(source: ConsentSource) -> Self {
        Self {
            source,
            reference: None,
            by: None,
            note: None,
        }
    }

    /// A text that the recipient wrote. Whether the provider said how to understand it does not make it
    /// another one.
    pub fn text(sid: &ProviderId, understood_by_provider: bool) -> Self {
        let source = if understood_by_provider {
            ConsentSource::Provider
        } else {
            ConsentSource::Text
        };
        Self {
            reference: Some(sid.as_str().to_owned()),
            ..Self::new(source)
        }
    }

    /// The provider refused a message of ours; `None` is one that we do not know.
    pub fn refusal(message: Option<MessageId>) -> Self {
        Self {
            reference: message.map(|id| id.to_string()),
            ..Self::new(ConsentSource::Refusal)
        }
    }

    pub fn user(user: UserId, note: Option<Note>) -> Self {
        Self {
            by: Some(user.to_string()),
            note,
            ..Self::new(ConsentSource::User)
        }
    }

    /// An operator said so.
    pub fn operator(operator: String, note: Option<Note>) -> Self {
        Self {
            by: Some(operator),
            note,
            ..Self::new(ConsentSource::Operator)
        }
    }

    /// A list that an operator imported.
    pub fn import(operator: String, note: Option<Note>) -> Self {
        Self {
            by: Some(operator),
            note,
            ..Self::new(ConsentSource::Import)
        }
    }
}

impl Note {
    pub fn parse(text: &str) -> Result<Self, InvalidNote> {
        let text = text.trim();
        let fits = (1..=LONGEST_NOTE).contains(&text.chars().count());
        (fits && !text.contains(char::is_control))
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidNote)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A note as it was stored.
impl From<String> for Note {
    fn from(stored: String) -> Self {
        Self(stored)
    }
}

impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Note(…)")
    }
}

impl ConsentEntry {
    /// What a wish is kept as: an entry for each of its senders.
    pub fn of(wish: &Wish, evidence: &Evidence, now: Timestamp) -> Vec<Self> {
        let entry = |sender: &String| Self {
            id: id(wish, sender, evidence),
            recipient: wish.recipient.clone(),
            sender: sender.clone(),
            consent: wish.consent,
            evidence: evidence.clone(),
            said_at: wish.at,
            noted_at: now,
        };
        wish.senders.iter().map(entry).collect()
    }

    /// The wish that it tells of.
    pub fn wish(&self) -> Wish {
        Wish {
            recipient: self.recipient.clone(),
            senders: vec![self.sender.clone()],
            consent: self.consent,
            at: self.said_at,
        }
    }

    /// Whether the provider knows of it, too, and heeds it by itself.
    pub fn is_heard_by_provider(&self) -> bool {
        self.consent != Consent::Maybe
            && matches!(
                self.evidence.source,
                ConsentSource::Text
                    | ConsentSource::Provider
                    | ConsentSource::Refusal
                    | ConsentSource::Earlier
            )
    }

    pub fn place(&self) -> JournalPlace {
        JournalPlace {
            recipient: self.recipient.clone(),
            said_at: self.said_at,
            id: self.id.clone(),
        }
    }
}

/// A text is one entry for each recipient and sender, whenever and however often it is heard of; what else
/// is said is another entry if it is said at another time.
fn id(wish: &Wish, sender: &str, evidence: &Evidence) -> String {
    let unnamed = || {
        let source = evidence.source.as_str();
        // A list is the same whoever imports it.
        let told = evidence.source != ConsentSource::Import;
        let by = evidence.by.as_deref().filter(|_| told).unwrap_or_default();
        format!("{source} {by} {}", wish.at.as_millis())
    };
    let is_told_by = matches!(
        evidence.source,
        ConsentSource::Operator | ConsentSource::User | ConsentSource::Import
    );
    // What others call the place where they know it from need not be a name of one wish.
    let origin = match &evidence.reference {
        None => unnamed(),
        Some(reference) if is_told_by => format!("{reference} {}", unnamed()),
        Some(reference) => reference.clone(),
    };
    let mut digest = Sha256::new();
    for part in [
        wish.consent.as_str(),
        &origin,
        sender,
        wish.recipient.as_str(),
    ] {
        digest.update(part);
        // None of them has it, so no two lists of parts are one text.
        digest.update([0]);
    }
    hex::encode(&digest.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stop(second: i64) -> Wish {
        Wish {
            recipient: Address::from("+14155550123".to_owned()),
            senders: vec!["+15005550006".to_owned(), "MG1".to_owned()],
            consent: Consent::Withdrawn,
            at: Timestamp::from_millis(second * 1000),
        }
    }

    fn ids(wish: &Wish, evidence: &Evidence, second: i64) -> Vec<String> {
        let entries = ConsentEntry::of(wish, evidence, Timestamp::from_millis(second * 1000));
        entries.into_iter().map(|entry| entry.id).collect()
    }

    #[test]
    fn a_repeat_is_the_same_entry_and_nothing_else_is() {
        let sid = ProviderId::parse("SM1").unwrap();
        let text = Evidence::text(&sid, false);
        let first = ids(&stop(1), &text, 1);
        assert_eq!(first.len(), 2);
        assert_ne!(first[0], first[1]);
        assert_eq!(first, ids(&stop(2), &text, 9), "whenever it is heard of");
        assert_eq!(first, ids(&stop(1), &Evidence::text(&sid, true), 1));
        let other = Evidence::text(&ProviderId::parse("SM2").unwrap(), false);
        assert_ne!(first, ids(&stop(1), &other, 1));
        let start = Wish {
            consent: Consent::Given,
            ..stop(1)
        };
        assert_ne!(first, ids(&start, &text, 1));
        let imported = Evidence::import("ops".to_owned(), None);
        assert_eq!(ids(&stop(1), &imported, 1), ids(&stop(1), &imported, 9));
        assert_ne!(ids(&stop(1), &imported, 1), ids(&stop(2), &imported, 1));
        let named = Evidence {
            reference: Some("mailchimp".to_owned()),
            ..imported.clone()
        };
        assert_eq!(ids(&stop(1), &named, 1), ids(&stop(1), &named, 9));
        assert_ne!(ids(&stop(1), &named, 1), ids(&stop(2), &named, 1));
        let by_another = Evidence::import("boss".to_owned(), None);
        assert_eq!(ids(&stop(1), &imported, 1), ids(&stop(1), &by_another, 1));
    }

    #[test]
    fn what_is_wanted_of_all_senders_stays_in_its_world() {
        assert_eq!(scopes_of("+15005550006"), ["+15005550006", ALL_SENDERS]);
        let [_, sandbox] = scopes_of(SANDBOX_SENDER);
        assert_ne!(sandbox, ALL_SENDERS);
        assert!(is_all_senders(sandbox) && is_all_senders(ALL_SENDERS));
        assert!(!is_all_senders("+15005550006"));
        assert_eq!(all_senders_beside(sandbox), sandbox);
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for consent in Consent::ALL {
            assert_eq!(Consent::parse(consent.as_str()), Some(consent));
        }
        for source in ConsentSource::ALL {
            assert_eq!(ConsentSource::parse(source.as_str()), Some(source));
        }
        assert!(Note::parse("a\nb").is_err() && Note::parse("  ").is_err());
        assert!(Note::parse(&"a".repeat(LONGEST_NOTE + 1)).is_err());
    }
}
