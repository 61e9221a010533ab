//! What endpoints were told of messages.

use std::sync::Arc;

use mysms_core::domain::{EndpointId, Telling};

use super::adapters::Store;
use super::fixtures::{at, id, race};

fn endpoint(number: u64) -> EndpointId {
    EndpointId::from_uuid(id(number).as_uuid())
}

fn telling(number: u64, version: u32) -> Telling {
    Telling {
        message: id(number),
        version,
        changed_at: at(u64::from(version)),
        steps: version + 1,
        replays: 0,
    }
}

async fn note(store: &Store, of: u64, tellings: &[Telling], second: u64) {
    let noted = store.told.note_told(endpoint(of), tellings, at(second));
    noted.await.unwrap();
}

/// What is known, in the order of the messages.
async fn known(store: &Store, of: u64, messages: &[u64]) -> Vec<Telling> {
    let ids: Vec<_> = messages.iter().map(|number| id(*number)).collect();
    let mut known = store.told.told(endpoint(of), &ids).await.unwrap();
    known.sort_by_key(|telling| telling.message);
    known
}

pub(super) async fn what_was_told_is_read_back_field_by_field(store: &Store) {
    assert_eq!(known(store, 1, &[]).await, []);
    note(store, 1, &[], 0).await;
    let told = Telling {
        message: id(1),
        version: u32::MAX,
        changed_at: at(2),
        steps: 100,
        replays: 7,
    };
    let other = telling(2, 0);
    note(store, 1, &[told, other], 0).await;
    assert_eq!(known(store, 1, &[1, 2, 3]).await, [told, other]);
    let reopened = store.reopened().await;
    assert_eq!(known(&reopened, 1, &[1]).await, [told]);
}

pub(super) async fn what_was_told_never_goes_back(store: &Store) {
    let replayed = Telling {
        replays: 1,
        ..telling(1, 3)
    };
    for telling in [telling(1, 5), replayed, telling(1, 4)] {
        note(store, 1, &[telling], 0).await;
    }
    let expected = Telling {
        replays: 1,
        ..telling(1, 5)
    };
    assert_eq!(known(store, 1, &[1]).await, [expected]);
}

pub(super) async fn each_endpoint_is_told_for_itself(store: &Store) {
    note(store, 1, &[telling(1, 5)], 0).await;
    note(store, 2, &[telling(1, 3)], 0).await;
    assert_eq!(known(store, 1, &[1]).await, [telling(1, 5)]);
    assert_eq!(known(store, 2, &[1]).await, [telling(1, 3)]);
    assert_eq!(known(store, 3, &[1]).await, []);
}

pub(super) async fn what_racing_workers_told_is_all_known(store: &Store) {
    race(|number| {
        let told = Arc::clone(&store.told);
        async move {
            let version = u32::try_from(number).unwrap();
            let tellings = [telling(1, version), telling(100 + number, 1)];
            told.note_told(endpoint(1), &tellings, at(0)).await.unwrap();
        }
    })
    .await;
    assert_eq!(known(store, 1, &[1]).await, [telling(1, 19)]);
    let others: Vec<_> = (100..120).collect();
    assert_eq!(known(store, 1, &others).await.len(), 20);
}

pub(super) async fn what_an_endpoint_was_told_is_forgotten_part_by_part(store: &Store) {
    let tellings: Vec<_> = (1..=5).map(|number| telling(number, 1)).collect();
    note(store, 1, &tellings, 0).await;
    note(store, 2, &tellings, 0).await;
    let forget = async || store.told.forget_told(endpoint(1), 3).await.unwrap();
    assert_eq!(forget().await, 3);
    assert_eq!(known(store, 1, &[1, 2, 3, 4, 5]).await.len(), 2);
    assert_eq!((forget().await, forget().await), (2, 0));
    assert_eq!(known(store, 1, &[1, 2, 3, 4, 5]).await, []);
    assert_eq!(known(store, 2, &[1, 2, 3, 4, 5]).await, tellings);
}

pub(super) async fn what_was_told_long_ago_is_forgotten(store: &Store) {
    note(store, 1, &[telling(1, 1), telling(2, 1), telling(3, 1)], 5).await;
    // A repeat that arrives late forgets nothing that is known since.
    note(store, 1, &[telling(2, 2)], 10).await;
    note(store, 1, &[telling(2, 1)], 4).await;
    let forget = async |second, limit| {
        let forgotten = store.told.forget_told_before(at(second), limit);
        forgotten.await.unwrap()
    };
    let left = [telling(1, 1), telling(2, 2), telling(3, 1)];
    assert_eq!(forget(5, 9).await, 0);
    assert_eq!(known(store, 1, &[1, 2, 3]).await, left);
    if store.purges_by_itself() {
        assert_eq!(forget(11, 9).await, 0);
        return;
    }
    assert_eq!((forget(6, 1).await, forget(6, 9).await), (1, 1));
    assert_eq!(known(store, 1, &[1, 2, 3]).await, [telling(2, 2)]);
}
