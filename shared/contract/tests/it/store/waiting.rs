//! What waits for its turn on the line of its sender.

use std::collections::{BTreeSet, HashMap};

use mysms_core::domain::{
    Claim, Claimant, Class, Event, Lane, Message, MessageId, NewMessage, SenderAddress, Status,
    Timestamp, Turn,
};
use mysms_core::ledger::Ledger;

use super::adapters::Store;
use super::conflicts::with;
use super::fixtures::{
    ACCOUNT, BY, OTHER_ACCOUNT, OTHER_SENDER, SENDER, VALIDITY, at, claim, id, in_line, message,
    millis, not_sent, race, sid, token, turn, user,
};

pub(super) fn address(text: &str) -> SenderAddress {
    SenderAddress::parse(text).unwrap()
}

fn from(sender: &str, new: NewMessage) -> NewMessage {
    NewMessage {
        sender: Some(sender.to_owned()),
        ..new
    }
}

fn of(class: Class, new: NewMessage) -> NewMessage {
    NewMessage { class, ..new }
}

fn ids(found: &[Message]) -> Vec<MessageId> {
    found.iter().map(|message| message.id).collect()
}

async fn waiting(store: &Store, senders: &[&str], class: Class) -> Vec<MessageId> {
    let found = store.ledger.waiting(ACCOUNT, senders, class, 100);
    ids(&found.await.unwrap())
}

/// What waits in the queue of most cases.
async fn heads(store: &Store) -> Vec<MessageId> {
    waiting(store, &[SENDER], Class::Transactional).await
}

pub(super) async fn the_lowest_turn_leaves_first(store: &Store) {
    for (number, turn) in [(1, 5), (2, 2), (3, 9), (4, -1), (5, 0)] {
        store.insert(in_line(number, turn)).await;
    }
    assert_eq!(heads(store).await, [id(4), id(5), id(2), id(1), id(3)]);
    let first = store
        .ledger
        .waiting(ACCOUNT, &[SENDER], Class::Transactional, 2);
    let first = first.await.unwrap();
    assert_eq!(ids(&first), [id(4), id(5)]);
    let mut whole = store.documents(&[id(4), id(5)]).await;
    whole.sort_by_key(|message| message.turn);
    assert_eq!(first, whole, "as they are stored");
    let none = store
        .ledger
        .waiting(ACCOUNT, &[SENDER], Class::Transactional, 0);
    assert_eq!(none.await.unwrap(), []);
}

pub(super) async fn each_line_and_class_has_an_order_of_its_own(store: &Store) {
    store.insert(in_line(1, 4)).await;
    store.insert(of(Class::Otp, in_line(2, 3))).await;
    store.insert(of(Class::Bulk, in_line(3, 2))).await;
    store.insert(from(OTHER_SENDER, in_line(4, 1))).await;
    store.insert(from(OTHER_SENDER, in_line(5, 6))).await;
    let elsewhere = NewMessage {
        account: OTHER_ACCOUNT.to_owned(),
        ..in_line(6, 0)
    };
    store.insert(elsewhere).await;
    store.insert(from("+15005550001", in_line(7, 0))).await;

    assert_eq!(heads(store).await, [id(1)]);
    assert_eq!(waiting(store, &[SENDER], Class::Otp).await, [id(2)]);
    assert_eq!(waiting(store, &[SENDER], Class::Bulk).await, [id(3)]);
    let both = [SENDER, OTHER_SENDER];
    let of_both = waiting(store, &both, Class::Transactional).await;
    assert_eq!(of_both, [id(4), id(1), id(5)], "in one order");
    let two = store
        .ledger
        .waiting(ACCOUNT, &both, Class::Transactional, 2);
    assert_eq!(ids(&two.await.unwrap()), [id(4), id(1)]);
    assert_eq!(waiting(store, &[], Class::Transactional).await, []);
}

pub(super) async fn what_does_not_wait_is_not_listed(store: &Store) {
    store.insert(message(1)).await;
    store.sending(in_line(2, 2), token(2)).await;
    store.accepted(in_line(3, 3), sid(3)).await;
    let deleted = store.insert(in_line(4, 4)).await;
    store.delete(deleted, at(1)).await;
    let canceled = store.insert(in_line(5, 5)).await;
    store.ledger.cancel(user(1), canceled, at(1)).await.unwrap();
    let without_sender = NewMessage {
        sender: None,
        ..in_line(6, 6)
    };
    store.insert(without_sender).await;
    assert_eq!(heads(store).await, []);
    assert_eq!(store.ledger.waited_for(ACCOUNT).await.unwrap(), [""; 0]);
}

