//! What happens while others change the same message.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mysms_core::domain::{FactEffect, Status};
use mysms_core::ledger::{Adoption, Cancel, FactOutcome, Ledger};
use mysms_core::store::relay::Moment;
use mysms_core::store::{Result, StoreError};

use super::adapters::Store;
use super::fixtures::{BY, at, claim, fact, message, rejected, sid, token, user};

/// The ledger of a store, where `other` comes between the first reading of a message and its change.
pub(super) fn with<F>(store: &Store, other: impl Fn(Ledger) -> F + Send + Sync + 'static) -> Ledger
where
    F: Future<Output = ()> + Send + 'static,
{
    let ledger = store.ledger.clone();
    let times = AtomicU32::new(0);
    store.ledger.relayed(move |moment| {
        let first = moment == Moment::BeforeSwap && times.fetch_add(1, Ordering::SeqCst) == 0;
        let other = first.then(|| other(ledger.clone()));
        async move {
            if let Some(other) = other {
                other.await;
            }
            Ok(())
        }
    })
}

pub(super) async fn a_claim_that_a_deletion_overtakes_is_not_won(store: &Store) {
    let (id, owner) = (store.insert(message(1)).await, user(1));
    let ledger = with(store, move |other| async move {
        assert!(other.delete(owner, id, at(1)).await.unwrap().any());
    });
    assert_eq!(
        ledger
            .claim(&[id], BY, claim(token(1), at(0)))
            .await
            .unwrap(),
        []
    );
    assert_eq!(store.get(id).await.status, Status::Canceled);
}

pub(super) async fn of_two_claims_at_the_same_version_one_wins(store: &Store) {
    let ids = [
        store.insert(message(1)).await,
        store.insert(message(2)).await,
    ];
    let ledger = with(store, move |other| async move {
        let won = other
            .claim(&ids[..1], BY, claim(token(1), at(0)))
            .await
            .unwrap();
        assert_eq!(won.len(), 1);
    });
    let won = ledger
        .claim(&ids, BY, claim(token(2), at(0)))
        .await
        .unwrap();
    let won: Vec<_> = won.iter().map(|message| message.id).collect();
    assert_eq!(won, ids[1..]);
}

pub(super) async fn a_claim_is_won_although_something_else_changed_first(store: &Store) {
    let id = store.insert(message(1)).await;
    let ledger = with(store, move |other| async move {
        let pushed = other.push_alarm(id, Status::Queued, at(15), at(15)).await;
        assert!(pushed.unwrap());
    });
    assert_eq!(
        ledger
            .claim(&[id], BY, claim(token(1), at(0)))
            .await
            .unwrap()
            .len(),
        1
    );
}

pub(super) async fn a_cancellation_that_a_claim_overtakes_is_too_late(store: &Store) {
    let (id, owner) = (store.insert(message(1)).await, user(1));
    let ledger = with(store, move |other| async move {
        other
            .claim(&[id], BY, claim(token(1), at(0)))
            .await
            .unwrap();
    });
    let canceled = ledger.cancel(owner, id, at(1)).await.unwrap();
    assert_eq!(canceled, Cancel::TooLate);
    assert_eq!(store.get(id).await.status, Status::Sending);
}

pub(super) async fn a_settlement_that_a_callback_overtakes_changes_nothing(store: &Store) {
    let id = store.insert(message(1)).await;
    let claim = claim(token(1), at(0));
    store.ledger.claim(&[id], BY, claim).await.unwrap();
    let ledger = with(store, move |other| async move {
        other
            .apply_fact(&fact(id, sid(1), "accepted", at(1)))
            .await
            .unwrap();
    });
    let settled = ledger.settle(id, claim.token, rejected(), at(1)).await;
    assert!(!settled.unwrap());
    assert_eq!(store.get(id).await.status, Status::Accepted);
}

pub(super) async fn facts_of_one_batch_survive_a_change_in_between(store: &Store) {
    let (id, owner) = (store.insert(message(1)).await, user(1));
    store
        .ledger
        .claim(&[id], BY, claim(token(1), at(0)))
        .await
        .unwrap();
    let ledger = with(store, move |other| async move {
        assert!(other.delete(owner, id, at(1)).await.unwrap().any());
    });
    let outcome = ledger
        .apply_fact(&fact(id, sid(1), "accepted", at(1)))
        .await
        .unwrap();
    let effect = FactEffect::Raised;
    assert_eq!(outcome, FactOutcome::Applied { id, owner, effect });
    let message = store.get(id).await;
    assert_eq!((message.status, message.visible), (Status::Accepted, false));
    assert_eq!(message.body, None, "nothing needs it any more");
}

pub(super) async fn a_fact_goes_to_whoever_got_its_sid_in_between(store: &Store) {
    let (id, twin) = (
        store.insert(message(1)).await,
        store.insert(message(2)).await,
    );
    let ids = [id, twin];
    store
        .ledger
        .claim(&ids, BY, claim(token(1), at(0)))
        .await
        .unwrap();
    let ledger = with(store, move |other| async move {
        other
            .apply_fact(&fact(twin, sid(1), "accepted", at(1)))
            .await
            .unwrap();
    });
    let delivered = fact(id, sid(1), "delivered", at(1));
    let outcome = ledger.apply_fact(&delivered).await.unwrap();
    assert!(matches!(outcome, FactOutcome::Applied { id, .. } if id == twin));
    assert_eq!(store.get(id).await.status, Status::Sending);
    assert_eq!(store.get(twin).await.status, Status::Delivered);
}

pub(super) async fn a_sid_that_another_message_got_in_between_is_not_adopted(store: &Store) {
    let (id, twin) = (
        store.insert(message(1)).await,
        store.insert(message(2)).await,
    );
    let claim = claim(token(1), at(0));
    store.ledger.claim(&[id, twin], BY, claim).await.unwrap();
    let ledger = with(store, move |other| async move {
        other
            .apply_fact(&fact(twin, sid(1), "accepted", at(1)))
            .await
            .unwrap();
    });
    let adopted = ledger
        .adopt(id, claim.token, &fact(id, sid(1), "accepted", at(1)))
        .await
        .unwrap();
    assert_eq!(adopted, Adoption::SidTaken);
    assert_eq!(store.get(id).await.provider, None);
}

pub(super) async fn a_claim_whose_answer_is_lost_is_won_by_its_repeat(store: &Store) {
    let id = store.insert(message(1)).await;
    let ledger = store.ledger.relayed(|moment| ready(lost(moment)));
    let claim = claim(token(1), at(0));
    assert!(ledger.claim(&[id], BY, claim).await.is_err());
    let won = store.ledger.claim(&[id], BY, claim).await.unwrap();
    assert_eq!((won.len(), won[0].attempts), (1, 1));
}

fn lost(moment: Moment) -> Result<()> {
    match moment {
        Moment::AfterSwap => Err(StoreError::unavailable("the ledger", "connection reset")),
        _ => Ok(()),
    }
}

/// The version moves on with every try, as if others changed the message all the time.
pub(super) async fn what_never_stops_changing_is_an_error_or_left_to_others(store: &Store) {
    let (id, owner) = (store.insert(message(1)).await, user(1));
    let other = store.ledger.clone();
    let push = move |moment| {
        let other = other.clone();
        async move {
            if moment == Moment::BeforeSwap {
                let alarm = other.read(&[id]).await?.pop().and_then(|m| m.wake_at);
                let alarm = alarm.unwrap();
                let later = alarm + Duration::from_secs(1);
                other.push_alarm(id, Status::Queued, alarm, later).await?;
            }
            Ok(())
        }
    };
    let ledger = store.ledger.relayed(push);
    assert!(ledger.delete(owner, id, at(1)).await.is_err());
    assert_eq!(
        ledger
            .claim(&[id], BY, claim(token(1), at(0)))
            .await
            .unwrap(),
        []
    );
    assert_eq!(store.get(id).await.status, Status::Queued);
}

pub(super) async fn a_stop_ends_all_texts_though_a_worker_claims_one_of_them_meanwhile(
    store: &Store,
) {
    let ids = [
        store.insert(message(1)).await,
        store.insert(message(2)).await,
        store.insert(message(3)).await,
    ];
    let recipient = store.get(ids[0]).await.counterpart.unwrap();
    let senders = [BY.sender.to_owned()];
    let ledger = with(store, move |other| async move {
        // In whatever order they are listed, it is among the first two.
        other
            .claim(&ids[1..2], BY, claim(token(1), at(0)))
            .await
            .unwrap();
    });
    let refused = ledger.refuse_queued(&recipient, &senders, at(1), 2).await;
    let refused = refused.unwrap();
    assert_eq!((refused.owners.len(), refused.more), (1, true));
}

/// The batch is told that one of its messages has changed, although all were written.
pub(super) async fn what_a_fact_did_is_told_once_though_its_answer_is_lost(store: &Store) {
    let (id, owner) = (store.insert(message(1)).await, user(1));
    store
        .ledger
        .claim(&[id], BY, claim(token(1), at(0)))
        .await
        .unwrap();
    let ledger = with(store, move |other| async move {
        other
            .apply_fact(&fact(id, sid(1), "accepted", at(1)))
            .await
            .unwrap();
    });
    let outcome = ledger
        .apply_fact(&fact(id, sid(1), "accepted", at(1)))
        .await
        .unwrap();
    let effect = FactEffect::Raised;
    assert_eq!(outcome, FactOutcome::Applied { id, owner, effect });
    let again = store
        .ledger
        .apply_fact(&fact(id, sid(1), "accepted", at(1)))
        .await
        .unwrap();
    let effect = FactEffect::Unchanged;
    assert_eq!(again, FactOutcome::Applied { id, owner, effect });
}

pub(super) async fn who_has_won_some_keeps_them_though_the_rest_fails(store: &Store) {
    let ids = [
        store.insert(message(1)).await,
        store.insert(message(2)).await,
    ];
    let other = store.ledger.clone();
    let swaps = Arc::new(AtomicU32::new(0));
    let ledger = store.ledger.relayed(move |moment| {
        let nth = match moment {
            Moment::BeforeSwap => swaps.fetch_add(1, Ordering::SeqCst),
            _ => u32::MAX,
        };
        let other = other.clone();
        async move {
            match nth {
                0 => {
                    let pushed = other
                        .push_alarm(ids[0], Status::Queued, at(15), at(15))
                        .await;
                    pushed.map(drop)
                }
                1 => Err(StoreError::unavailable("the ledger", "connection reset")),
                _ => Ok(()),
            }
        }
    });
    let won = ledger
        .claim(&ids, BY, claim(token(1), at(0)))
        .await
        .unwrap();
    let won: Vec<_> = won.iter().map(|message| message.id).collect();
    assert_eq!(won, ids[1..]);
}
