//! What is compared of a row of the model and of a message of the domain.

use mysms_core::domain::{LeaseToken, Message, ProviderId, Status};

use super::real::{NOW, OUTCOME_UNKNOWN, RECIPIENT_OPTED_OUT, address, ended, sid, token};
use super::state::{Ended, Message as Row};

/// What model and domain both know of a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Compared {
    status: Status,
    visible: bool,
    sender: Option<String>,
    alarm: bool,
    /// The token, and whether it is over.
    lease: Option<(Option<LeaseToken>, bool)>,
    attempts: u32,
    unseen: bool,
    /// The SID, and whether it was adopted.
    sid: Option<(ProviderId, bool)>,
    ended: Option<Ended>,
}

impl Compared {
    pub(crate) fn of_row(row: &Row) -> Self {
        let lease = row.lease.map(|lease| (lease.token.map(token), lease.over));
        Self {
            status: row.status,
            visible: row.is_visible(),
            sender: Some(address(row.sender).to_owned()),
            alarm: row.alarm,
            lease,
            attempts: u32::from(row.attempts),
            unseen: row.unseen,
            sid: row.sid.map(|own| (sid(own.number), own.adopted)),
            ended: ended(*row),
        }
    }

    pub(crate) fn of_message(message: &Message) -> Self {
        let own = message.provider.as_ref();
        let lease = message.lease;
        Self {
            status: message.status,
            visible: message.visible,
            sender: message.sender.clone(),
            alarm: message.wake_at.is_some(),
            lease: lease.map(|lease| (lease.token, lease.until <= NOW)),
            attempts: message.attempts,
            unseen: message.unseen > 0,
            sid: own.map(|own| (own.sid.clone(), own.adopted)),
            ended: match message.error_code.as_deref() {
                Some(OUTCOME_UNKNOWN) => Some(Ended::GivenUp),
                Some(RECIPIENT_OPTED_OUT) => Some(Ended::Refused),
                _ => None,
            },
        }
    }
}