/// Gives all of some messages turns, at a time.
async fn take_turns(store: &Store, turns: &[(u64, i64)], now: Timestamp) -> Vec<MessageId> {
    let of = |(number, place): &(u64, i64)| (id(*number), turn(*place));
    let turns: HashMap<MessageId, Turn> = turns.iter().map(of).collect();
    let ids: Vec<_> = turns.keys().copied().collect();
    let messages = store.documents(&ids).await;
    let taken = store.ledger.take_turns(messages, &turns, now).await;
    let mut taken = self::ids(&taken.unwrap());
    taken.sort();
    taken
}

pub(super) async fn a_message_takes_a_turn_once_it_is_due(store: &Store) {
    store.insert(message(1)).await;
    let scheduled = NewMessage {
        send_at: Some(at(62) + millis(1)),
        ..message(2)
    };
    store.insert(scheduled).await;
    store.insert(in_line(3, 1)).await;
    store.sending(message(4), token(4)).await;
    let before = store.documents(&[id(2), id(3), id(4)]).await;
    let turns = [(1, 5), (2, 6), (3, 7), (4, 8)];
    assert_eq!(take_turns(store, &turns, at(60)).await, [id(1)]);
    assert_eq!(store.documents(&[id(2), id(3), id(4)]).await, before);
    let first = store.get(id(1)).await;
    assert_eq!(first.turn, Some(turn(5)));
    assert_eq!(first.wake_at, Some(first.expires_at));
    assert_eq!(first.updated_at, at(0), "its user sees no change");
    assert_eq!(heads(store).await, [id(3), id(1)]);
    assert_eq!(take_turns(store, &turns, at(61)).await, [id(2)]);
}

/// Claims what is first, as it is; returns it.
async fn claim_first(store: &Store, terms: Claim) -> MessageId {
    let heads = store
        .ledger
        .waiting(ACCOUNT, &[SENDER], Class::Transactional, 1);
    let heads = heads.await.unwrap();
    let claimed = store.ledger.claim_these(heads, BY, terms).await.unwrap();
    assert_eq!(claimed.len(), 1);
    claimed[0].id
}

pub(super) async fn what_was_not_sent_keeps_its_place_unless_it_has_to_wait(store: &Store) {
    store.insert(in_line(1, 1)).await;
    store.insert(in_line(2, 2)).await;
    let first = claim_first(store, claim(token(1), at(1))).await;
    assert_eq!(heads(store).await, [id(2)]);
    assert!(
        store
            .settle(first, token(1), not_sent(at(2), at(2)), at(2))
            .await
    );
    assert_eq!(heads(store).await, [id(1), id(2)], "its old place");
    let again = store.get(first).await;
    assert_eq!(again.wake_at, Some(again.expires_at));

    assert_eq!(claim_first(store, claim(token(2), at(3))).await, first);
    assert!(
        store
            .settle(first, token(2), not_sent(at(9), at(4)), at(4))
            .await
    );
    assert_eq!(heads(store).await, [id(2)]);
    let later = store.get(first).await;
    assert_eq!((later.turn, later.wake_at), (None, Some(at(9))));
    assert_eq!(take_turns(store, &[(1, 7)], at(9)).await, [first]);
    assert_eq!(heads(store).await, [id(2), id(1)]);
}

pub(super) async fn what_waits_for_its_turn_expires_in_time(store: &Store) {
    let expires_at = at(0) + VALIDITY;
    store.insert(in_line(1, 1)).await;
    store.insert(message(2)).await;
    let due = store.ledger.due(ACCOUNT, Lane::Send, at(60), 10);
    assert_eq!(due.await.unwrap(), [id(2)], "its alarm is its expiry");
    let due = store.ledger.due(ACCOUNT, Lane::Send, expires_at, 10);
    assert_eq!(due.await.unwrap(), [id(2), id(1)]);
    assert!(!store.ledger.expire(id(1), at(60)).await.unwrap());
    let pushed = store
        .ledger
        .push_alarm(id(1), Status::Queued, expires_at, at(60));
    assert!(pushed.await.unwrap());
    assert_eq!(store.get(id(1)).await.wake_at, Some(expires_at));
    assert!(store.ledger.expire(id(1), expires_at).await.unwrap());
    assert_eq!(store.get(id(1)).await.status, Status::Failed);
    assert_eq!(heads(store).await, []);
}

pub(super) async fn the_senders_that_are_waited_for_are_told_once(store: &Store) {
    for number in 1..=3 {
        let class = Class::ALL[usize::try_from(number).unwrap() - 1];
        store.insert(of(class, in_line(number, 1))).await;
    }
    store.insert(from(OTHER_SENDER, in_line(4, 1))).await;
    store.insert(from("+15005550001", message(5))).await;
    let elsewhere = NewMessage {
        account: OTHER_ACCOUNT.to_owned(),
        sender: Some("MYBRAND".to_owned()),
        ..in_line(6, 0)
    };
    store.insert(elsewhere).await;
    let waited_for = async || {
        let mut senders = store.ledger.waited_for(ACCOUNT).await.unwrap();
        senders.sort();
        senders
    };
    assert_eq!(waited_for().await, [SENDER, OTHER_SENDER]);
    store.delete(id(4), at(1)).await;
    assert_eq!(waited_for().await, [SENDER]);
}

