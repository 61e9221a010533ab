//! SIDs that the provider's list showed.

use mysms_core::domain::{Event, Provider, Status};
use mysms_core::ledger::Adoption;

use super::adapters::Store;
use super::fixtures::{at, fact, id, message, race, sid, token};

pub(super) async fn the_holder_adopts_what_the_list_showed(store: &Store) {
    let id = store.sending(message(1), token(1)).await;
    let listed = fact(id, sid(5), "sent", at(95));
    let adoption = store.ledger.adopt(id, token(1), &listed).await.unwrap();
    assert_eq!(adoption, Adoption::Adopted);
    let adopted = store.get(id).await;
    let provider = Provider {
        sid: sid(5),
        at: at(95),
        adopted: true,
    };
    assert_eq!(adopted.provider, Some(provider));
    assert_eq!(adopted.status, Status::Sent);
    assert_eq!(adopted.lease, None);
    assert_eq!(adopted.wake_at, listed.poll_at);
    let events: Vec<_> = adopted.timeline.iter().map(|entry| entry.event).collect();
    assert!(
        events.ends_with(&[Event::Adopted, Event::Provider]),
        "{events:?}"
    );
}

pub(super) async fn a_sid_with_an_owner_is_not_adopted(store: &Store) {
    store.accepted(message(1), sid(1)).await;
    let in_doubt = store.sending(message(2), token(2)).await;
    let before = store.documents(&[id(1), id(2)]).await;
    let listed = fact(in_doubt, sid(1), "delivered", at(95));
    let adoption = store
        .ledger
        .adopt(in_doubt, token(2), &listed)
        .await
        .unwrap();
    assert_eq!(adoption, Adoption::SidTaken);
    assert_eq!(store.documents(&[id(1), id(2)]).await, before);
}

pub(super) async fn one_of_twenty_racing_adoptions_gets_the_sid(store: &Store) {
    for number in 0..20 {
        store.sending(message(number), token(number)).await;
    }
    let adoptions = race(|number| {
        let ledger = store.ledger.clone();
        async move {
            let listed = fact(id(number), sid(5), "sent", at(95));
            let adoption = ledger.adopt(id(number), token(number), &listed).await;
            (id(number), adoption.unwrap())
        }
    })
    .await;
    let adopted = adoptions
        .iter()
        .filter(|(_, adoption)| *adoption == Adoption::Adopted);
    let winners: Vec<_> = adopted.map(|(id, _)| *id).collect();
    assert_eq!(winners.len(), 1);
    assert!(
        adoptions
            .iter()
            .all(|(_, adoption)| *adoption != Adoption::NotHeld)
    );
    let owners = store.ledger.owners(&[sid(5)]).await.unwrap();
    assert_eq!(
        owners.iter().map(|owner| owner.id).collect::<Vec<_>>(),
        winners
    );
}

pub(super) async fn owners_are_told_with_the_time_of_their_sid(store: &Store) {
    let first = store.sending(message(1), token(1)).await;
    store.fact(&fact(first, sid(1), "accepted", at(7))).await;
    store.fact(&fact(first, sid(1), "sent", at(8))).await;
    store.accepted(message(2), sid(2)).await;
    store.delete(id(2), at(20)).await;
    let mut owners = store
        .ledger
        .owners(&[sid(3), sid(2), sid(1)])
        .await
        .unwrap();
    owners.sort_by_key(|owner| owner.id);
    let told: Vec<_> = owners
        .into_iter()
        .map(|owner| (owner.sid, owner.id, owner.at))
        .collect();
    assert_eq!(told, [(sid(1), id(1), at(7)), (sid(2), id(2), at(0))]);
    assert!(store.ledger.owners(&[]).await.unwrap().is_empty());
}
