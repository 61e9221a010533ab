//! Turns: who is when in a queue.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::try_join_all;
use mysms_core::domain::{Class, Turn, Weight};
use mysms_core::store::{LISTED_USERS, Mover, QueueId, QueueStanding, Reach};

use super::adapters::Store;
use super::fixtures::{OTHER_SENDER, SENDER, at, queue, race, turn, user};

/// The queue of most cases.
fn codes() -> QueueId {
    queue(SENDER, Class::Otp)
}

fn weight(weight: u8) -> Weight {
    Weight::try_from(weight).unwrap()
}

fn standing(virtual_time: i64, entered: u64, left: u64) -> QueueStanding {
    QueueStanding {
        virtual_time: turn(virtual_time),
        entered,
        left,
    }
}

fn mover(number: u64, segments: u64, from: Turn) -> Mover {
    Mover {
        user: user(number),
        weight: Weight::ONE,
        segments,
        from,
    }
}

async fn move_end(store: &Store, mover: Mover) -> Turn {
    store.turns.move_end(&codes(), &mover, at(0)).await.unwrap()
}

async fn leave(store: &Store, segments: u64, turn: Option<Turn>) {
    let queue = codes();
    let left = store.turns.leave(&queue, segments, turn);
    left.await.unwrap();
}

async fn known(store: &Store) -> (QueueStanding, Vec<Reach>) {
    store.turns.queue(&codes()).await.unwrap()
}

pub(super) async fn a_queue_counts_what_enters_and_leaves(store: &Store) {
    assert_eq!(known(store).await, (QueueStanding::default(), Vec::new()));
    let enter = async |segments| store.turns.enter(&codes(), segments).await.unwrap();
    assert_eq!(enter(3).await, standing(0, 0, 0));
    assert_eq!(enter(2).await, standing(0, 3, 0));
    leave(store, 4, Some(turn(7))).await;
    assert_eq!(enter(1).await, standing(7, 5, 4), "as it was before");
    assert_eq!(known(store).await.0.waiting(), 2);
    // What leaves without being sent says nothing of how far the queue is.
    leave(store, 1, None).await;
    assert_eq!(known(store).await.0, standing(7, 6, 5));
    // Workers may tell of it in another order than that of the turns.
    leave(store, 1, Some(turn(6))).await;
    assert_eq!(known(store).await.0, standing(7, 6, 6), "it only rises");
    for other in [queue(SENDER, Class::Bulk), queue(OTHER_SENDER, Class::Otp)] {
        let (standing, _) = store.turns.queue(&other).await.unwrap();
        assert_eq!(standing, QueueStanding::default(), "{other:?}");
    }
}

pub(super) async fn the_texts_of_a_user_lie_one_behind_the_other(store: &Store) {
    assert_eq!(move_end(store, mover(1, 3, turn(0))).await, turn(0));
    assert_eq!(move_end(store, mover(1, 2, turn(0))).await, turn(3));
    assert_eq!(move_end(store, mover(1, 1, turn(4))).await, turn(5));
    let elsewhere = queue(OTHER_SENDER, Class::Otp);
    let long = mover(1, 9, turn(0));
    let other_line = store.turns.move_end(&elsewhere, &long, at(0));
    assert_eq!(other_line.await.unwrap(), turn(0));
    let reach = Reach {
        user: user(1),
        end: turn(6),
        weight: Weight::ONE,
    };
    assert_eq!(known(store).await.1, [reach]);
}

/// The texts of one who has sent a thousand and of one who comes then leave in turn.
pub(super) async fn two_users_take_turns(store: &Store) {
    let mut texts = Vec::new();
    for (number, count) in [(1, 6), (2, 3)] {
        for _ in 0..count {
            texts.push((move_end(store, mover(number, 1, turn(0))).await, number));
        }
    }
    texts.sort_unstable();
    let order: Vec<_> = texts.into_iter().map(|(_, number)| number).collect();
    assert_eq!(order, [1, 2, 1, 2, 1, 2, 1, 1, 1]);
}

pub(super) async fn a_user_with_more_weight_gets_more_turns(store: &Store) {
    let heavy = |number| Mover {
        weight: weight(3),
        ..mover(number, 1, turn(0))
    };
    let micros = |of: Turn| of.as_micros();
    assert_eq!(micros(move_end(store, heavy(1)).await), 0);
    assert_eq!(micros(move_end(store, heavy(1)).await), 333_333);
    assert_eq!(micros(move_end(store, heavy(1)).await), 666_666);
    let lighter = mover(1, 1, turn(0));
    assert_eq!(micros(move_end(store, lighter).await), 999_999);
    let (_, reaches) = known(store).await;
    assert_eq!(reaches[0].weight, Weight::ONE, "the latest one");
    assert_eq!(micros(reaches[0].end), 1_999_999);
}

