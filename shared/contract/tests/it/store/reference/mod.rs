//! A store of plain values in memory: what the adapters are compared with. What they do with messages
//! is the domain's, whatever stores them; the model in `shared/core/tests/model` holds that against the
//! protocol.

mod accounts;
mod acts;
mod changes;
mod consents;
mod conversations;
mod history;
mod invites;
mod keys;
mod messages;
mod operations;
mod opt_outs;
mod pauses;
mod quotas;
mod records;
mod revocations;
mod sessions;
mod told;
mod turns;
mod upkeep;
mod uploads;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard};

use mysms_core::domain::{
    Act, ActId, ConsentEntry, EndpointId, Invite, InviteHash, LeaseToken, Message, MessageId,
    Revocation, Session, SessionId, Telling, Timestamp, User, UserId,
};
use mysms_core::store::{Pause, QueueId, Stored};

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
    keys: Vec<keys::Known>,
    invites: Vec<Invite>,
    invited: BTreeMap<InviteHash, UserId>,
    wishes: Vec<opt_outs::Known>,
    consents: BTreeMap<String, ConsentEntry>,
    records: BTreeMap<(&'static str, String), Stored>,
    queues: HashMap<QueueId, turns::Queue>,
    told: BTreeMap<(EndpointId, MessageId), (Telling, Timestamp)>,
    uploads: Vec<uploads::Known>,
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
}

impl State {
    fn select(&self, filter: impl Fn(&Message) -> bool) -> Vec<Message> {
        let passing = self.messages.values().filter(|message| filter(message));
        passing.cloned().collect()
    }
}
