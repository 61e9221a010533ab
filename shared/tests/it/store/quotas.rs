//! What users may still spend.

use std::sync::Arc;

use shared::store::{Reservation, Reserved};

use super::adapters::Store;
use super::fixtures::{at, race, user};

const DAY: u64 = 24 * 3600;

pub(super) fn reservation(segments: u32, second: u64) -> Reservation {
    Reservation::new(user(1), segments, at(second))
}

pub(super) async fn reserve(store: &Store, reservation: &Reservation) -> Reserved {
    store.quotas.reserve(reservation, 10).await.unwrap()
}

pub(super) async fn spent(store: &Store, second: u64) -> u64 {
    store.quotas.spent(user(1), at(second)).await.unwrap()
}

pub(super) async fn segments_are_granted_up_to_the_limit_of_the_day(store: &Store) {
    assert_eq!(spent(store, 0).await, 0);
    assert_eq!(reserve(store, &reservation(6, 0)).await, Reserved::Granted);
    assert_eq!(reserve(store, &reservation(5, 1)).await, Reserved::Exceeded);
    assert_eq!(reserve(store, &reservation(4, 2)).await, Reserved::Granted);
    assert_eq!(reserve(store, &reservation(1, 3)).await, Reserved::Exceeded);
    assert_eq!(spent(store, 4).await, 10);
    // Another user's day, and the same user's next one, are others.
    let other = Reservation {
        user: user(2),
        ..reservation(10, 5)
    };
    assert_eq!(reserve(store, &other).await, Reserved::Granted);
    let tomorrow = reservation(10, DAY);
    assert_eq!(reserve(store, &tomorrow).await, Reserved::Granted);
    assert_eq!(spent(store, DAY).await, 10);
    assert_eq!(tomorrow.day_ends(), at(2 * DAY));
    let huge = reservation(11, 3 * DAY);
    assert_eq!(reserve(store, &huge).await, Reserved::Exceeded);
}

pub(super) async fn what_was_not_used_is_given_back(store: &Store) {
    let (first, second) = (reservation(6, 0), reservation(4, 1));
    for reservation in [first, second] {
        assert_eq!(reserve(store, &reservation).await, Reserved::Granted);
    }
    store.quotas.reduce(&first, 2).await.unwrap();
    assert_eq!(spent(store, 2).await, 6);
    store.quotas.reduce(&second, 0).await.unwrap();
    store.quotas.reduce(&second, 4).await.unwrap();
    assert_eq!(spent(store, 2).await, 2);
    let never_made = reservation(1, 2);
    store.quotas.reduce(&never_made, 0).await.unwrap();
    assert_eq!(spent(store, 2).await, 2);
}

pub(super) async fn racing_reservations_do_not_exceed_the_limit(store: &Store) {
    let answers = race(|number| {
        let quotas = Arc::clone(&store.quotas);
        async move {
            let reservation = reservation(3, number);
            quotas.reserve(&reservation, 10).await.unwrap()
        }
    })
    .await;
    let granted = answers.iter().filter(|it| **it == Reserved::Granted);
    assert_eq!(granted.count(), 3);
    assert_eq!(spent(store, 0).await, 9);
}
