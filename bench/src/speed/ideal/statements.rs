//! What is written of a text: five commands, each about as many texts as come together.
//!
//! Nothing is read, and no condition looks at what was before: of two statuses and times the greater
//! stays, so what is told of a text may come in any order.

use std::fmt;
use std::str::FromStr;

use anyhow::Context as _;
use mongodb::bson::{
    Binary, DateTime, RawArrayBuf, RawBson, RawDocumentBuf, rawdoc, spec::BinarySubtype,
};
use serde::{Deserialize, Serialize};
use twilio_sim::{TEST_ACCOUNT_SID, TEST_SENDER};

/// Which text. As with ours the order of the ids is that of the times, so that the indexes grow at
/// their ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Id(u128);

/// The one user whose texts they are.
const OWNER: Id = Id(7);

/// A text on its way, as it is in a job.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Text {
    pub(super) id: String,
    pub(super) recipient: String,
    pub(super) body: String,
}

/// What becomes of a text, in the words that are stored: the greater one is the later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Queued,
    Sending,
    Accepted,
    Sent,
    Delivered,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Queued => "0 queued",
            Self::Sending => "1 sending",
            Self::Accepted => "2 accepted",
            Self::Sent => "3 sent",
            Self::Delivered => "4 delivered",
        }
    }

    fn rank(self) -> i32 {
        self as i32
    }
}

