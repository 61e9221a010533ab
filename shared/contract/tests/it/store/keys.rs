//! Keys for programs.

use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::{
    ApiKey, Grant, KeyId, KeyName, KeyToken, MOST_KEYS, Mode, Scope, SenderAddress,
};
use mysms_core::store::{Created, KEY_KEPT};

use super::adapters::Store;
use super::fixtures::{at, number, race, user};

pub(super) fn key(owner: u64, second: u64) -> ApiKey {
    let token = KeyToken::generate(Mode::Live);
    ApiKey {
        id: token.id().clone(),
        owner: user(owner),
        name: KeyName::parse("CI").unwrap(),
        secret: token.hash(),
        grant: Grant {
            mode: Mode::Live,
            scopes: vec![Scope::MessagesSend, Scope::EventsRead],
            senders: None,
            recipients: Vec::new(),
        },
        created_at: at(second),
        expires_at: None,
        last_used: None,
    }
}

async fn made(store: &Store, key: ApiKey) -> ApiKey {
    assert_eq!(create(store, &key).await, Created::Done);
    key
}

async fn create(store: &Store, key: &ApiKey) -> Created {
    store.keys.create_key(key).await.unwrap()
}

async fn find(store: &Store, id: &KeyId) -> Option<ApiKey> {
    store.keys.key(id).await.unwrap()
}

async fn all(store: &Store, owner: u64) -> Vec<ApiKey> {
    store.keys.keys_of(user(owner)).await.unwrap()
}

pub(super) async fn a_key_is_read_back_field_by_field(store: &Store) {
    let plain = made(store, key(1, 1)).await;
    let full = ApiKey {
        grant: Grant {
            mode: Mode::Team,
            scopes: Scope::ALL.to_vec(),
            senders: Some(vec![SenderAddress::known("+15005550006")]),
            recipients: vec![number("+14155550123"), number("+4915112345678")],
        },
        expires_at: Some(at(90)),
        last_used: Some(at(60)),
        ..key(1, 2)
    };
    let full = made(store, full).await;
    let foreign = made(store, key(2, 3)).await;
    for key in [&plain, &full, &foreign] {
        assert_eq!(find(store, &key.id).await.as_ref(), Some(key));
    }
    assert_eq!(find(store, &KeyId::generate()).await, None);
    assert_eq!(all(store, 1).await, [full, plain]);
    assert_eq!(all(store, 3).await, []);
}

pub(super) async fn a_key_that_was_ended_is_found_no_more(store: &Store) {
    let (first, second) = (made(store, key(1, 1)).await, made(store, key(1, 2)).await);
    let end = async |owner, id: &KeyId| store.keys.end_key(user(owner), id, at(5)).await.unwrap();
    assert!(!end(2, &first.id).await, "it is another's");
    assert!(!end(1, &KeyId::generate()).await);
    assert_eq!(find(store, &first.id).await.as_ref(), Some(&first));
    for _ in 0..2 {
        assert!(end(1, &first.id).await);
        assert_eq!(find(store, &first.id).await, None);
    }
    assert_eq!(all(store, 1).await, [second]);
    // What is repeated late brings nothing back.
    assert_eq!(create(store, &first).await, Created::Done);
    store.keys.note_use(&first.id, at(60)).await.unwrap();
    assert_eq!(find(store, &first.id).await, None);
}

pub(super) async fn all_keys_of_a_user_end_together(store: &Store) {
    let (first, second) = (made(store, key(1, 1)).await, made(store, key(1, 2)).await);
    let foreign = made(store, key(2, 3)).await;
    for _ in 0..2 {
        store.keys.end_keys(user(1), at(5)).await.unwrap();
        assert_eq!(all(store, 1).await, []);
    }
    let ended = store.keys.end_key(user(1), &first.id, at(6)).await;
    assert!(ended.unwrap(), "it is known that there was one");
    for _ in 0..2 {
        store.keys.forget_keys(user(1)).await.unwrap();
        let ended = store.keys.end_key(user(1), &second.id, at(6)).await;
        assert!(!ended.unwrap(), "it is forgotten");
    }
    assert_eq!(all(store, 2).await, [foreign]);
}

pub(super) async fn a_user_has_so_many_keys_and_no_more_however_they_race(store: &Store) {
    for second in 0..45 {
        made(store, key(1, second)).await;
    }
    let answers = race(|number| {
        let keys = Arc::clone(&store.keys);
        async move { keys.create_key(&key(1, 100 + number)).await.unwrap() }
    })
    .await;
    let made_now = answers.iter().filter(|answer| **answer == Created::Done);
    assert_eq!(made_now.count(), 5);
    let own = all(store, 1).await;
    assert_eq!(own.len(), MOST_KEYS);
    assert_eq!(create(store, &key(1, 200)).await, Created::TooMany);
    assert_eq!(create(store, &key(2, 200)).await, Created::Done);
    assert_eq!(create(store, &own[0]).await, Created::Done, "it is there");
    let end = store.keys.end_key(user(1), &own[7].id, at(300));
    assert!(end.await.unwrap());
    assert_eq!(create(store, &key(1, 301)).await, Created::Done);
    assert_eq!(create(store, &key(1, 302)).await, Created::TooMany);
}

pub(super) async fn the_latest_use_of_a_key_is_known(store: &Store) {
    let key = made(store, key(1, 1)).await;
    for (second, known) in [(60, 60), (120, 120), (60, 120), (120, 120)] {
        store.keys.note_use(&key.id, at(second)).await.unwrap();
        let found = find(store, &key.id).await.unwrap();
        assert_eq!(found.last_used, Some(at(known)));
    }
    store
        .keys
        .note_use(&KeyId::generate(), at(60))
        .await
        .unwrap();
}

pub(super) async fn an_expired_key_is_shown_for_a_while(store: &Store) {
    let expiring = |second| ApiKey {
        expires_at: Some(at(second + 1)),
        ..key(1, second)
    };
    let short = made(store, expiring(1)).await;
    let now = at(2) + KEY_KEPT - Duration::from_secs(1);
    let later = ApiKey {
        created_at: now,
        ..key(1, 2)
    };
    let later = made(store, later).await;
    assert_eq!(all(store, 1).await, [later, short]);
}
