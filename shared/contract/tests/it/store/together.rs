//! Calls that come at the same time may share a round trip, and nothing else.

use futures_util::future::join_all;
use mysms_core::domain::{FactEffect, NewMessage, Status};
use mysms_core::ledger::FactOutcome;
use mysms_core::store::Inserted;
use tokio::task::{AbortHandle, JoinSet};

use super::adapters::Store;
use super::fixtures::{OTHER_ACCOUNT, at, fact, id, idempotency, message, sid, token, user};

pub(super) async fn inserts_are_each_judged_alone(store: &Store) {
    let keyed = |number| NewMessage {
        idempotency: Some(idempotency("the-same")),
        ..message(number)
    };
    store.insert(keyed(100)).await;
    let mut new: Vec<_> = (1..=40).map(message).collect();
    new.insert(7, keyed(101));
    new.insert(30, keyed(102));
    new.push(message(3));
    let inserts = new.into_iter().map(async |new| {
        let id = new.id;
        (id, store.ledger.insert(new).await.unwrap())
    });
    for (inserted, result) in join_all(inserts).await {
        match result {
            Inserted::Stored => assert_eq!(store.get(inserted).await.id, inserted),
            Inserted::KeyUsed(first) => {
                assert_eq!(first.id, id(100));
                assert!([id(101), id(102)].contains(&inserted));
            }
        }
    }
    assert_eq!(
        store
            .documents(&(101..103).map(id).collect::<Vec<_>>())
            .await,
        []
    );
}

pub(super) async fn facts_are_each_judged_alone(store: &Store) {
    let mut ids = Vec::new();
    for number in 1..=12 {
        ids.push(store.sending(message(number), token(number)).await);
    }
    let has_another = store.accepted(message(13), sid(13)).await;
    let mut facts = Vec::new();
    for (number, id) in (1..).zip(&ids) {
        for (word, second) in [("accepted", 3), ("delivered", 5), ("sent", 4)] {
            facts.push(fact(*id, sid(number), word, at(second)));
        }
    }
    let surplus = fact(has_another, sid(14), "delivered", at(6));
    let unknown = fact(id(99), sid(99), "sent", at(6));
    let mut foreign = fact(ids[0], sid(1), "failed", at(6));
    OTHER_ACCOUNT.clone_into(&mut foreign.account);
    facts.splice(9..9, [surplus.clone(), unknown.clone(), foreign.clone()]);

    let merged = facts.iter().map(|fact| store.fact(fact));
    let outcomes = join_all(merged).await;

    for (fact, outcome) in facts.iter().zip(outcomes) {
        let as_expected = match outcome {
            FactOutcome::Applied { id, .. } => fact.message == Some(id),
            FactOutcome::Surplus { taken_twice, .. } => *fact == surplus && taken_twice,
            FactOutcome::NoMessage => *fact == unknown,
            FactOutcome::ForeignAccount { .. } => *fact == foreign,
        };
        assert!(as_expected, "{fact:?}: {outcome:?}");
    }
    for (number, id) in (1..).zip(&ids) {
        let delivered = store.get(*id).await;
        assert_eq!(delivered.status, Status::Delivered);
        assert_eq!(delivered.provider.unwrap().sid, sid(number));
        assert_eq!(delivered.delivered_at, Some(at(5)));
        let again = store.fact(&fact(*id, sid(number), "sent", at(9))).await;
        let known = FactOutcome::Applied {
            id: *id,
            owner: user(1),
            effect: FactEffect::Unchanged,
        };
        assert_eq!(again, known, "all were recorded");
    }
    assert_eq!(store.get(has_another).await.provider.unwrap().sid, sid(13));
}

pub(super) async fn whoever_goes_away_takes_no_neighbour_along(store: &Store) {
    let (mut inserts, mut leaving) = (JoinSet::new(), Vec::new());
    for number in 1..=60 {
        let ledger = store.ledger.clone();
        let stays = number % 3 != 0;
        let insert = async move { (id(number), stays, ledger.insert(message(number)).await) };
        let handle = inserts.spawn(insert);
        if !stays {
            leaving.push(handle);
        }
    }
    tokio::task::yield_now().await;
    leaving.iter().for_each(AbortHandle::abort);
    let mut stayed = 0;
    while let Some(ended) = inserts.join_next().await {
        let Ok((id, stays, inserted)) = ended else {
            continue;
        };
        assert_eq!(inserted.unwrap(), Inserted::Stored);
        assert_eq!(store.get(id).await.id, id);
        stayed += u32::from(stays);
    }
    assert_eq!(stayed, 40);
}
