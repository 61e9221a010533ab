//! One line of a list.

use std::fmt;

use mysms_core::clock::MAX_CLOCK_SKEW;
use mysms_core::domain::{
    ALL_SENDERS, Address, Consent, ConsentEntry, ConsentSource, Evidence, Note, SenderAddress,
    Timestamp, Wish,
};
use serde::{Deserialize, Serialize};

use super::formula::{defused, restored};

/// The longest of what is only kept: an id, a name, a reference.
const LONGEST: usize = 200;

/// The columns in the order in which they are written.
pub(super) const COLUMNS: [&str; 10] = [
    "number",
    "sender",
    "state",
    "said_at",
    "source",
    "reference",
    "by",
    "note",
    "noted_at",
    "id",
];

/// A line as it stands there.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Row {
    pub number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noted_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// `None` if it is the line as a whole.
    pub column: Option<&'static str>,
    pub why: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            Some(column) => write!(f, "column {column}: {}", self.why),
            None => f.write_str(&self.why),
        }
    }
}

/// What a line does not say.
pub(super) struct Usual<'a> {
    pub said_at: Option<Timestamp>,
    pub operator: &'a str,
    pub now: Timestamp,
}

impl Row {
    /// The value of a column.
    pub(super) fn column(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "number" => &mut self.number,
            "sender" => &mut self.sender,
            "state" => &mut self.state,
            "said_at" => &mut self.said_at,
            "source" => &mut self.source,
            "reference" => &mut self.reference,
            "by" => &mut self.by,
            "note" => &mut self.note,
            "noted_at" => &mut self.noted_at,
            "id" => &mut self.id,
            _ => return None,
        })
    }

    /// As it stands in a table: what spreadsheets take for formulas is none.
    pub(super) fn cells(mut self) -> Vec<String> {
        let cell = |name: &&str| {
            let value = self.column(name).and_then(Option::take);
            value.map(|value| defused(&value)).unwrap_or_default()
        };
        COLUMNS.iter().map(cell).collect()
    }

    /// The entry that it tells of.
    pub(super) fn entry(self, usual: &Usual<'_>) -> Result<ConsentEntry, Fault> {
        let latest = usual.now + MAX_CLOCK_SKEW;
        let recipient = required("number", self.number)?;
        let recipient = Address::named(&recipient).map_err(fault("number"))?;
        let sender = match given(self.sender) {
            None => ALL_SENDERS.to_owned(),
            Some(all) if all == ALL_SENDERS => all,
            Some(sender) => sender_of(&sender)?,
        };
        let consent = match given(self.state) {
            None => Consent::Withdrawn,
            Some(word) => Consent::parse(&word)
                .ok_or("must be withdrawn, given or maybe")
                .map_err(fault("state"))?,
        };
        let said_at = match given(self.said_at) {
            None => usual
                .said_at
                .ok_or("is missing: give --said-at for rows without it")
                .map_err(fault("said_at"))?,
            Some(text) => moment("said_at", &text, latest)?,
        };
        let noted_at = match given(self.noted_at) {
            None => usual.now,
            Some(text) => moment("noted_at", &text, latest)?,
        };
        let note = given(self.note).map(|note| Note::parse(&note));
        let note = note.transpose().map_err(fault("note"))?;
        let source_word = given(self.source);
        let is_own = source_word.is_some();
        let evidence = match source_word {
            None => Evidence {
                reference: kept("reference", self.reference)?,
                ..Evidence::import(usual.operator.to_owned(), note)
            },
            Some(word) => Evidence {
                source: source(&word)?,
                reference: kept("reference", self.reference)?,
                by: kept("by", self.by)?,
                note,
            },
        };
        // What has a source is one of our own entries, and keeps its id. Others number their rows in their way.
        let id = kept("id", self.id)?.filter(|_| is_own);
        let wish = Wish {
            recipient,
            senders: vec![sender],
            consent,
            at: said_at,
        };
        let mut entries = ConsentEntry::of(&wish, &evidence, noted_at);
        let entry = entries
            .pop()
            .ok_or("is none of a sender")
            .map_err(fault("sender"))?;
        Ok(match id {
            Some(id) => ConsentEntry { id, ..entry },
            None => entry,
        })
    }
}

impl From<ConsentEntry> for Row {
    fn from(entry: ConsentEntry) -> Self {
        let evidence = entry.evidence;
        Self {
            number: Some(entry.recipient.into()),
            sender: Some(entry.sender),
            state: Some(entry.consent.as_str().to_owned()),
            said_at: Some(entry.said_at.to_string()),
            source: Some(evidence.source.as_str().to_owned()),
            reference: evidence.reference,
            by: evidence.by,
            note: evidence.note.map(|note| note.as_str().to_owned()),
            noted_at: Some(entry.noted_at.to_string()),
            id: Some(entry.id),
        }
    }
}

/// The text of a column, as it was before spreadsheets.
fn given(value: Option<String>) -> Option<String> {
    let value = value.map(|value| restored(value.trim()));
    value.filter(|value| !value.is_empty())
}

fn required(column: &'static str, value: Option<String>) -> Result<String, Fault> {
    given(value).ok_or("is missing").map_err(fault(column))
}

/// Whatever our texts may have left from, be it another account's.
fn sender_of(text: &str) -> Result<String, Fault> {
    if let Ok(sender) = SenderAddress::parse(text) {
        return Ok(sender.as_str().to_owned());
    }
    // One that somebody answered in another channel.
    Address::named(text)
        .map(String::from)
        .map_err(|error| fault("sender")(format!("{error}; * stands for all senders")))
}

fn source(word: &str) -> Result<ConsentSource, Fault> {
    ConsentSource::parse(word).ok_or_else(|| {
        let known = ConsentSource::ALL.map(ConsentSource::as_str).join(", ");
        fault("source")(format!("must be one of {known}"))
    })
}

/// Whether it can have been said then.
pub(super) fn is_past(at: Timestamp, latest: Timestamp) -> bool {
    Timestamp::EPOCH < at && at <= latest
}

fn moment(column: &'static str, text: &str, latest: Timestamp) -> Result<Timestamp, Fault> {
    let at: Timestamp = text.parse().map_err(fault(column))?;
    is_past(at, latest)
        .then_some(at)
        .ok_or("must be after 1970 and not yet to come")
        .map_err(fault(column))
}

fn kept(column: &'static str, value: Option<String>) -> Result<Option<String>, Fault> {
    let value = given(value);
    let fits = |text: &String| text.chars().count() <= LONGEST && !text.contains(char::is_control);
    match value {
        Some(text) if !fits(&text) => Err(fault(column)(
            "must be at most 200 characters without control characters",
        )),
        value => Ok(value),
    }
}

fn fault<E: fmt::Display>(column: &'static str) -> impl FnOnce(E) -> Fault {
    move |error| Fault {
        column: Some(column),
        why: error.to_string(),
    }
}