pub(super) async fn nobody_begins_before_what_is_being_sent(store: &Store) {
    move_end(store, mover(1, 10, turn(0))).await;
    move_end(store, mover(2, 2, turn(0))).await;
    leave(store, 12, Some(turn(9))).await;
    let (standing, reaches) = known(store).await;
    assert_eq!(standing.virtual_time, turn(9));
    let users: Vec<_> = reaches.iter().map(|reach| reach.user).collect();
    assert_eq!(users, [user(1)], "whose turns reach beyond it");
    assert_eq!(move_end(store, mover(2, 1, turn(9))).await, turn(9));
    assert_eq!(move_end(store, mover(3, 1, turn(9))).await, turn(9));
}

pub(super) async fn what_is_given_back_shortens_the_line_of_its_user(store: &Store) {
    let heavy = Mover {
        weight: weight(3),
        ..mover(1, 9, turn(0))
    };
    move_end(store, heavy).await;
    move_end(store, mover(2, 5, turn(0))).await;
    let give_back = async |number, segments| {
        let queue = codes();
        let given = store.turns.give_back(&queue, user(number), segments);
        given.await.unwrap();
    };
    give_back(1, 4).await;
    // A third segment is 333,333 and a bit.
    let end = Turn::from_micros(3_000_000 - 1_333_333);
    assert_eq!(
        move_end(
            store,
            Mover {
                segments: 1,
                ..heavy
            }
        )
        .await,
        end
    );
    give_back(2, 5).await;
    assert_eq!(move_end(store, mover(2, 1, turn(0))).await, turn(0));
    // Who has none gets none.
    give_back(3, 1).await;
    assert_eq!(move_end(store, mover(3, 1, turn(0))).await, turn(0));
}

pub(super) async fn a_queue_in_which_nothing_waits_is_empty(store: &Store) {
    let emptied = async |entered| store.turns.emptied(&codes(), entered).await.unwrap();
    emptied(5).await;
    assert_eq!(known(store).await.0, QueueStanding::default());
    store.turns.enter(&codes(), 5).await.unwrap();
    // Somebody has come since it was looked at.
    emptied(4).await;
    assert_eq!(known(store).await.0, standing(0, 5, 0));
    emptied(5).await;
    assert_eq!(known(store).await.0, standing(0, 5, 5));
    // What was counted twice is forgotten as well.
    leave(store, 3, None).await;
    emptied(6).await;
    assert_eq!(known(store).await.0, standing(0, 5, 5));
    let lost = queue(OTHER_SENDER, Class::Otp);
    store.turns.leave(&lost, 3, None).await.unwrap();
    store.turns.emptied(&lost, 0).await.unwrap();
    let (known, _) = store.turns.queue(&lost).await.unwrap();
    assert_eq!(known, standing(0, 0, 0), "though nobody was counted");
}

pub(super) async fn those_who_race_get_turns_of_their_own(store: &Store) {
    let begins = race(|_| {
        let turns = Arc::clone(&store.turns);
        async move {
            turns.enter(&codes(), 2).await.unwrap();
            let mover = mover(1, 2, turn(0));
            turns.move_end(&codes(), &mover, at(0)).await.unwrap()
        }
    })
    .await;
    let begins: BTreeSet<_> = begins.into_iter().collect();
    assert!(begins.into_iter().eq((0..20).map(|place| turn(2 * place))));
    assert_eq!(known(store).await.0, standing(0, 40, 0));
}

pub(super) async fn at_most_a_thousand_users_are_told_of(store: &Store) {
    let users = u64::try_from(LISTED_USERS).unwrap() + 1;
    let movers: Vec<_> = (1..=users)
        .map(|number| mover(number, number, turn(0)))
        .collect();
    let queue = codes();
    let moved = movers
        .iter()
        .map(|mover| store.turns.move_end(&queue, mover, at(0)));
    try_join_all(moved).await.unwrap();
    let (_, reaches) = known(store).await;
    assert_eq!(reaches.len(), LISTED_USERS);
    assert!(
        reaches.iter().all(|reach| reach.end > turn(1)),
        "the nearest is left out"
    );
}
