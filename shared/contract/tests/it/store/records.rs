//! Records that are replaced by their version.

use std::sync::Arc;

use mysms_core::store::{Kind, Stored};

use super::adapters::Store;
use super::fixtures::{at, race};

const KEY: &str = "AC1/+15005550006";

async fn read(store: &Store, kind: Kind) -> Option<Stored> {
    let reading = store.records.record(kind, KEY, at(0)).await;
    reading.unwrap().record
}

async fn replace(store: &Store, kind: Kind, seen: u64, after: Option<&str>) -> bool {
    store.records.replace(kind, KEY, seen, after).await.unwrap()
}

fn stored(version: u64, value: &str) -> Stored {
    Stored {
        key: KEY.to_owned(),
        version,
        value: value.to_owned(),
    }
}

/// The version with which the record of this kind stands there.
async fn version(store: &Store, kind: Kind) -> u64 {
    read(store, kind).await.unwrap().version
}

pub(super) async fn a_record_is_read_back_with_its_version(store: &Store) {
    assert_eq!(read(store, Kind::Line).await, None);
    let value = "{\"$set\": \"é 👋\", \"a.b\": 1}";
    assert!(replace(store, Kind::Line, 0, Some(value)).await);
    let first = version(store, Kind::Line).await;
    assert_eq!(read(store, Kind::Line).await, Some(stored(first, value)));
    assert_eq!(read(store, Kind::Sender).await, None, "another kind");
    assert!(replace(store, Kind::Line, first, Some("2")).await);
    let reopened = store.reopened().await;
    let second = Some(stored(first + 1, "2"));
    assert_eq!(read(&reopened, Kind::Line).await, second);
}

pub(super) async fn a_record_is_replaced_only_in_the_version_that_was_seen(store: &Store) {
    assert!(replace(store, Kind::Line, 0, None).await, "there is none");
    assert!(!replace(store, Kind::Line, 1, Some("a")).await);
    assert!(!replace(store, Kind::Line, 1, None).await);
    assert_eq!(read(store, Kind::Line).await, None);

    assert!(replace(store, Kind::Line, 0, Some("a")).await);
    let first = version(store, Kind::Line).await;
    assert!(replace(store, Kind::Line, first, Some("b")).await);
    for seen in [0, first, first + 2] {
        assert!(!replace(store, Kind::Line, seen, Some("c")).await, "{seen}");
        assert!(!replace(store, Kind::Line, seen, None).await, "{seen}");
    }
    let second = first + 1;
    assert!(!replace(store, Kind::Sender, second, Some("c")).await);
    assert_eq!(read(store, Kind::Line).await, Some(stored(second, "b")));
    assert!(replace(store, Kind::Line, second, None).await);
    assert_eq!(read(store, Kind::Line).await, None);
}

/// Whoever saw the one before would take it for that.
pub(super) async fn a_record_that_is_made_anew_is_another(store: &Store) {
    assert!(replace(store, Kind::Line, 0, Some("a")).await);
    let seen = version(store, Kind::Line).await;
    assert!(replace(store, Kind::Line, seen, None).await);
    assert!(replace(store, Kind::Line, 0, Some("a")).await);
    assert!(!replace(store, Kind::Line, seen, Some("b")).await);
    assert!(!replace(store, Kind::Line, seen, None).await);
    assert_eq!(read(store, Kind::Line).await.unwrap().value, "a");
}

/// The first, a later and the last one of a record.
pub(super) async fn one_of_twenty_racing_replacements_wins(store: &Store) {
    for (nth, removes) in [(0, false), (1, false), (2, false), (3, true)] {
        let known = read(store, Kind::Line).await;
        let seen = known.map_or(0, |stored| stored.version);
        let won = race(|number| {
            let records = Arc::clone(&store.records);
            async move {
                let value = format!("{number}");
                let after = Some(value.as_str()).filter(|_| !removes);
                let replaced = records.replace(Kind::Line, KEY, seen, after).await.unwrap();
                replaced.then_some(value)
            }
        })
        .await;
        let won: Vec<_> = won.into_iter().flatten().collect();
        assert_eq!(won.len(), 1, "{nth}");
        let expected = (!removes).then_some(&won[0]);
        let found = read(store, Kind::Line).await;
        assert_eq!(found.as_ref().map(|stored| &stored.value), expected);
        if let Some(found) = found.filter(|_| seen > 0) {
            assert_eq!(found.version, seen + 1);
        }
    }
}

