//! A second SID for a message: the provider took the text twice, or took an identical one.

use mysms_core::domain::{Event, Fact, MessageId, NewMessage, Status};
use mysms_core::ledger::FactOutcome;

use super::adapters::Store;
use super::fixtures::{
    OTHER_ACCOUNT, at, fact, id, message, number, only_pictures, sid, text, token, twin, user,
};

/// The SID that is one too many.
fn second(id: MessageId, word: &str) -> Fact {
    fact(id, sid(99), word, at(50))
}

fn surplus(id: MessageId, taken_twice: bool) -> FactOutcome {
    let owner = user(1);
    FactOutcome::Surplus {
        id,
        owner,
        taken_twice,
    }
}

/// A message that got its SID from the provider's list.
async fn adopted(store: &Store, new: NewMessage) -> MessageId {
    let id = store.sending(new, token(1)).await;
    let listed = fact(id, sid(1), "accepted", at(20));
    let adoption = store.ledger.adopt(id, token(1), &listed).await.unwrap();
    assert_eq!(adoption, mysms_core::ledger::Adoption::Adopted);
    id
}

pub(super) async fn it_is_recorded_and_counted_once(store: &Store) {
    let id = store.accepted(twin(1), sid(1)).await;
    let before = store.get(id).await;
    let accepted = second(id, "accepted");
    assert_eq!(store.fact(&accepted).await, surplus(id, true));
    assert_eq!(store.fact(&accepted).await, surplus(id, false));
    assert_eq!(store.fact(&second(id, "sent")).await, surplus(id, false));
    let after = store.get(id).await;
    assert_eq!(after.provider, before.provider, "a SID never changes");
    assert_eq!(
        (after.status, after.wake_at),
        (before.status, before.wake_at)
    );
    let listed = after
        .timeline
        .iter()
        .filter(|entry| entry.event == Event::Surplus);
    let listed: Vec<_> = listed
        .map(|entry| (entry.sid.clone(), entry.status))
        .collect();
    let twice = Some(sid(99));
    assert_eq!(
        listed,
        [
            (twice.clone(), Some(Status::Accepted)),
            (twice, Some(Status::Sent))
        ]
    );
    let third = fact(id, sid(98), "accepted", at(60));
    assert_eq!(
        store.fact(&third).await,
        surplus(id, true),
        "each SID counts"
    );
    assert!(
        store
            .ledger
            .owners(&[sid(99), sid(98)])
            .await
            .unwrap()
            .is_empty()
    );
}

pub(super) async fn only_its_receipt_is_evidence(store: &Store) {
    let id = store.accepted(twin(1), sid(1)).await;
    for word in ["sent", "canceled", "failed", "undelivered"] {
        store.fact(&second(id, word)).await;
        assert_eq!(store.get(id).await.status, Status::Accepted, "{word}");
    }
    assert_eq!(
        store.fact(&second(id, "delivered")).await,
        surplus(id, false)
    );
    let delivered = store.get(id).await;
    assert_eq!(delivered.status, Status::Delivered);
    assert_eq!(delivered.delivered_at, Some(at(50)));
    assert_eq!(delivered.wake_at, None);
    assert_eq!(delivered.provider.unwrap().sid, sid(1));
}

pub(super) async fn it_may_be_a_twins_if_the_own_sid_is_from_a_list(store: &Store) {
    let id = adopted(store, twin(1)).await;
    store.sending(twin(2), token(2)).await;
    assert_eq!(
        store.fact(&second(id, "delivered")).await,
        surplus(id, false)
    );
    assert_eq!(store.get(id).await.status, Status::Accepted);

    let look = fact(super::fixtures::id(2), sid(99), "delivered", at(95));
    let found = store
        .ledger
        .adopt(super::fixtures::id(2), token(2), &look)
        .await;
    assert_eq!(
        found.unwrap(),
        mysms_core::ledger::Adoption::Adopted,
        "the twin's own look finds it"
    );
}

pub(super) async fn without_a_twin_it_counts_but_proves_nothing_of_a_listed_sid(store: &Store) {
    let id = adopted(store, twin(1)).await;
    assert_eq!(
        store.fact(&second(id, "delivered")).await,
        surplus(id, true)
    );
    assert_eq!(store.get(id).await.status, Status::Accepted);
}

pub(super) async fn a_twin_is_the_same_text_to_the_same_number_in_doubt(store: &Store) {
    let id = adopted(store, twin(1)).await;
    let other_text = NewMessage {
        body: text("ok!"),
        ..twin(2)
    };
    let other_number = NewMessage {
        recipient: number("+14155550199"),
        ..twin(3)
    };
    let other_account = NewMessage {
        account: OTHER_ACCOUNT.to_owned(),
        ..twin(4)
    };
    for (new, number) in [(other_text, 2), (other_number, 3), (other_account, 4)] {
        store.sending(new, token(number)).await;
    }
    store.insert(twin(5)).await;
    store.accepted(twin(6), sid(6)).await;
    assert_eq!(store.fact(&second(id, "sent")).await, surplus(id, true));
}

pub(super) async fn pictures_without_words_are_twins_and_no_others(store: &Store) {
    let id = adopted(store, only_pictures(1, &["https://x/0"])).await;
    store.sending(message(2), token(2)).await;
    assert_eq!(store.fact(&second(id, "sent")).await, surplus(id, true));
    store
        .sending(only_pictures(3, &["https://x/1"]), token(3))
        .await;
    assert_eq!(store.fact(&second(id, "sent")).await, surplus(id, false));
}

pub(super) async fn a_deleted_twin_in_doubt_is_one_still(store: &Store) {
    let first = adopted(store, twin(1)).await;
    store.sending(twin(2), token(2)).await;
    store.delete(id(2), at(30)).await;
    assert_eq!(
        store.fact(&second(first, "sent")).await,
        surplus(first, false)
    );
}

pub(super) async fn a_twin_does_not_matter_if_the_own_sid_was_answered(store: &Store) {
    let id = store.accepted(twin(1), sid(1)).await;
    store.sending(twin(2), token(2)).await;
    assert_eq!(
        store.fact(&second(id, "delivered")).await,
        surplus(id, true)
    );
    assert_eq!(store.get(id).await.status, Status::Delivered);
}