impl Id {
    pub(super) fn new() -> Self {
        let now = DateTime::now().timestamp_millis().cast_unsigned();
        Self((u128::from(now) << 80) | (rand::random::<u128>() >> 48))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for Id {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let id = u128::from_str_radix(text, 16);
        Ok(Self(id.context("not the id of a text")?))
    }
}

impl From<Id> for RawBson {
    fn from(id: Id) -> Self {
        Self::Binary(Binary {
            subtype: BinarySubtype::Uuid,
            bytes: id.0.to_be_bytes().to_vec(),
        })
    }
}

/// The texts' first writing.
pub(super) fn insert(texts: &[(Id, Text)]) -> RawDocumentBuf {
    let now = DateTime::now();
    let documents = texts.iter().map(|(id, text)| document(*id, text, now));
    rawdoc! {
        "insert": "messages",
        "documents": documents.collect::<RawArrayBuf>(),
        "ordered": false,
        "writeConcern": durable(),
    }
}

fn document(id: Id, text: &Text, now: DateTime) -> RawDocumentBuf {
    let recipient = text.recipient.as_str();
    rawdoc! {
        "_id": id,
        "owner": OWNER,
        "account": TEST_ACCOUNT_SID,
        "direction": "outbound",
        "sent_at": now,
        "version": 0,
        "updated_at": now,
        "expires_at": later(now),
        "status": Status::Queued.word(),
        "rank": Status::Queued.rank(),
        "not_before": now,
        "attempts": 0,
        "polls": 0,
        "visible": true,
        "timeline": [entry(Status::Queued, now)],
        "sender": TEST_SENDER,
        "recipient": recipient,
        "body": text.body.as_str(),
        "counterpart": recipient,
        "wake_at": now,
    }
}

/// A worker takes them.
pub(super) fn claim(ids: &[Id]) -> RawDocumentBuf {
    let now = DateTime::now();
    let change = rawdoc! {
        "$set": {
            "lease": { "token": Id::new(), "until": later(now) },
            "wake_at": later(now),
            "first_attempt_at": now,
            "last_claim_at": now,
        },
        "$max": raised(Status::Sending, now),
        "$inc": { "version": 1, "attempts": 1 },
        "$push": { "timeline": entry(Status::Sending, now) },
    };
    update([about(ids, change)])
}

/// The provider took them, and gave each of them a SID.
pub(super) fn accepted(texts: &[(Id, String)]) -> RawDocumentBuf {
    let now = DateTime::now();
    let about_one = |(id, sid): &(Id, String)| {
        let change = rawdoc! {
            "$set": { "provider": { "sid": sid.as_str(), "at": now, "adopted": false } },
            "$unset": { "lease": "" },
            "$max": raised(Status::Accepted, now),
            "$inc": { "version": 1 },
            "$push": { "timeline": entry(Status::Accepted, now) },
        };
        rawdoc! { "q": { "_id": *id }, "u": change }
    };
    update(texts.iter().map(about_one))
}

/// What callbacks told of some texts: one statement for all of which the same was told.
pub(super) fn told(facts: &[(Id, Status)]) -> RawDocumentBuf {
    let now = DateTime::now();
    let statements = [Status::Sent, Status::Delivered].map(|status| {
        let those = facts.iter().filter(|(_, told)| *told == status);
        let ids: Vec<_> = those.map(|(id, _)| *id).collect();
        (!ids.is_empty()).then(|| about(&ids, change_to(status, now)))
    });
    update(statements.into_iter().flatten())
}

fn change_to(status: Status, now: DateTime) -> RawDocumentBuf {
    let mut change = rawdoc! {
        "$max": raised(status, now),
        "$inc": { "version": 1 },
        "$push": { "timeline": entry(status, now) },
    };
    if status == Status::Delivered {
        let ended = rawdoc! { "$set": { "delivered_at": now }, "$unset": { "wake_at": "" } };
        for (operator, fields) in ended.iter().flatten() {
            change.append(operator, fields);
        }
    }
    change
}

fn raised(status: Status, now: DateTime) -> RawDocumentBuf {
    rawdoc! { "status": status.word(), "rank": status.rank(), "updated_at": now }
}

fn entry(status: Status, at: DateTime) -> RawDocumentBuf {
    rawdoc! { "at": at, "event": "provider", "status": status.word() }
}

fn later(now: DateTime) -> DateTime {
    DateTime::from_millis(now.timestamp_millis() + 60_000)
}

fn about(ids: &[Id], change: RawDocumentBuf) -> RawDocumentBuf {
    let ids = ids.iter().map(|id| RawBson::from(*id));
    rawdoc! { "q": { "_id": { "$in": ids.collect::<RawArrayBuf>() } }, "u": change, "multi": true }
}

fn update(statements: impl IntoIterator<Item = RawDocumentBuf>) -> RawDocumentBuf {
    rawdoc! {
        "update": "messages",
        "updates": statements.into_iter().collect::<RawArrayBuf>(),
        "ordered": false,
        "writeConcern": durable(),
    }
}

/// As ours: a majority has it in its journals.
fn durable() -> RawDocumentBuf {
    rawdoc! { "w": "majority", "j": true }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(command: &RawDocumentBuf) -> usize {
        let updates = command.get_array("updates").unwrap();
        updates.into_iter().count()
    }

    #[test]
    fn ids_come_back_from_their_text_and_grow_with_time() {
        let id = Id::new();
        assert_eq!(id.to_string().parse::<Id>().unwrap(), id);
        assert!(id.0 > 1_700_000_000_000 << 80);
        assert_eq!(id.0 >> 124, 0);
    }

    #[test]
    fn the_greater_word_is_the_later_status() {
        let course = [
            Status::Queued,
            Status::Sending,
            Status::Accepted,
            Status::Sent,
            Status::Delivered,
        ];
        assert!(course.is_sorted_by(|a, b| a.word() < b.word() && a.rank() < b.rank()));
    }

    #[test]
    fn what_is_told_of_many_is_one_statement_for_each_status() {
        let both = [Status::Sent, Status::Delivered, Status::Sent].map(|told| (Id::new(), told));
        assert_eq!(statements(&told(&both)), 2);
        assert_eq!(statements(&told(&both[..1])), 1);
        let sids = both.map(|(id, _)| (id, "SM1".to_owned()));
        assert_eq!(statements(&accepted(&sids)), 3);
    }

    #[test]
    fn a_delivered_text_has_no_alarm_left() {
        let now = DateTime::now();
        let ended = change_to(Status::Delivered, now);
        assert!(
            ended
                .get_document("$unset")
                .unwrap()
                .get("wake_at")
                .unwrap()
                .is_some()
        );
        assert!(
            change_to(Status::Sent, now)
                .get("$unset")
                .unwrap()
                .is_none()
        );
    }
}
