//! What recipients want, and what then becomes of the messages to them.

use std::sync::Arc;

use mysms_core::domain::{
    Address, Consent, Event, Inbound, Media, MessageId, NewMessage, OwnError, Receiver, Status,
    UserId, Wish,
};

use super::adapters::Store;
use super::fixtures::{
    ACCOUNT, SENDER, address, at, claim, id, message, number, race, sid, token, user,
};

const ANNA: &str = "+14155550123";
const BERT: &str = "+14155550199";
const SERVICE: &str = "MG0123456789abcdef0123456789abcdef";

/// What Anna said to our sender at a second.
pub(super) fn said(consent: Consent, second: u64) -> Wish {
    Wish {
        recipient: address(ANNA),
        senders: vec![SENDER.to_owned()],
        consent,
        at: at(second),
    }
}

pub(super) fn stop(second: u64) -> Wish {
    said(Consent::Withdrawn, second)
}

fn start(second: u64) -> Wish {
    said(Consent::Given, second)
}

async fn note(store: &Store, wish: &Wish) {
    store.opt_outs.note(wish, wish.at).await.unwrap();
}

/// Those of Anna and Bert that want no texts from a sender.
async fn unwilling(store: &Store, sender: &str) -> Vec<Address> {
    let both = [address(ANNA), address(BERT)];
    let mut found = store.opt_outs.opted_out(sender, &both).await.unwrap();
    found.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    found
}

async fn refuse(store: &Store, wish: &Wish, limit: usize) -> usize {
    note(store, wish).await;
    store.refuse_queued(wish, at(9), limit).await.len()
}

pub(super) async fn of_what_was_said_at_one_time_the_withdrawal_counts(store: &Store) {
    for first_is_stop in [true, false] {
        let second = if first_is_stop { 2 } else { 5 };
        let wishes = [stop(second), start(second)];
        let wishes = if first_is_stop {
            wishes
        } else {
            [start(second), stop(second)]
        };
        for wish in &wishes {
            note(store, wish).await;
        }
        assert_eq!(unwilling(store, SENDER).await, [address(ANNA)]);
    }
}

pub(super) async fn the_latest_wish_counts_in_whatever_order_it_is_heard_of(store: &Store) {
    assert_eq!(unwilling(store, SENDER).await, []);
    let (anna, nobody) = ([address(ANNA)], []);
    note(store, &stop(2)).await;
    assert_eq!(unwilling(store, SENDER).await, anna);
    note(store, &start(4)).await;
    assert_eq!(unwilling(store, SENDER).await, nobody);
    note(store, &stop(3)).await;
    assert_eq!(unwilling(store, SENDER).await, nobody, "that was before");
    note(store, &stop(5)).await;
    note(store, &start(4)).await;
    assert_eq!(unwilling(store, SENDER).await, anna);
}

