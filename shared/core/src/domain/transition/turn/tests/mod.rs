mod rules;
mod sequences;

use std::time::Duration;

use super::*;
use crate::domain::{CLAIM_SLACK, Claim, Claimant, LeaseToken, NewMessage, Restored, Step};

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);
const VALID: Duration = Duration::from_hours(4);
const ACCOUNT: &str = "AC1";
const HOME: &str = "+14155552671";
const OTHER: &str = "12345";
const FIRST: Turn = Turn::FIRST;
const LATER: Turn = Turn::from_micros(7);

fn new() -> NewMessage {
    NewMessage {
        account: ACCOUNT.to_owned(),
        sender: Some(HOME.to_owned()),
        wake_at: NOW + 15 * SECOND,
        expires_at: NOW + VALID,
        ..NewMessage::example(NOW)
    }
}

/// A message that may leave now.
fn ready() -> Message {
    new().into()
}

/// One that waits for its turn.
fn in_line() -> Message {
    let turn = Some(FIRST);
    NewMessage { turn, ..new() }.into()
}

fn address(sender: &str) -> SenderAddress {
    SenderAddress::known(sender)
}

fn token() -> LeaseToken {
    LeaseToken::from_uuid(uuid::Uuid::from_u128(1))
}

/// Claims it for a sender that knows no other.
fn claim(message: &mut Message, sender: &str, now: Timestamp) -> bool {
    let by = Claimant {
        account: ACCOUNT,
        sender,
        others: &[],
    };
    let Some(free) = message.claimable(by, now) else {
        return false;
    };
    let until = now + 90 * SECOND;
    let token = token();
    free.claim(Claim { token, now, until });
    true
}

fn put_back(message: &mut Message, not_before: Timestamp, now: Timestamp) {
    let held = message.held_by(token()).unwrap();
    held.requeue(not_before, TimelineEntry::new(now, Event::NotSent));
}

fn claimed() -> Message {
    let mut message = in_line();
    assert!(claim(&mut message, HOME, NOW));
    message
}

/// Every state but that of a message that waits to be sent, with a turn.
fn elsewhere() -> Vec<Message> {
    let mut doubtful = claimed();
    doubtful.take_resolve(Claim {
        token: token(),
        now: NOW + HOUR,
        until: NOW + 2 * HOUR,
    });
    let mut canceled = in_line();
    canceled.cancel(NOW);
    let mut deleted = in_line();
    deleted.delete(NOW);
    let mut expired = in_line();
    expired.expire(NOW + VALID);
    let mut refused = in_line();
    refused.refuse_opted_out(NOW);
    vec![claimed(), doubtful, canceled, deleted, expired, refused]
}
