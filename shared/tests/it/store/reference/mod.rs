//! The rules of the ledger written a second time, over plain values in memory and without the
//! transitions of the domain: what the adapters are compared with.
//!
//! Each operation is a filter and an update, as the delivery protocol has them.

mod accounts;
mod acts;
mod changes;
mod conversations;
mod facts;
mod history;
mod invites;
mod ledger;
mod operations;
mod opt_outs;
mod quotas;
mod revocations;
mod senders;
mod sessions;
mod upkeep;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use shared::domain::{
    Act, ActId, Direction, Event, Invite, InviteHash, LeaseToken, Message, MessageId, NewMessage,
    Revocation, Session, SessionId, Status, TimelineEntry, Timestamp, User, UserId,
};
use shared::store::Pause;

const CLAIM_SLACK: Duration = Duration::from_secs(2);
const EXPIRY_MARGIN: Duration = Duration::from_secs(5);
const ALARM_PUSH: Duration = Duration::from_hours(1);
const TIMELINE_LENGTH: usize = 100;

#[derive(Default)]
pub(crate) struct Reference(Mutex<State>);

#[derive(Default)]
struct State {
    messages: BTreeMap<MessageId, Message>,
    users: Vec<User>,
    acts: BTreeMap<ActId, Act>,
    pauses: BTreeMap<String, (Pause, Option<LeaseToken>)>,
    closed: BTreeMap<UserId, Closed>,
    ended: BTreeMap<UserId, Revocation>,
    sessions: BTreeMap<SessionId, Session>,
    logged_out: BTreeMap<SessionId, (Timestamp, Revocation)>,
    counted: Vec<quotas::Counted>,
    invites: Vec<Invite>,
    invited: BTreeMap<InviteHash, UserId>,
    wishes: Vec<opt_outs::Known>,
}

/// What is left of a user.
struct Closed {
    at: Timestamp,
    erased: bool,
}

impl Reference {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Updates a message that passes a filter; tells whether it did.
    fn update(
        &self,
        id: MessageId,
        filter: impl FnOnce(&Message) -> bool,
        change: impl FnOnce(&mut Message),
    ) -> bool {
        let mut state = self.state();
        let Some(message) = state.messages.get_mut(&id).filter(|found| filter(found)) else {
            return false;
        };
        change_one(message, change);
        true
    }
}

impl State {
    fn select(&self, filter: impl Fn(&Message) -> bool) -> Vec<Message> {
        let passing = self.messages.values().filter(|message| filter(message));
        passing.cloned().collect()
    }
}

fn fresh(new: NewMessage) -> Message {
    Message {
        id: new.id,
        owner: new.owner,
        account: new.account,
        direction: Direction::Outbound,
        sender: new.sender,
        unread: false,
        recipient: Some(new.recipient.clone()),
        body: Some(new.body),
        counterpart: Some(new.recipient),
        sent_at: new.sent_at,
        send_at: new.send_at,
        version: 1,
        updated_at: new.sent_at,
        expires_at: new.expires_at,
        status: Status::Queued,
        not_before: new.send_at.unwrap_or(Timestamp::from_millis(0)),
        wake_at: new.send_at.or(Some(new.wake_at)),
        lease: None,
        attempts: 0,
        first_attempt_at: None,
        last_claim_at: None,
        unseen: 0,
        provider: None,
        polls: 0,
        error_code: None,
        delivered_at: None,
        idempotency: new.idempotency,
        retry_of: new.retry_of,
        visible: true,
        deleted_at: None,
        timeline: vec![entry(new.sent_at, Event::Queued, Some(Status::Queued))],
    }
}

fn rank(status: Status) -> u8 {
    match status {
        Status::Queued => 0,
        Status::Sending => 1,
        Status::Accepted => 2,
        Status::Sent => 3,
        Status::Canceled => 4,
        Status::Failed => 5,
        Status::Undelivered => 6,
        Status::Delivered => 7,
    }
}

fn entry(at: Timestamp, event: Event, status: Option<Status>) -> TimelineEntry {
    TimelineEntry {
        at,
        event,
        sid: None,
        status,
        code: None,
        detail: None,
    }
}

/// Changes a message as `change` says, which notes the time of what its user sees; then counts it.
fn change_one<T>(message: &mut Message, change: impl FnOnce(&mut Message) -> T) -> T {
    let before = message.clone();
    let done = change(message);
    let shown = |m: &Message| (m.status, m.error_code.clone(), m.unread, m.timeline.clone());
    if *message != before {
        message.version = before.version + 1;
    }
    message.updated_at = if shown(message) == shown(&before) {
        before.updated_at
    } else {
        message
            .updated_at
            .max(before.updated_at + Duration::from_millis(1))
    };
    done
}

fn log(message: &mut Message, entry: TimelineEntry) {
    message.updated_at = entry.at;
    message.timeline.push(entry);
    while message.timeline.len() > TIMELINE_LENGTH {
        message.timeline.remove(0);
    }
}

/// Ends a message that did not reach the provider.
fn end(message: &mut Message, status: Status, code: Option<&str>, mut entry: TimelineEntry) {
    message.status = status;
    message.wake_at = None;
    leave_sending(message);
    if let Some(code) = code {
        message.error_code = Some(code.to_owned());
        entry.code = Some(code.to_owned());
    }
    entry.status = Some(status);
    log(message, entry);
}

/// Releases the lease, and erases what only a `sending` tombstone still needs.
fn leave_sending(message: &mut Message) {
    message.lease = None;
    message.unseen = 0;
    if message.deleted_at.is_some() {
        erase(message);
    }
}

fn erase(message: &mut Message) {
    message.body = None;
    message.recipient = None;
    message.counterpart = None;
}
