//! What may still be sent.

use std::sync::Arc;

use mysms_core::store::{Charge, Counter, NumberDigest, Reservation, Reserved};

use super::adapters::Store;
use super::fixtures::{at, race, user};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

const JOHNS: u64 = 1;

pub(crate) fn charge(counter: Counter, amount: u32) -> Charge {
    Charge {
        counter,
        amount,
        limit: 10,
    }
}

/// What a text of the first user costs.
pub(super) fn reservation(segments: u32, second: u64) -> Reservation {
    Reservation::new(
        vec![charge(Counter::User(user(JOHNS)), segments)],
        at(second),
        at(second),
    )
}

/// A text that counts for its user, for everybody and for its recipient.
fn text(number: u64, recipient: u8, segments: u32, second: u64) -> Reservation {
    let charges = vec![
        charge(Counter::User(user(number)), segments),
        charge(Counter::Everybody, segments),
        charge(to(recipient), 1),
    ];
    Reservation::new(charges, at(second), at(second))
}

fn to(recipient: u8) -> Counter {
    Counter::Recipient(NumberDigest([recipient; 16]))
}

pub(super) async fn reserve(store: &Store, reservation: &Reservation) -> Reserved {
    store.quotas.reserve(reservation).await.unwrap()
}

async fn all_spent(store: &Store, counters: &[Counter], second: u64) -> Vec<u64> {
    store.quotas.spent(counters, at(second)).await.unwrap()
}

pub(super) async fn spent(store: &Store, second: u64) -> u64 {
    all_spent(store, &[Counter::User(user(JOHNS))], second).await[0]
}

fn exceeded(counters: &[Counter]) -> Reserved {
    Reserved::Exceeded(counters.to_vec())
}

pub(super) async fn segments_are_granted_up_to_the_limit_of_the_day(store: &Store) {
    let johns = exceeded(&[Counter::User(user(JOHNS))]);
    assert_eq!(spent(store, 0).await, 0);
    assert_eq!(reserve(store, &reservation(6, 0)).await, Reserved::Granted);
    assert_eq!(reserve(store, &reservation(5, 1)).await, johns);
    assert_eq!(reserve(store, &reservation(4, 2)).await, Reserved::Granted);
    assert_eq!(reserve(store, &reservation(1, 3)).await, johns);
    assert_eq!(spent(store, 4).await, 10);
    // Another user's day, and the same user's next one, are others.
    let other = vec![charge(Counter::User(user(2)), 10)];
    let other = Reservation::new(other, at(5), at(5));
    assert_eq!(reserve(store, &other).await, Reserved::Granted);
    let tomorrow = reservation(10, DAY);
    assert_eq!(reserve(store, &tomorrow).await, Reserved::Granted);
    assert_eq!(spent(store, DAY).await, 10);
    assert_eq!(Counter::Everybody.ends(at(DAY)), at(2 * DAY));
    let huge = reservation(11, 3 * DAY);
    assert_eq!(reserve(store, &huge).await, johns);
}

pub(super) async fn what_is_given_back_may_be_spent_again(store: &Store) {
    let (first, second) = (reservation(6, 0), reservation(4, 1));
    for reservation in [&first, &second] {
        assert_eq!(reserve(store, reservation).await, Reserved::Granted);
    }
    store.quotas.give_back(&first).await.unwrap();
    assert_eq!(spent(store, 2).await, 4);
    let never_made = reservation(1, 2);
    store.quotas.give_back(&never_made).await.unwrap();
    assert_eq!(spent(store, 2).await, 4);
    assert_eq!(reserve(store, &reservation(6, 3)).await, Reserved::Granted);
    assert_eq!(spent(store, 4).await, 10);
}

pub(super) async fn racing_reservations_do_not_exceed_the_limit(store: &Store) {
    let answers = race(|number| {
        let quotas = Arc::clone(&store.quotas);
        async move { quotas.reserve(&reservation(3, number)).await.unwrap() }
    })
    .await;
    let granted = answers.iter().filter(|it| **it == Reserved::Granted);
    assert_eq!(granted.count(), 3);
    assert_eq!(spent(store, 0).await, 9);
}

pub(super) async fn a_text_counts_everywhere_or_nowhere(store: &Store) {
    let counters = |number| [Counter::User(user(number)), Counter::Everybody, to(1)];
    let first = text(1, 1, 6, 0);
    assert_eq!(reserve(store, &first).await, Reserved::Granted);
    assert_eq!(all_spent(store, &counters(1), 1).await, [6, 6, 1]);
    // The second user has spent nothing, but everybody together have.
    let second = text(2, 1, 5, 1);
    assert_eq!(
        reserve(store, &second).await,
        exceeded(&[Counter::Everybody])
    );
    assert_eq!(all_spent(store, &counters(2), 2).await, [0, 6, 1]);
    // Of the first user's text both are told.
    let third = text(1, 1, 5, 2);
    let both = exceeded(&[Counter::User(user(1)), Counter::Everybody]);
    assert_eq!(reserve(store, &third).await, both);

    store.quotas.give_back(&first).await.unwrap();
    assert_eq!(all_spent(store, &counters(1), 3).await, [0, 0, 0]);
    // What was refused is judged anew when it is repeated, and counts then.
    assert_eq!(reserve(store, &second).await, Reserved::Granted);
    assert_eq!(all_spent(store, &counters(2), 3).await, [5, 5, 1]);
}

pub(super) async fn each_counter_has_an_hour_or_a_day_of_its_own(store: &Store) {
    for number in 1..=10 {
        let text = text(number, 7, 1, number);
        assert_eq!(reserve(store, &text).await, Reserved::Granted);
    }
    // The eleventh text of an hour to one number, whoever sends it; another number has its own count.
    let refused = exceeded(&[Counter::Everybody, to(7)]);
    assert_eq!(reserve(store, &text(11, 7, 1, 20)).await, refused);
    let refused = exceeded(&[Counter::Everybody]);
    assert_eq!(reserve(store, &text(11, 8, 1, 20)).await, refused);
    let counters = [
        to(7),
        to(8),
        Counter::Prefix(NumberDigest([7; 16])),
        Counter::Abroad,
    ];
    assert_eq!(all_spent(store, &counters, 20).await, [10, 0, 0, 0]);
    // An hour later the number may get some again, but the day is not over.
    assert_eq!(all_spent(store, &counters, HOUR).await, [0, 0, 0, 0]);
    assert_eq!(reserve(store, &text(11, 7, 1, HOUR)).await, refused);
    assert_eq!(
        reserve(store, &text(11, 7, 1, DAY)).await,
        Reserved::Granted
    );
}

pub(super) async fn racing_texts_of_many_users_do_not_exceed_what_all_may_send(store: &Store) {
    let answers = race(|number| {
        let quotas = Arc::clone(&store.quotas);
        let text = text(number + 1, 1, 1, number);
        async move { (quotas.reserve(&text).await.unwrap(), number + 1) }
    })
    .await;
    let granted = answers.iter().filter(|(it, _)| *it == Reserved::Granted);
    let granted = u64::try_from(granted.count()).unwrap();
    // While others' are being taken back, too much is counted for a moment.
    assert!((1..=10).contains(&granted), "{granted}");
    let counters = [Counter::Everybody, to(1)];
    assert_eq!(all_spent(store, &counters, 0).await, [granted; 2]);
    for (answer, number) in answers {
        let own = all_spent(store, &[Counter::User(user(number))], 0).await;
        assert_eq!(own, [u64::from(answer == Reserved::Granted)]);
    }
}