pub(super) async fn whatever_waits_for_a_sender_or_leaves_from_it_is_listed(store: &Store) {
    store.insert(message(1)).await;
    store.insert(in_line(2, 1)).await;
    let scheduled = NewMessage {
        send_at: Some(at(3600)),
        ..message(3)
    };
    store.insert(of(Class::Bulk, scheduled)).await;
    store.insert(from(OTHER_SENDER, message(4))).await;
    store.sending(message(5), token(5)).await;
    store.sending(message(8), token(8)).await;
    store.delete(id(8), at(1)).await;
    store
        .sending(from(OTHER_SENDER, message(9)), token(9))
        .await;
    store.accepted(message(10), sid(10)).await;
    let deleted = store.insert(message(6)).await;
    store.delete(deleted, at(1)).await;
    let elsewhere = NewMessage {
        account: OTHER_ACCOUNT.to_owned(),
        ..message(7)
    };
    store.insert(elsewhere).await;
    let open = async |status, limit| {
        let found = store.ledger.open_from(ACCOUNT, SENDER, status, limit);
        let mut found = found.await.unwrap();
        found.sort_by_key(|message| message.id);
        found
    };
    for (status, listed) in [
        (Status::Queued, &[id(1), id(2), id(3)][..]),
        (Status::Sending, &[id(5), id(8)]),
    ] {
        assert_eq!(open(status, 10).await, store.documents(listed).await);
        assert_eq!(open(status, 2).await.len(), 2);
        assert_eq!(open(status, 0).await, []);
    }
}

pub(super) async fn what_leaves_another_sender_is_not_claimed(store: &Store) {
    store.insert(in_line(1, 1)).await;
    store.insert(from(OTHER_SENDER, in_line(2, 2))).await;
    store.insert(from("+15005550001", in_line(3, 3))).await;
    let others = [address(OTHER_SENDER)];
    let by = Claimant {
        others: &others,
        ..BY
    };
    let before = store.get(id(2)).await;
    let batch = store.documents(&[id(1), id(2), id(3)]).await;
    let terms = claim(token(1), at(1));
    let claimed = store.ledger.claim_these(batch, by, terms).await;
    let mut claimed = claimed.unwrap();
    claimed.sort_by_key(|message| message.id);
    assert_eq!(ids(&claimed), [id(1), id(3)]);
    let senders: BTreeSet<_> = claimed.iter().map(|m| m.sender.as_deref()).collect();
    assert_eq!(senders, [Some(SENDER)].into(), "nobody else has the third");
    assert_eq!(store.get(id(2)).await, before);
}

pub(super) async fn what_waits_is_claimed_as_it_was_read(store: &Store) {
    for number in 1..=3 {
        let place = i64::try_from(number).unwrap();
        store.insert(in_line(number, place)).await;
    }
    let heads = store
        .ledger
        .waiting(ACCOUNT, &[SENDER], Class::Transactional, 3);
    let heads = heads.await.unwrap();
    store.delete(id(2), at(1)).await;
    let won = store
        .ledger
        .claim_these(heads, BY, claim(token(1), at(1)))
        .await;
    let mut won = won.unwrap();
    won.sort_by_key(|message| message.id);
    assert_eq!(won, store.documents(&[id(1), id(3)]).await);
    for message in won {
        assert_eq!(message.status, Status::Sending);
        assert!(message.turn.is_some(), "it is kept");
    }
}

/// A job is a hint, and the message may have got a turn since.
pub(super) async fn what_waits_for_its_turn_is_not_claimed_by_its_job(store: &Store) {
    let ids = [
        store.insert(in_line(1, 1)).await,
        store.insert(message(2)).await,
    ];
    let claimed = store.ledger.claim(&ids, BY, claim(token(1), at(1))).await;
    assert_eq!(self::ids(&claimed.unwrap()), [id(2)]);
    assert_eq!(heads(store).await, [id(1)]);
    let read = store.documents(&ids[..1]).await;
    let freed = store.ledger.leave_lines(read, at(2)).await.unwrap();
    assert_eq!((freed[0].turn, freed[0].wake_at), (None, Some(at(2))));
    assert_eq!(heads(store).await, []);
    assert!(store.claim(id(1), claim(token(2), at(2))).await);
}