pub(super) async fn the_latest_of_twenty_racing_wishes_counts(store: &Store) {
    race(|second| {
        let opt_outs = Arc::clone(&store.opt_outs);
        // The last of them is a withdrawal.
        let wish = if second % 2 == 1 {
            stop(second)
        } else {
            start(second)
        };
        async move {
            // As its callers do, while what another wrote is not stored for good.
            while opt_outs.note(&wish, wish.at).await.is_err() {
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
    assert_eq!(unwilling(store, SENDER).await, [address(ANNA)]);
    note(store, &start(18)).await;
    assert_eq!(unwilling(store, SENDER).await, [address(ANNA)]);
    note(store, &start(20)).await;
    assert_eq!(unwilling(store, SENDER).await, []);
}

pub(super) async fn a_wish_is_about_its_senders_only(store: &Store) {
    let both = Wish {
        senders: vec![SENDER.to_owned(), SERVICE.to_owned()],
        ..stop(1)
    };
    note(store, &both).await;
    let of_bert = Wish {
        recipient: address(BERT),
        ..stop(1)
    };
    note(store, &of_bert).await;
    assert_eq!(unwilling(store, SENDER).await, [ANNA, BERT].map(address));
    assert_eq!(unwilling(store, SERVICE).await, [address(ANNA)]);
    assert_eq!(unwilling(store, "+15005550009").await, []);
    note(store, &start(2)).await;
    assert_eq!(unwilling(store, SENDER).await, [address(BERT)]);
    assert_eq!(unwilling(store, SERVICE).await, [address(ANNA)]);
}

pub(super) async fn what_was_noted_since_is_told(store: &Store) {
    store.opt_outs.note(&stop(1), at(10)).await.unwrap();
    let of_bert = Wish {
        recipient: address(BERT),
        ..stop(2)
    };
    store.opt_outs.note(&of_bert, at(20)).await.unwrap();
    let since = async |second| {
        let found = store.opt_outs.opted_out_since(SENDER, at(second));
        found.await.unwrap()
    };
    assert_eq!(since(0).await.len(), 2);
    assert_eq!(since(11).await, [address(BERT)]);
    assert_eq!(since(20).await, [address(BERT)]);
    assert_eq!(since(21).await, []);
    let elsewhere = store.opt_outs.opted_out_since(SERVICE, at(0));
    assert_eq!(elsewhere.await.unwrap(), []);
    // Who wants texts again need not be known to those who look.
    store.opt_outs.note(&start(3), at(30)).await.unwrap();
    assert_eq!(since(0).await, [address(BERT)]);
}

pub(super) async fn what_waits_to_be_sent_to_them_fails_unsent(store: &Store) {
    let at_once = store.insert(message(1)).await;
    let scheduled = NewMessage {
        owner: user(2),
        send_at: Some(at(50)),
        ..message(2)
    };
    let scheduled = store.insert(scheduled).await;
    // Nothing tells from where messages of earlier versions are to be sent.
    let older = NewMessage {
        sender: None,
        ..message(3)
    };
    let older = store.insert(older).await;
    note(store, &stop(5)).await;
    let mut owners = store.refuse_queued(&stop(5), at(9), 10).await;
    owners.sort();
    assert_eq!(owners, [user(1), user(1), user(2)]);
    for id in [at_once, scheduled, older] {
        let stored = store.get(id).await;
        assert_eq!(stored.status, Status::Failed);
        assert_eq!(
            stored.error_code.as_deref(),
            Some(OwnError::RecipientOptedOut.as_str())
        );
        assert_eq!((stored.wake_at, stored.updated_at), (None, at(9)));
        assert_eq!((stored.attempts, &stored.provider), (0, &None));
        let last = stored.timeline.last().unwrap();
        assert_eq!((last.at, last.event), (at(9), Event::OptedOut));
        assert_eq!(last.status, Some(Status::Failed));
        assert!(!store.claim(id, claim(token(1), at(60))).await);
    }
}

pub(super) async fn nothing_else_is_refused(store: &Store) {
    let elsewhere = NewMessage {
        sender: Some("+15005550009".to_owned()),
        ..message(1)
    };
    let to_bert = NewMessage {
        recipient: number(BERT),
        ..message(2)
    };
    let mut ids = vec![
        store.insert(elsewhere).await,
        store.insert(to_bert).await,
        store.sending(message(3), token(3)).await,
        store.accepted(message(4), sid(4)).await,
    ];
    let deleted = store.insert(message(5)).await;
    store.delete(deleted, at(1)).await;
    let canceled = store.insert(message(6)).await;
    store.ledger.cancel(user(1), canceled, at(1)).await.unwrap();
    let answer = Inbound {
        id: id(7),
        sid: sid(7),
        account: ACCOUNT.to_owned(),
        from: address(ANNA),
        to: address(SENDER),
        service: None,
        receiver: Receiver::Holder,
        otherwise: UserId::NOBODY,
        body: None,
        media: Media::default(),
        at: at(2),
        recovered_at: None,
        left: Vec::new(),
    };
    store.conversations.receive(&answer).await.unwrap();
    ids.extend([deleted, canceled, id(7)]);
    let before = store.documents(&ids).await;
    assert_eq!(refuse(store, &stop(5), 10).await, 0);
    assert_eq!(store.documents(&ids).await, before);
}

pub(super) async fn it_goes_on_in_parts(store: &Store) {
    let mut ids: Vec<MessageId> = Vec::new();
    for number in 1..=5 {
        ids.push(store.insert(message(number)).await);
    }
    for expected in [2, 2, 1, 0] {
        assert_eq!(refuse(store, &stop(5), 2).await, expected);
    }
    let messages = store.documents(&ids).await;
    assert!(messages.iter().all(|known| known.status == Status::Failed));
}

pub(super) async fn a_repeated_stop_ends_nothing_that_was_sent_since_a_start(store: &Store) {
    let both = |wish: Wish| Wish {
        senders: vec![SENDER.to_owned(), SERVICE.to_owned()],
        ..wish
    };
    let wanted = store.insert(message(1)).await;
    let from_the_service = NewMessage {
        sender: Some(SERVICE.to_owned()),
        ..message(2)
    };
    let from_the_service = store.insert(from_the_service).await;
    note(store, &both(stop(1))).await;
    note(store, &start(2)).await;
    assert_eq!(refuse(store, &stop(1), 10).await, 0);
    assert_eq!(store.get(wanted).await.status, Status::Queued);
    // Of the service they have not asked for texts again.
    assert_eq!(refuse(store, &both(stop(1)), 10).await, 1);
    assert_eq!(store.get(wanted).await.status, Status::Queued);
    assert_eq!(store.get(from_the_service).await.status, Status::Failed);
}
