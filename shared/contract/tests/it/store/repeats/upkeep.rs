//! What workers and operators do beside delivering.

use mysms_core::domain::{MessageId, Status, Timestamp};
use mysms_core::ledger::Old;

use super::twice;
use crate::store::adapters::Store;
use crate::store::at_provider::deleted;
use crate::store::fixtures::{at, id, message, token, user};
use crate::store::pauses::{pause, sender, take_probe};
use crate::store::restoring::doubt;

pub(in crate::store) async fn repeat_push_alarm_is_harmless(store: &Store) {
    let id = store.insert(message(1)).await;
    twice(store, async || {
        let push = store.ledger.push_alarm(id, Status::Queued, at(15), at(20));
        push.await.unwrap()
    })
    .await;
}

pub(in crate::store) async fn repeat_erasures_are_harmless(store: &Store) {
    let id = deleted(store, 1).await;
    let ledger = &store.ledger;
    twice(store, async || {
        let taken = ledger.take_erasure(id, at(60), at(150)).await;
        taken.unwrap();
    })
    .await;
    let put_off = async || ledger.put_off_erasure(id, at(200)).await.unwrap();
    assert_eq!(twice(store, put_off).await, (true, true));
    let noted = async || ledger.note_erased(id, at(201)).await.unwrap();
    assert_eq!(twice(store, noted).await, (true, false));
}

pub(in crate::store) async fn repeat_purge_is_harmless(store: &Store) {
    store.insert(message(1)).await;
    store.delete(id(1), at(5)).await;
    let purge = async || store.upkeep.purge(at(6), 9).await.unwrap();
    if store.purges_by_itself() {
        assert_eq!((purge().await, purge().await), (0, 0));
    } else {
        assert_eq!(twice(store, purge).await, (1, 0));
    }
}

pub(in crate::store) async fn repeat_erase_old_is_harmless(store: &Store) {
    let id = store.insert(message(1)).await;
    store.ledger.cancel(user(1), id, at(1)).await.unwrap();
    let old = Old {
        after: MessageId::boundary(Timestamp::EPOCH),
        before: at(5),
        limit: 9,
    };
    let erase = async || store.ledger.erase_old(old, at(6)).await.unwrap().count;
    assert_eq!(twice(store, erase).await, (1, 0));
}

pub(in crate::store) async fn repeat_doubt_is_harmless(store: &Store) {
    store.insert(message(1)).await;
    store.sending(message(2), token(2)).await;
    assert_eq!(twice(store, async || doubt(store, 9).await).await, (2, 0));
}

pub(in crate::store) async fn repeat_pause_is_harmless(store: &Store) {
    for again in [pause(15, 0), pause(46, 1)] {
        twice(store, async || {
            store.pauses.pause(again.clone()).await.unwrap();
        })
        .await;
    }
}

pub(in crate::store) async fn repeat_take_probe_is_harmless(store: &Store) {
    store.pauses.pause(pause(15, 0)).await.unwrap();
    let probe = async || take_probe(store, 1, 15, 60).await;
    assert_eq!(twice(store, probe).await, (true, true));
}

pub(in crate::store) async fn repeat_resume_is_harmless(store: &Store) {
    store.pauses.pause(pause(15, 0)).await.unwrap();
    twice(store, async || {
        store.pauses.resume(&sender()).await.unwrap();
    })
    .await;
}
