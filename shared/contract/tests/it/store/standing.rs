//! How the messages stand that wait for a worker.

use mysms_core::domain::{Lane, NewMessage, NextPoll};
use mysms_core::store::{LaneStanding, Standing};

use super::adapters::Store;
use super::fixtures::{ACCOUNT, OTHER_ACCOUNT, at, claim, id, message, sid, token};

async fn standing(store: &Store, now: u64, claimed_before: u64) -> Vec<Standing> {
    let standing = store.operations.standing(at(now), at(claimed_before));
    let mut standing = standing.await.unwrap();
    standing.sort_by(|one, other| one.account.cmp(&other.account));
    standing
}

fn lane(lane: Lane, waiting: u64, due: Option<u64>) -> LaneStanding {
    LaneStanding {
        lane,
        waiting,
        oldest_due: due.map(at),
    }
}

pub(super) async fn each_lane_is_counted_with_its_oldest_alarm(store: &Store) {
    assert_eq!(standing(store, 10, 0).await, []);
    for number in 1..=3 {
        let wake_at = at(10 + number);
        let new = NewMessage {
            wake_at,
            ..message(number)
        };
        store.insert(new).await;
    }
    store.sending(message(4), token(4)).await;
    store.accepted(message(5), sid(5)).await;
    let at_rest = store.accepted(message(6), sid(6)).await;
    let over = NextPoll { at: None, polls: 3 };
    assert!(store.ledger.next_poll(at_rest, over).await.unwrap());
    let elsewhere = NewMessage {
        account: OTHER_ACCOUNT.to_owned(),
        ..message(7)
    };
    store.insert(elsewhere).await;

    let own = Standing {
        account: ACCOUNT.to_owned(),
        lanes: vec![
            lane(Lane::Send, 3, Some(11)),
            lane(Lane::Resolve, 1, None),
            lane(Lane::Poll, 1, None),
            lane(Lane::Erase, 0, None),
        ],
        doubts: 0,
    };
    let others = Standing {
        account: OTHER_ACCOUNT.to_owned(),
        lanes: vec![
            lane(Lane::Send, 1, None),
            lane(Lane::Resolve, 0, None),
            lane(Lane::Poll, 0, None),
            lane(Lane::Erase, 0, None),
        ],
        doubts: 0,
    };
    assert_eq!(standing(store, 14, 0).await, [own, others]);
}

pub(super) async fn a_doubt_was_claimed_long_ago_and_is_still_being_sent(store: &Store) {
    store.sending(message(1), token(1)).await;
    store.insert(message(2)).await;
    assert!(store.claim(id(2), claim(token(2), at(50))).await);
    let doubts = async |claimed_before| standing(store, 60, claimed_before).await[0].doubts;
    assert_eq!(doubts(0).await, 0);
    assert_eq!(doubts(50).await, 1);
    assert_eq!(doubts(51).await, 2);
}
