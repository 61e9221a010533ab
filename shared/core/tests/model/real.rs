//! Rows of the model as messages of the domain, and what is done to them.

use std::time::Duration;

use mysms_core::domain::{
    Absence, Body, Claim, Claimant, Class, Event, Fact, Lease, LeaseToken, Media, Message,
    MessageId, NewMessage, NextPoll, OwnError, PhoneNumber, Provider, ProviderId, ProviderStatus,
    SenderAddress, Status, Tags, TimelineEntry, Timestamp, Turn, UserId,
};
use uuid::Uuid;

use super::conformance::Operation;
use super::senders::{Claimant as By, Sender};
use super::state::{Age, Ended, Message as Row, Token, Write};

const ACCOUNT: &str = "AC11111111111111111111111111111111";
const HOME: &str = "+15005550006";
const OTHER: &str = "+15005550007";
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
pub(crate) const OUTCOME_UNKNOWN: &str = OwnError::OutcomeUnknown.as_str();
pub(crate) const RECIPIENT_OPTED_OUT: &str = OwnError::RecipientOptedOut.as_str();
/// A turn behind that of a message that has one.
const LATE: Turn = Turn::from_micros(1);
const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// Whether somebody comes to a queued message when it may leave: by its turn, or by its alarm. The alarm
/// of one with a turn tells that it was not sent in time.
pub(crate) fn is_found(message: &Message) -> bool {
    let Message {
        not_before,
        wake_at,
        ..
    } = *message;
    match message.turn {
        _ if message.status != Status::Queued => true,
        Some(_) => not_before <= NOW && wake_at == Some(message.expires_at),
        None => wake_at.is_some_and(|at| at <= not_before.max(NOW)),
    }
}

/// Does to the row's message, with a turn or without, what the operation says.
pub(crate) fn perform(row: Row, turn: bool, operation: Operation) -> Message {
    let mut message = message(row, turn);
    match operation {
        Operation::Claim(by, with) => claim(&mut message, by, token(with)),
        Operation::Write(what, by) => write(&mut message, what, token(by)),
        Operation::RequeueLater(by) => {
            if let Some(held) = message.held_by(token(by)) {
                held.requeue(NOW + MINUTE, TimelineEntry::new(NOW, Event::NotSent));
            }
        }
        Operation::Fact(number, status) => {
            let fact = fact(number, status);
            let own = message.provider.as_ref();
            if own.is_some_and(|own| own.sid != fact.sid) {
                message.apply_surplus(&fact, false);
            } else {
                message.apply_fact(&fact);
            }
        }
        Operation::Expire => {
            message.expire(NOW);
        }
        Operation::RefuseQueued => {
            message.refuse_opted_out(NOW);
        }
        Operation::Cancel => {
            message.cancel(NOW);
        }
        Operation::Delete => {
            message.delete(NOW);
        }
        Operation::Move { turn } => {
            let to = match row.sender {
                Sender::Home => OTHER,
                Sender::Other => HOME,
            };
            message.move_to(&SenderAddress::known(to), turn.then_some(LATE), NOW);
        }
        Operation::TakeTurn => {
            message.take_turn(LATE, NOW);
        }
        Operation::LeaveLine => {
            message.leave_line(NOW);
        }
        Operation::WaitUntil => {
            message.wait_until(NOW + DAY / 3, NOW);
        }
    }
    message
}

fn claim(message: &mut Message, by: By, token: LeaseToken) {
    let others = Sender::ALL.into_iter();
    let others = others.filter(|other| *other != by.sender && !by.alone);
    let others: Vec<_> = others.map(address).map(SenderAddress::known).collect();
    let by = Claimant {
        account: ACCOUNT,
        sender: address(by.sender),
        others: &others,
    };
    if let Some(free) = message.claimable(by, NOW) {
        free.claim(Claim {
            token,
            now: NOW,
            until: NOW + MINUTE,
        });
    }
}

pub(crate) const fn address(sender: Sender) -> &'static str {
    match sender {
        Sender::Home => HOME,
        Sender::Other => OTHER,
    }
}

