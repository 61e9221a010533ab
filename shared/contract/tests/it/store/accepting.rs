//! Storing new messages.

use mysms_core::domain::{
    Body, Class, Direction, Event, Media, MediaUrl, Medium, Message, NewMessage, Status,
    TimelineEntry, Timestamp, Turn, Zone,
};
use mysms_core::store::Inserted;

use super::adapters::Store;
use super::fixtures::{
    ACCOUNT, VALIDITY, address, at, fact, id, idempotency, message, number, only_pictures, picture,
    pictures, race, reference, sid, tags, text, token, user,
};

pub(super) async fn a_message_is_read_back_field_by_field(store: &Store) {
    let new = NewMessage {
        body: text("Grüße, 你好 👋\n\"quoted\" $set {$literal: 1}"),
        idempotency: Some(idempotency("order-17")),
        retry_of: Some(id(7)),
        reference: Some(reference("$owner \u{2028} ’\"\\")),
        tags: tags(&["order.id:$body", "a_b-C:x:y \"’", "0: "]),
        media: Media::of([
            picture("https://x/$body?a=\"&b='"),
            Medium {
                size: Some(5_000_000_000),
                ..Medium::at(MediaUrl::parse("$$REMOVE".to_owned()).unwrap())
            },
        ])
        .unwrap(),
        class: Class::Bulk,
        turn: Some(Turn::from_micros(-5_000_000_000_000)),
        time_zone: Some(Zone::parse("Europe/Berlin").unwrap()),
        ..message(8)
    };
    store.insert(new.clone()).await;
    let expected = Message {
        id: id(8),
        owner: user(1),
        account: ACCOUNT.to_owned(),
        direction: Direction::Outbound,
        sender: new.sender,
        class: Class::Bulk,
        turn: new.turn,
        time_zone: new.time_zone,
        assigned_at: None,
        unread: false,
        recipient: Some(number("+14155550123")),
        body: Some(new.body),
        media: new.media,
        counterpart: Some(address("+14155550123")),
        sent_at: at(0),
        send_at: None,
        version: 1,
        updated_at: at(0),
        expires_at: at(0) + VALIDITY,
        status: Status::Queued,
        not_before: Timestamp::EPOCH,
        wake_at: Some(at(0) + VALIDITY),
        erase_at: None,
        lease: None,
        attempts: 0,
        first_attempt_at: None,
        last_claim_at: None,
        unseen: 0,
        provider: None,
        polls: 0,
        error_code: None,
        delivered_at: None,
        idempotency: Some(idempotency("order-17")),
        retry_of: Some(id(7)),
        reference: new.reference,
        tags: new.tags,
        visible: true,
        deleted_at: None,
        timeline: vec![TimelineEntry::new(at(0), Event::Queued).with_status(Status::Queued)],
    };
    assert_eq!(store.get(id(8)).await, expected);
}

pub(super) async fn one_of_pictures_alone_has_an_empty_text(store: &Store) {
    let urls = ["https://x/0", "https://x/1"];
    let id = store.insert(only_pictures(1, &urls)).await;
    let stored = store.get(id).await;
    assert_eq!(stored.body, Some(Body::empty()));
    assert_eq!(stored.media, pictures(&urls));
}

pub(super) async fn a_scheduled_message_waits_for_its_time(store: &Store) {
    let scheduled = NewMessage {
        send_at: Some(at(600)),
        ..message(1)
    };
    let id = store.insert(scheduled).await;
    let stored = store.get(id).await;
    assert_eq!(stored.send_at, Some(at(600)));
    assert_eq!(stored.not_before, at(600));
    assert_eq!(stored.wake_at, Some(at(600)));
    assert_eq!(stored.status, Status::Queued);
}

pub(super) async fn messages_that_do_not_exist_are_left_out(store: &Store) {
    store.insert(message(1)).await;
    store.insert(message(2)).await;
    let found = store.documents(&[id(9), id(2), id(1), id(2)]).await;
    let found: Vec<_> = found.iter().map(|message| message.id).collect();
    assert_eq!(found, [id(1), id(2)]);
    assert!(store.documents(&[]).await.is_empty());
}

pub(super) async fn an_idempotency_key_is_used_once_by_each_owner(store: &Store) {
    let with_key = |number| NewMessage {
        idempotency: Some(idempotency("order-17")),
        ..message(number)
    };
    store.insert(with_key(1)).await;
    let first = store.get(id(1)).await;
    let again = store.ledger.insert(with_key(2)).await.unwrap();
    assert_eq!(again, Inserted::KeyUsed(Box::new(first.clone())));
    assert!(
        store.documents(&[id(2)]).await.is_empty(),
        "nothing new is stored"
    );

    let of_another = NewMessage {
        owner: user(2),
        ..with_key(3)
    };
    store.insert(of_another).await;
}

pub(super) async fn a_message_is_found_by_its_owners_key(store: &Store) {
    let key = idempotency("order-17").key;
    store.insert(message(1)).await;
    assert_eq!(store.ledger.keyed(user(1), &key).await.unwrap(), None);
    let with_key = NewMessage {
        idempotency: Some(idempotency("order-17")),
        ..message(2)
    };
    store.insert(with_key).await;
    let found = store.ledger.keyed(user(1), &key).await.unwrap();
    assert_eq!(found, Some(store.get(id(2)).await));
    assert_eq!(store.ledger.keyed(user(2), &key).await.unwrap(), None);
    store.delete(id(2), at(1)).await;
    let tombstone = store.ledger.keyed(user(1), &key).await.unwrap().unwrap();
    assert!(!tombstone.visible);
}

pub(super) async fn one_of_twenty_racing_requests_with_one_key_is_stored(store: &Store) {
    let inserted = race(|number| {
        let ledger = store.ledger.clone();
        let new = NewMessage {
            idempotency: Some(idempotency("order-17")),
            ..message(number)
        };
        async move { (new.id, ledger.insert(new).await.unwrap()) }
    })
    .await;
    let stored = inserted
        .iter()
        .filter(|(_, inserted)| *inserted == Inserted::Stored);
    let winners: Vec<_> = stored.map(|(id, _)| *id).collect();
    assert_eq!(winners.len(), 1);
    for (_, inserted) in inserted {
        if let Inserted::KeyUsed(first) = inserted {
            assert_eq!(first.id, winners[0]);
        }
    }
}

pub(super) async fn what_was_written_survives_reopening(store: &Store) {
    let ids = [id(1), id(2), id(3), id(4)];
    store.insert(message(1)).await;
    store.sending(message(2), token(1)).await;
    let accepted = store.accepted(message(3), sid(3)).await;
    store
        .fact(&fact(accepted, sid(3), "delivered", at(9)))
        .await;
    store.accepted(message(4), sid(4)).await;
    store.delete(id(4), at(10)).await;

    let written = store.documents(&ids).await;
    let reopened = store.reopened().await;
    assert_eq!(reopened.documents(&ids).await, written);
    assert_eq!(written.len(), ids.len());
}
