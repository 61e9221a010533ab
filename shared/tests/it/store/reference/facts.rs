//! What the provider says: routed by SID, merged by rank.

use shared::domain::{
    Event, Fact, FactEffect, Message, MessageSid, Provider, Status, TimelineEntry,
};
use shared::store::FactOutcome;

use super::{State, change_one, erase, leave_sending, log, rank};

pub(super) fn owns(message: &Message, sid: &MessageSid) -> bool {
    message.provider.as_ref().is_some_and(|own| own.sid == *sid)
}

pub(super) fn apply(state: &mut State, fact: &Fact) -> FactOutcome {
    let mut ids = state.messages.values();
    let owner = ids.find(|message| owns(message, &fact.sid));
    let Some(id) = owner.map(|message| message.id).or(fact.message) else {
        return FactOutcome::NoMessage;
    };
    let Some(message) = state.messages.get(&id) else {
        return FactOutcome::NoMessage;
    };
    if message.account != fact.account {
        return FactOutcome::ForeignAccount { id };
    }
    let owner = message.owner;
    let twin_in_doubt = has_sending_twin(state, message);
    let message = state.messages.get_mut(&id).unwrap();
    if message.provider.is_none() || owns(message, &fact.sid) {
        let effect = change_one(message, |message| merge(message, fact));
        return FactOutcome::Applied { id, owner, effect };
    }
    let taken_twice = change_one(message, |message| surplus(message, fact, twin_in_doubt));
    FactOutcome::Surplus {
        id,
        owner,
        taken_twice,
    }
}

pub(super) fn adopt(message: &mut Message, fact: &Fact) {
    let adopted = TimelineEntry {
        sid: Some(fact.sid.clone()),
        ..super::entry(fact.at, Event::Adopted, None)
    };
    log(message, adopted);
    merge(message, fact);
    message.provider.as_mut().unwrap().adopted = true;
}

/// A tombstone whose text is erased has no known twin.
fn has_sending_twin(state: &State, message: &Message) -> bool {
    message.body.is_some()
        && state.messages.values().any(|other| {
            other.id != message.id
                && other.account == message.account
                && other.status == Status::Sending
                && other.recipient == message.recipient
                && other.body == message.body
        })
}

fn merge(message: &mut Message, fact: &Fact) -> FactEffect {
    let before = message.clone();
    message.provider.get_or_insert(Provider {
        sid: fact.sid.clone(),
        at: fact.at,
        adopted: false,
    });
    list_once(message, Event::Provider, fact);
    let (known, said) = (rank(message.status), rank(fact.status.status()));
    if known < said {
        raise(message, fact);
        return FactEffect::Raised;
    }
    if known == said {
        let codes = [message.error_code.take(), fact.code.clone()];
        message.error_code = codes.into_iter().flatten().min();
    }
    if *message == before {
        return FactEffect::Unchanged;
    }
    message.updated_at = fact.at;
    FactEffect::Recorded
}

/// Only a `delivered` counts, and only if the message's own SID cannot be another copy's. Tells
/// whether this SID is to be counted as a second one.
fn surplus(message: &mut Message, fact: &Fact, twin_in_doubt: bool) -> bool {
    let mut listed = message.timeline.iter();
    let known = listed.any(|e| e.event == Event::Surplus && e.sid.as_ref() == Some(&fact.sid));
    list_once(message, Event::Surplus, fact);
    let adopted = message.provider.as_ref().unwrap().adopted;
    let delivered = fact.status.status() == Status::Delivered;
    if delivered && !adopted && message.status != Status::Delivered {
        raise(message, fact);
    }
    let counts = !adopted || !twin_in_doubt;
    counts && !known
}

fn list_once(message: &mut Message, event: Event, fact: &Fact) {
    let said = TimelineEntry {
        at: fact.at,
        event,
        sid: Some(fact.sid.clone()),
        status: Some(fact.status.status()),
        code: fact.code.clone(),
        detail: fact.detail.clone(),
    };
    let key = |e: &TimelineEntry| (e.event, e.sid.clone(), e.status, e.code.clone());
    if !message
        .timeline
        .iter()
        .any(|listed| key(listed) == key(&said))
    {
        log(message, said);
    }
}

fn raise(message: &mut Message, fact: &Fact) {
    message.status = fact.status.status();
    message.error_code.clone_from(&fact.code);
    message.updated_at = fact.at;
    leave_sending(message);
    message.wake_at = None;
    if rank(message.status) < rank(Status::Canceled) && message.visible {
        message.wake_at = fact.poll_at;
        message.not_before = fact.poll_at.unwrap_or(message.not_before);
    }
    if message.status == Status::Delivered {
        message.delivered_at = Some(fact.at);
    }
    if !message.visible {
        erase(message);
    }
}
