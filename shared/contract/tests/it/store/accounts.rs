//! Users.

use std::sync::Arc;

use mysms_core::domain::{KnownNetworks, NetworkMark, NewUser, Username};
use mysms_core::store::SignUp;

use super::adapters::Store;
use super::fixtures::{at, race, user};

fn new_user(number: u64, name: &str) -> NewUser {
    NewUser {
        id: user(number),
        username: Username::parse(name).unwrap(),
        password_hash: format!("$argon2id$v=19$of-user-{number}"),
        created_at: at(number),
        invite: None,
    }
}

async fn sign_up(store: &Store, new: NewUser) -> SignUp {
    store.accounts.sign_up(new).await.unwrap()
}

pub(super) async fn a_user_is_found_by_name_and_id(store: &Store) {
    assert_eq!(
        sign_up(store, new_user(1, "John_Doe")).await,
        SignUp::Created
    );
    let name = Username::parse("john_dOE").unwrap();
    let by_name = store.accounts.by_name(&name).await.unwrap().unwrap();
    let by_id = store.accounts.by_id(user(1)).await.unwrap().unwrap();
    assert!(by_name == by_id);
    assert_eq!(by_id.id, user(1));
    assert_eq!(
        by_id.username.as_str(),
        "John_Doe",
        "it stays as the user wrote it"
    );
    assert_eq!(by_id.password_hash, "$argon2id$v=19$of-user-1");
    assert_eq!(by_id.created_at, at(1));

    let nobody = Username::parse("nobody").unwrap();
    assert!(store.accounts.by_name(&nobody).await.unwrap().is_none());
    assert!(store.accounts.by_id(user(2)).await.unwrap().is_none());
}

pub(super) async fn a_username_is_unique_ignoring_case(store: &Store) {
    assert_eq!(
        sign_up(store, new_user(1, "John_Doe")).await,
        SignUp::Created
    );
    assert_eq!(
        sign_up(store, new_user(2, "john_doe")).await,
        SignUp::NameTaken
    );
    assert_eq!(
        sign_up(store, new_user(3, "john.doe")).await,
        SignUp::Created
    );
    assert!(store.accounts.by_id(user(2)).await.unwrap().is_none());
}

pub(super) async fn one_of_twenty_racing_sign_ups_gets_the_name(store: &Store) {
    let answers = race(|number| {
        let accounts = Arc::clone(&store.accounts);
        let name = if number % 2 == 0 { "Grace" } else { "gRACE" };
        async move {
            let answer = accounts.sign_up(new_user(number, name)).await.unwrap();
            (number, answer)
        }
    })
    .await;
    let created = answers
        .iter()
        .filter(|(_, answer)| *answer == SignUp::Created);
    let winners: Vec<_> = created.map(|(number, _)| user(*number)).collect();
    assert_eq!(winners.len(), 1);
    let name = Username::parse("grace").unwrap();
    let known = store.accounts.by_name(&name).await.unwrap().unwrap();
    assert_eq!(known.id, winners[0]);
}

fn mark(number: u64) -> NetworkMark {
    NetworkMark::from_digest(u128::from(number).to_be_bytes())
}

async fn known_networks(store: &Store, number: u64) -> KnownNetworks {
    let known = store.accounts.by_id(user(number)).await.unwrap();
    known.unwrap().known_networks
}

pub(super) async fn the_latest_networks_of_a_user_are_known(store: &Store) {
    for number in [1, 2] {
        sign_up(store, new_user(number, &format!("user{number}"))).await;
    }
    let remember = async |number| {
        let mark = mark(number);
        let remember = store.accounts.remember_network(user(1), &mark);
        remember.await.unwrap();
    };
    for number in (1..=8).chain([1, 1, 9]) {
        remember(number).await;
    }
    // The second is the one that was used the longest time ago.
    let expected = [9, 1, 8, 7, 6, 5, 4, 3].map(|number| mark(number).as_str().to_owned());
    let known = known_networks(store, 1).await;
    assert_eq!(known, KnownNetworks::restored(expected));
    assert_eq!(known_networks(store, 2).await, KnownNetworks::default());
    let nobody = store.accounts.remember_network(user(3), &mark(1)).await;
    nobody.unwrap();
}

pub(super) async fn networks_that_race_are_all_known(store: &Store) {
    sign_up(store, new_user(1, "Grace")).await;
    race(|number| {
        let accounts = Arc::clone(&store.accounts);
        async move {
            let mark = mark(number % 8);
            accounts.remember_network(user(1), &mark).await.unwrap();
        }
    })
    .await;
    let known = known_networks(store, 1).await;
    assert!(
        (0..8).all(|number| known.contains(&mark(number))),
        "{known:?}"
    );
}
