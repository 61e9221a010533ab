//! Deleted messages stay deleted, and keep what protects others.

use mysms_core::domain::{Body, Event, Media, NewMessage, Status};
use mysms_core::ledger::Adoption;
use mysms_core::store::{Filter, Inserted, Order, Page};

use super::adapters::Store;
use super::fixtures::{
    at, claim, fact, id, idempotency, message, only_pictures, pictures, reference, sid, tags,
    token, user,
};

pub(super) async fn a_queued_message_is_never_sent_after_its_deletion(store: &Store) {
    let id = store.insert(message(1)).await;
    store.delete(id, at(5)).await;
    let deleted = store.get(id).await;
    assert_eq!(deleted.status, Status::Canceled);
    assert_eq!(deleted.wake_at, None);
    assert!(!deleted.visible);
    assert_eq!(deleted.deleted_at, Some(at(5)));
    assert_eq!(deleted.timeline.last().unwrap().event, Event::Deleted);
    assert!(!store.claim(id, claim(token(1), at(6))).await);
}

pub(super) async fn content_and_recipient_are_erased(store: &Store) {
    store.insert(message(1)).await;
    store.accepted(message(2), sid(2)).await;
    store.accepted(message(3), sid(3)).await;
    store.fact(&fact(id(3), sid(3), "delivered", at(2))).await;
    for number in 1..=3 {
        store.delete(id(number), at(5)).await;
        let erased = store.get(id(number)).await;
        assert_eq!(
            (erased.body, erased.recipient, erased.counterpart),
            (None, None, None)
        );
        assert_eq!(erased.wake_at, None, "nobody has to come back");
    }
}

/// They are the client's, as the text is.
pub(super) async fn reference_and_tags_are_erased_too(store: &Store) {
    let noted = |number| NewMessage {
        reference: Some(reference("order 17")),
        tags: tags(&["shop:1", "name:Anna"]),
        ..message(number)
    };
    store.insert(noted(1)).await;
    store.sending(noted(2), token(2)).await;
    for number in 1..=2 {
        store.delete(id(number), at(5)).await;
    }
    store.fact(&fact(id(2), sid(2), "sent", at(6))).await;
    for number in 1..=2 {
        let erased = store.get(id(number)).await;
        assert_eq!((erased.reference, erased.tags), (None, tags(&[])));
    }
}

pub(super) async fn pictures_are_erased_too(store: &Store) {
    let urls = ["https://x/0"];
    store.insert(only_pictures(1, &urls)).await;
    store.sending(only_pictures(2, &urls), token(2)).await;
    let with_text = NewMessage {
        media: pictures(&urls),
        ..message(3)
    };
    store.accepted(with_text, sid(3)).await;
    for number in 1..=3 {
        store.delete(id(number), at(5)).await;
    }
    let in_doubt = store.get(id(2)).await;
    assert_eq!(
        (in_doubt.body, in_doubt.media),
        (Some(Body::empty()), pictures(&urls)),
        "it is looked for by them"
    );
    store.fact(&fact(id(2), sid(2), "sent", at(6))).await;
    for number in 1..=3 {
        let erased = store.get(id(number)).await;
        assert_eq!((erased.body, erased.media), (None, Media::default()));
    }
}

pub(super) async fn one_that_is_being_sent_keeps_them_until_that_is_settled(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    let before = store.get(id).await;
    store.delete(id, at(5)).await;
    let in_doubt = store.get(id).await;
    assert_eq!(in_doubt.status, Status::Sending);
    assert_eq!(
        (in_doubt.lease, in_doubt.wake_at),
        (before.lease, before.wake_at)
    );
    assert_eq!(
        (&in_doubt.body, &in_doubt.recipient),
        (&before.body, &before.recipient)
    );

    store.fact(&fact(id, sid(1), "accepted", at(6))).await;
    let settled = store.get(id).await;
    assert_eq!(settled.status, Status::Accepted);
    assert_eq!(
        (settled.lease, settled.wake_at),
        (None, None),
        "and it is not polled"
    );
    assert_eq!(
        (settled.body, settled.recipient, settled.counterpart),
        (None, None, None)
    );
}

