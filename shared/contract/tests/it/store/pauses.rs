//! Paused senders.

use std::sync::Arc;

use mysms_core::store::{Pause, SenderKey};

use super::adapters::Store;
use super::fixtures::{ACCOUNT, at, race, token};

pub(super) fn sender() -> SenderKey {
    SenderKey::new(ACCOUNT, "+14155550100", "fingerprint")
}

/// A pause that began at the start and is probed at the given second.
pub(super) fn pause(probe: u64, failures: u32) -> Pause {
    Pause {
        sender: sender(),
        code: "20003".to_owned(),
        reason: "the credentials are wrong".to_owned(),
        since: at(0),
        probe_at: at(probe),
        failures,
        probing_until: None,
    }
}

async fn paused(store: &Store) -> Option<Pause> {
    store.pauses.find(&sender()).await.unwrap()
}

pub(super) async fn take_probe(store: &Store, number: u64, now: u64, until: u64) -> bool {
    let (sender, token) = (sender(), token(number));
    let take = store.pauses.take_probe(&sender, token, at(now), at(until));
    take.await.unwrap()
}

pub(super) async fn a_pause_is_seen_by_all_until_it_ends(store: &Store) {
    assert_eq!(paused(store).await, None);
    let other = Pause {
        sender: SenderKey::new(ACCOUNT, "+14155550100", "an older credential"),
        since: at(1),
        ..pause(15, 0)
    };
    store.pauses.pause(pause(15, 0)).await.unwrap();
    store.pauses.pause(other.clone()).await.unwrap();
    assert_eq!(paused(store).await, Some(pause(15, 0)));
    let mut all = store.pauses.paused().await.unwrap();
    all.sort_by_key(|pause| pause.since);
    assert_eq!(all, [pause(15, 0), other.clone()]);

    store.pauses.resume(&sender()).await.unwrap();
    assert_eq!(paused(store).await, None);
    assert_eq!(store.pauses.paused().await.unwrap(), [other]);
}

pub(super) async fn a_failed_probe_backs_off_and_the_pause_keeps_its_beginning(store: &Store) {
    store.pauses.pause(pause(15, 0)).await.unwrap();
    assert!(take_probe(store, 1, 15, 60).await);
    let failed = Pause {
        code: "20005".to_owned(),
        reason: "the account is suspended".to_owned(),
        since: at(16),
        probing_until: Some(at(60)),
        ..pause(46, 1)
    };
    store.pauses.pause(failed.clone()).await.unwrap();
    let expected = Pause {
        since: at(0),
        probing_until: None,
        ..failed
    };
    assert_eq!(paused(store).await, Some(expected));
    assert!(!take_probe(store, 2, 45, 99).await);
    assert!(take_probe(store, 2, 46, 99).await);
}

pub(super) async fn the_old_prober_has_no_right_after_a_new_pause(store: &Store) {
    store.pauses.pause(pause(15, 0)).await.unwrap();
    assert!(take_probe(store, 1, 15, 60).await);
    store.pauses.pause(pause(46, 1)).await.unwrap();
    assert!(!take_probe(store, 1, 16, 60).await);
}

pub(super) async fn a_probe_is_taken_when_it_is_due_and_nobody_probes(store: &Store) {
    store.pauses.pause(pause(15, 0)).await.unwrap();
    assert!(!take_probe(store, 1, 14, 50).await, "it is not due");
    assert!(take_probe(store, 1, 15, 50).await);
    assert_eq!(paused(store).await.unwrap().probing_until, Some(at(50)));
    assert!(!take_probe(store, 2, 49, 90).await, "another is probing");
    assert!(
        take_probe(store, 2, 50, 90).await,
        "the other's time is over"
    );
    assert!(!take_probe(store, 1, 51, 90).await);
}

pub(super) async fn there_is_nothing_to_probe_without_a_pause(store: &Store) {
    assert!(!take_probe(store, 1, 15, 50).await);
    assert_eq!(paused(store).await, None);
}

pub(super) async fn one_of_twenty_racing_probers_wins(store: &Store) {
    store.pauses.pause(pause(15, 0)).await.unwrap();
    let won = race(|number| {
        let pauses = Arc::clone(&store.pauses);
        async move {
            let sender = sender();
            let take = pauses.take_probe(&sender, token(number), at(15), at(50));
            take.await.unwrap()
        }
    })
    .await;
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
}

pub(super) async fn an_operators_pause_is_never_probed(store: &Store) {
    let pause = Pause::by_operator("maintenance".to_owned(), at(0));
    store.pauses.pause(pause.clone()).await.unwrap();
    let operators = SenderKey::operators();
    let century = at(100 * 365 * 24 * 3600);
    let take = store
        .pauses
        .take_probe(&operators, token(1), century, century);
    assert!(!take.await.unwrap());
    let found = store.pauses.find(&operators).await.unwrap();
    assert_eq!(found, Some(pause));
}

pub(super) async fn an_operators_pause_and_a_senders_own_leave_each_other_alone(store: &Store) {
    let operators = Pause::by_operator("maintenance".to_owned(), at(1));
    store.pauses.pause(operators.clone()).await.unwrap();
    store.pauses.pause(pause(15, 0)).await.unwrap();
    assert!(take_probe(store, 1, 15, 60).await);
    store.pauses.resume(&sender()).await.unwrap();
    assert_eq!(store.pauses.paused().await.unwrap(), [operators]);

    store.pauses.pause(pause(15, 0)).await.unwrap();
    let operators = SenderKey::operators();
    store.pauses.resume(&operators).await.unwrap();
    assert_eq!(store.pauses.paused().await.unwrap(), [pause(15, 0)]);
}