pub(super) async fn nothing_is_lost_among_twenty_racing_writers(store: &Store) {
    race(|_| {
        let records = Arc::clone(&store.records);
        async move {
            loop {
                let reading = records.record(Kind::Line, KEY, at(0)).await.unwrap();
                let (seen, count) = reading.record.map_or((0, 0), |record| {
                    (record.version, record.read::<u64>().unwrap())
                });
                let after = (count + 1).to_string();
                let after = Some(after.as_str());
                if records.replace(Kind::Line, KEY, seen, after).await.unwrap() {
                    return;
                }
            }
        }
    })
    .await;
    assert_eq!(read(store, Kind::Line).await.unwrap().value, "20");
}

pub(super) async fn the_records_of_a_kind_are_listed(store: &Store) {
    let senders = ["+15005550009", "+15005550006", "MYBRAND"];
    for key in senders {
        let replaced = store.records.replace(Kind::Sender, key, 0, Some(key));
        assert!(replaced.await.unwrap());
    }
    assert!(replace(store, Kind::Line, 0, Some("a line")).await);
    assert!(replace(store, Kind::Settings, 0, Some("settings")).await);
    let listed = store.records.records(Kind::Sender).await.unwrap();
    let listed: Vec<_> = listed
        .iter()
        .map(|stored| (stored.key.as_str(), stored.value.as_str()))
        .collect();
    let expected = ["+15005550006", "+15005550009", "MYBRAND"].map(|key| (key, key));
    assert_eq!(listed, expected);
}

pub(super) async fn the_records_under_a_prefix_are_listed_part_by_part(store: &Store) {
    let keys = ["a", "a/", "a/1", "a/2", "a/2/x", "a/é", "a0", "b/1"];
    for key in keys {
        let replaced = store.records.replace(Kind::Endpoint, key, 0, Some(key));
        assert!(replaced.await.unwrap());
    }
    let replaced = store.records.replace(Kind::Progress, "a/3", 0, Some("x"));
    assert!(replaced.await.unwrap());
    let listed = async |prefix, after, limit| {
        let listed = store
            .records
            .records_under(Kind::Endpoint, prefix, after, limit);
        let listed = listed.await.unwrap();
        assert!(listed.iter().all(|it| it.value == it.key && it.version > 0));
        listed
            .into_iter()
            .map(|stored| stored.key)
            .collect::<Vec<_>>()
    };
    assert_eq!(listed("a/", None, 9).await, keys[1..6]);
    assert_eq!(listed("a/", None, 2).await, keys[1..3]);
    assert_eq!(listed("a/", Some("a/1"), 2).await, keys[3..5]);
    assert_eq!(listed("a/", Some("a/é"), 2).await, [""; 0]);
    assert_eq!(listed("", None, 9).await, keys);
    assert_eq!(listed("", Some("a0"), 9).await, keys[7..]);
    assert_eq!(listed("c", None, 9).await, [""; 0]);
    assert_eq!(listed("a", None, 0).await, [""; 0]);
}

/// The store's own clock, if it has one, whether or not there is a record.
pub(super) async fn a_reading_tells_the_time_that_all_processes_share(store: &Store) {
    for exists in [false, true] {
        let before = store.upkeep.time().await.unwrap();
        let reading = store.records.record(Kind::Line, KEY, at(7)).await.unwrap();
        let after = store.upkeep.time().await.unwrap();
        let (first, last) = (before.unwrap_or(at(7)), after.unwrap_or(at(7)));
        let at = reading.at;
        assert!(first <= at && at <= last, "{first} {at} {last}");
        assert_eq!(reading.record.is_some(), exists);
        replace(store, Kind::Line, 0, Some("now it does")).await;
    }
}