pub(super) async fn an_adopted_one_is_erased_too(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    store.delete(id, at(5)).await;
    let listed = fact(id, sid(1), "sent", at(95));
    let adoption = store.ledger.adopt(id, token(1), &listed).await.unwrap();
    assert_eq!(adoption, Adoption::Adopted);
    let settled = store.get(id).await;
    assert_eq!((settled.status, settled.wake_at), (Status::Sent, None));
    assert_eq!(
        (settled.body, settled.recipient, settled.counterpart),
        (None, None, None)
    );
}

pub(super) async fn a_late_callback_brings_nothing_back(store: &Store) {
    let with_sid = store.accepted(message(1), sid(1)).await;
    let never_sent = store.insert(message(2)).await;
    for id in [with_sid, never_sent] {
        store.delete(id, at(5)).await;
    }
    store
        .fact(&fact(with_sid, sid(1), "delivered", at(9)))
        .await;
    store.fact(&fact(never_sent, sid(2), "sent", at(9))).await;
    for id in [with_sid, never_sent] {
        let deleted = store.get(id).await;
        assert!(!deleted.visible);
        assert_eq!((deleted.wake_at, deleted.body), (None, None));
        assert_eq!(deleted.deleted_at, Some(at(5)));
        assert_eq!(store.history.find(user(1), id).await.unwrap(), None);
    }
    let page = Page {
        order: Order::OldestFirst,
        after: None,
        limit: 9,
        filter: Filter::default(),
    };
    let shown = store.history.page(user(1), page).await.unwrap();
    assert!(shown.messages.is_empty());
}

/// Or a client's retry would send again what its user deleted.
pub(super) async fn the_idempotency_key_stays_used(store: &Store) {
    let with_key = |number| NewMessage {
        idempotency: Some(idempotency("order-17")),
        ..message(number)
    };
    store.insert(with_key(1)).await;
    store.delete(id(1), at(5)).await;
    let tombstone = store.get(id(1)).await;
    assert_eq!(tombstone.idempotency, Some(idempotency("order-17")));
    let again = store.ledger.insert(with_key(2)).await.unwrap();
    assert_eq!(again, Inserted::KeyUsed(Box::new(tombstone)));
    assert!(store.documents(&[id(2)]).await.is_empty());
}

/// Or an identical text in doubt would adopt it, and never be sent.
pub(super) async fn the_sid_stays_taken(store: &Store) {
    store.accepted(message(1), sid(1)).await;
    store.delete(id(1), at(5)).await;
    let twin = store.sending(message(2), token(2)).await;
    let listed = fact(twin, sid(1), "sent", at(95));
    let adoption = store.ledger.adopt(twin, token(2), &listed).await.unwrap();
    assert_eq!(adoption, Adoption::SidTaken);
    store.fact(&listed).await;
    assert_eq!(store.get(twin).await.provider, None);
    assert_eq!(store.get(id(1)).await.status, Status::Sent);
}

pub(super) async fn deleting_all_reaches_every_status_and_no_other_user(store: &Store) {
    store.insert(message(1)).await;
    store.sending(message(2), token(2)).await;
    store.accepted(message(3), sid(3)).await;
    let of_another = NewMessage {
        owner: user(2),
        ..message(4)
    };
    store.insert(of_another).await;
    let untouched = store.get(id(4)).await;
    assert_eq!(
        store
            .ledger
            .delete_all(user(1), at(5))
            .await
            .unwrap()
            .messages,
        3
    );
    let statuses = [Status::Canceled, Status::Sending, Status::Accepted];
    for (number, status) in (1..).zip(statuses) {
        let deleted = store.get(id(number)).await;
        assert_eq!((deleted.status, deleted.deleted_at), (status, Some(at(5))));
    }
    assert_eq!(store.get(id(4)).await, untouched);
}
