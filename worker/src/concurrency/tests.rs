use futures_util::FutureExt;

use super::*;

#[tokio::test]
async fn throttling_halves_the_limit_once_a_second_down_to_one() {
    let concurrency = Concurrency::new(8);
    let held = concurrency.acquire(8).await;
    let start = Instant::now();
    concurrency.throttled(start);
    concurrency.throttled(start);
    assert_eq!(concurrency.limit(), 4);
    drop(held);
    assert_eq!(concurrency.free(), 4);
    for second in 1..5 {
        concurrency.throttled(start + Duration::from_secs(second));
    }
    assert_eq!((concurrency.limit(), concurrency.free()), (1, 1));
}

#[tokio::test]
async fn each_full_window_of_successes_adds_one() {
    let concurrency = Concurrency::new(4);
    concurrency.throttled(Instant::now());
    assert_eq!(concurrency.limit(), 2);
    for _ in 0..2 {
        concurrency.succeeded();
    }
    assert_eq!((concurrency.limit(), concurrency.free()), (3, 3));
    for _ in 0..100 {
        concurrency.succeeded();
    }
    assert_eq!((concurrency.limit(), concurrency.free()), (4, 4));
}

#[tokio::test]
async fn a_raise_during_debt_forgives_it() {
    let concurrency = Concurrency::new(4);
    let held = concurrency.acquire(4).await;
    concurrency.throttled(Instant::now());
    for _ in 0..2 {
        concurrency.succeeded();
    }
    drop(held);
    assert_eq!((concurrency.limit(), concurrency.free()), (3, 3));
}

#[tokio::test]
async fn a_prompt_provider_finds_the_next_messages_claimed() {
    let concurrency = Concurrency::new(4);
    let mut sending = concurrency.acquire(4).await;
    assert_eq!(concurrency.free(), 0);
    assert!(concurrency.acquire(9).now_or_never().is_none());
    concurrency.answered(true);
    assert_eq!(concurrency.free(), 2);
    let mut claimed = concurrency.acquire(9).await;
    assert_eq!((claimed.len(), concurrency.free()), (2, 0));
    assert!(claimed[0].begin().now_or_never().is_none());
    sending.pop();
    claimed[0].begin().await;
    assert!(claimed[1].begin().now_or_never().is_none());
    assert_eq!(concurrency.free(), 1);
}

#[tokio::test]
async fn nothing_is_claimed_ahead_for_a_slow_or_throttling_provider() {
    let concurrency = Concurrency::new(4);
    concurrency.answered(true);
    concurrency.answered(false);
    assert_eq!(concurrency.acquire(9).await.len(), 4);
    concurrency.answered(true);
    concurrency.throttled(Instant::now());
    assert_eq!((concurrency.limit(), concurrency.free()), (2, 2));
    assert_eq!(concurrency.acquire(9).await.len(), 2);
}

#[tokio::test]
async fn texts_with_a_place_in_a_slot_wait_for_it_without_being_in_flight() {
    let concurrency = Concurrency::new(2);
    assert_eq!(
        concurrency.for_slot(9).len(),
        2,
        "it is not known to be prompt"
    );
    concurrency.answered(true);
    let mut waiting = concurrency.for_slot(99);
    // All that may wait, and beside it what any claim may have.
    assert_eq!(waiting.len(), 2 * TIMED + 2 + 1);
    let mut early = waiting.swap_remove(0);
    assert!(early.begin().now_or_never().is_none(), "two are in flight");
    waiting.clear();
    early.begin().await;
    assert_eq!(concurrency.free(), 1 + 1);
}

#[tokio::test]
async fn sends_go_on_while_answers_are_stored_but_only_so_far() {
    let concurrency = Concurrency::new(2);
    let mut stored = Vec::new();
    for permit in concurrency.acquire(2).await {
        stored.push(permit.answered().await);
    }
    assert_eq!(concurrency.free(), 2);
    let third = concurrency.acquire(1).await.remove(0);
    let mut third = std::pin::pin!(third.answered());
    assert!(futures_util::poll!(third.as_mut()).is_pending());
    assert_eq!(concurrency.free(), 1);
    stored.pop();
    third.await;
    assert_eq!(concurrency.free(), 2);
}