fn write(message: &mut Message, write: Write, token: LeaseToken) {
    let claim = |now| Claim {
        token,
        now,
        until: NOW + MINUTE,
    };
    match write {
        Write::TakeResolve { outdated } => {
            let now = if outdated { NOW - DAY } else { NOW };
            message.take_resolve(claim(now));
        }
        Write::TakePoll => {
            message.take_poll(NOW, NOW + MINUTE);
        }
        Write::NextPoll { at } => {
            let at = at.then_some(NOW + MINUTE);
            message.next_poll(NextPoll { at, polls: 1 });
        }
        _ => decide(message, write, token),
    }
}

/// What only the holder of the lease may do.
fn decide(message: &mut Message, write: Write, token: LeaseToken) {
    let Some(held) = message.held_by(token) else {
        return;
    };
    match write {
        Write::Reject => held.reject("21211", None, NOW),
        Write::Refuse => held.refuse_opted_out(NOW),
        Write::Requeue => held.requeue(NOW, TimelineEntry::new(NOW, Event::NotSent)),
        Write::Adopt(number) => held.adopt(&fact(number, Status::Accepted)),
        Write::LookAgain { absent } => {
            let absence = if absent {
                Absence::NotInList
            } else {
                Absence::Unclear
            };
            held.look_again(absence, None, NOW + MINUTE, NOW);
        }
        Write::RequeueAbsent => {
            held.requeue_absent(NOW);
        }
        Write::GiveUp => {
            held.give_up(NOW - DAY, NOW);
        }
        _ => unreachable!("{write:?} needs no lease"),
    }
}

fn message(row: Row, turn: bool) -> Message {
    let to = PhoneNumber::parse("+14155550123").expect("it is a number");
    let fresh = NewMessage {
        id: MessageId::from_uuid(Uuid::nil()),
        owner: UserId::from_uuid(Uuid::nil()),
        account: ACCOUNT.to_owned(),
        sender: Some(address(row.sender).to_owned()),
        class: Class::default(),
        turn: turn.then_some(Turn::FIRST),
        recipient: to,
        body: Body::parse("text".to_owned()).expect("it is a text"),
        media: Media::default(),
        sent_at: NOW - DAY * 3,
        send_at: None,
        time_zone: None,
        not_before: None,
        wake_at: NOW - DAY * 3,
        expires_at: match row.age {
            Age::Valid => NOW + DAY,
            Age::Expired => NOW - MINUTE,
            Age::Hopeless => NOW - DAY * 2,
        },
        idempotency: None,
        retry_of: None,
        reference: None,
        tags: Tags::default(),
    };
    let found_by_turn = turn && row.status == Status::Queued;
    let wake_at = if found_by_turn {
        fresh.expires_at
    } else {
        NOW - MINUTE
    };
    Message {
        status: row.status,
        visible: row.is_visible(),
        wake_at: row.alarm.then_some(wake_at),
        lease: row.lease.map(|lease| Lease {
            token: lease.token.map(token),
            until: if lease.over {
                NOW - MINUTE
            } else {
                NOW + MINUTE
            },
        }),
        attempts: u32::from(row.attempts),
        unseen: u32::from(row.unseen),
        provider: row.sid.map(|own| Provider {
            sid: sid(own.number),
            at: NOW - DAY,
            adopted: own.adopted,
        }),
        error_code: error_code(row).map(str::to_owned),
        ..fresh.into()
    }
}

fn error_code(row: Row) -> Option<&'static str> {
    ended(row).map(|ended| match ended {
        Ended::GivenUp => OUTCOME_UNKNOWN,
        Ended::Refused => RECIPIENT_OPTED_OUT,
    })
}

/// What we ended may be raised later: then its code goes.
pub(crate) fn ended(row: Row) -> Option<Ended> {
    row.ended.filter(|_| row.status == Status::Failed)
}

fn fact(number: u8, status: Status) -> Fact {
    Fact {
        message: None,
        sid: sid(number),
        account: ACCOUNT.to_owned(),
        status: ProviderStatus::of(status).expect("the provider says it"),
        code: None,
        detail: None,
        at: NOW,
        poll_at: Some(NOW + MINUTE),
    }
}

pub(crate) fn token(token: Token) -> LeaseToken {
    LeaseToken::from_uuid(Uuid::from_u128(u128::from(token.0) + 1))
}

pub(crate) fn sid(number: u8) -> ProviderId {
    ProviderId::parse(&format!("SM{number:032x}")).expect("it is a SID")
}