/// Moves a message to the other sender; tells whether it did.
async fn move_away(ledger: &Ledger, messages: Vec<Message>) -> bool {
    let moves = HashMap::from([(id(1), (address(OTHER_SENDER), Some(turn(9))))]);
    let leaving = ledger.move_to(messages, &moves, at(2)).await.unwrap();
    !leaving.is_empty()
}

/// Otherwise the slower of two would move it on from where nobody wants it moved from.
pub(super) async fn what_one_has_moved_no_other_moves_on(store: &Store) {
    let read = vec![store.get(store.insert(in_line(1, 1)).await).await];
    assert!(move_away(&store.ledger, read.clone()).await);
    let elsewhere = HashMap::from([(id(1), (address("ELSEWHERE"), None))]);
    let moved = store.ledger.move_to(read, &elsewhere, at(3)).await;
    assert!(moved.unwrap().is_empty());
    let sender = store.get(id(1)).await.sender;
    assert_eq!(sender.as_deref(), Some(OTHER_SENDER));
}

/// The worker of the first sender, who knows the second one.
async fn claim_here(ledger: &Ledger, messages: Vec<Message>, terms: Claim) -> bool {
    let others = [address(OTHER_SENDER)];
    let by = Claimant {
        others: &others,
        ..BY
    };
    let claimed = ledger.claim_these(messages, by, terms).await.unwrap();
    !claimed.is_empty()
}

pub(super) async fn a_claim_that_a_move_overtakes_is_not_won(store: &Store) {
    let read = vec![store.get(store.insert(in_line(1, 1)).await).await];
    let ledger = with(store, |other| async move {
        let messages = other.read(&[id(1)]).await.unwrap();
        assert!(move_away(&other, messages).await);
    });
    assert!(!claim_here(&ledger, read, claim(token(1), at(2))).await);
    let moved = store.get(id(1)).await;
    assert_eq!(moved.status, Status::Queued);
    assert_eq!(moved.sender.as_deref(), Some(OTHER_SENDER));
    assert_eq!(moved.turn, Some(turn(9)));
    assert_eq!(moved.timeline.last().unwrap().event, Event::Moved);
    assert_eq!(heads(store).await, []);
    let there = waiting(store, &[OTHER_SENDER], Class::Transactional).await;
    assert_eq!(there, [id(1)]);
}

pub(super) async fn a_move_that_a_claim_overtakes_changes_nothing(store: &Store) {
    let read = vec![store.get(store.insert(in_line(1, 1)).await).await];
    let ledger = with(store, |other| async move {
        let messages = other.read(&[id(1)]).await.unwrap();
        assert!(claim_here(&other, messages, claim(token(1), at(2))).await);
    });
    assert!(!move_away(&ledger, read).await);
    let claimed = store.get(id(1)).await;
    assert_eq!(claimed.status, Status::Sending);
    assert_eq!(claimed.sender.as_deref(), Some(SENDER));
}

/// All of them have read it before anybody did anything.
pub(super) async fn of_racing_moves_and_claims_one_sender_has_it(store: &Store) {
    let read = vec![store.get(store.insert(in_line(1, 1)).await).await];
    let done = race(|number| {
        let (ledger, read) = (store.ledger.clone(), read.clone());
        async move {
            if number % 2 == 0 {
                (
                    claim_here(&ledger, read, claim(token(number), at(2))).await,
                    false,
                )
            } else {
                (false, move_away(&ledger, read).await)
            }
        }
    })
    .await;
    let claims = done.iter().filter(|(claimed, _)| *claimed).count();
    let moves = done.iter().filter(|(_, moved)| *moved).count();
    let message = store.get(id(1)).await;
    if message.status == Status::Sending {
        assert_eq!((claims, moves), (1, 0));
        assert_eq!(message.sender.as_deref(), Some(SENDER));
    } else {
        assert_eq!(claims, 0);
        assert!(moves > 0);
        assert_eq!(message.sender.as_deref(), Some(OTHER_SENDER));
    }
}

pub(super) async fn quiet_hours_take_the_turn_and_move_the_expiry(store: &Store) {
    store.insert(in_line(1, 1)).await;
    store.sending(in_line(2, 2), token(2)).await;
    let messages = store.documents(&[id(1), id(2)]).await;
    let open: HashMap<_, _> = [(id(1), at(3600)), (id(2), at(3600))].into();
    let waits = store.ledger.wait_until(messages, &open, at(60)).await;
    assert_eq!(ids(&waits.unwrap()), [id(1)]);
    assert_eq!(heads(store).await, []);
    let quiet = store.get(id(1)).await;
    assert_eq!(quiet.not_before, at(3600));
    assert_eq!((quiet.turn, quiet.wake_at), (None, Some(at(3600))));
    assert_eq!(quiet.expires_at, at(3540) + VALIDITY);
}
