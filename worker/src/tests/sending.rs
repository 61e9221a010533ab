//! From a queued text to what the provider said.

use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::LeaseToken;
use mysms_core::provider::{NotSentReason, Verdict};

use crate::rig::{ANNA, Answer, Rig, SENDER, lost, remote, sid, taken};

fn rejected(code: &str, opted_out: bool) -> Verdict {
    Verdict::Rejected {
        code: code.to_owned(),
        detail: "It does not want it.",
        opted_out,
    }
}

#[tokio::test]
async fn a_text_that_is_due_is_sent_once_and_keeps_its_sid() {
    let rig = Rig::start().await;
    let id = rig.accept("hello").await;
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [], "its job has the right of way");
    rig.wait_for_the_sweeper();
    for _ in 0..3 {
        rig.sweep().await;
    }
    assert_eq!(rig.provider.sent(), [id]);
    let message = rig.message(id).await;
    assert_eq!(message.status.as_str(), "accepted");
    assert_eq!(message.provider.unwrap().sid, sid(1));
    assert_eq!(message.attempts, 1);
}

#[tokio::test]
async fn a_job_is_sent_at_once_and_only_then_acknowledged() {
    let rig = Rig::start().await;
    let id = rig.accept("hello").await;
    rig.context.queue.offer(id, None);
    let jobs = crate::jobs::run(Arc::clone(&rig.context));
    let ended = async {
        while rig.provider.sent().is_empty() {
            tokio::task::yield_now().await;
        }
        rig.context.lifecycle.soft().cancel();
    };
    let (jobs, ()) = tokio::join!(jobs, ended);
    jobs.unwrap();
    rig.settle().await;
    assert_eq!(rig.status(id).await, "accepted");
    // A job that comes again, or for nothing, does no harm.
    assert_eq!(rig.provider.sent(), [id]);
}

#[tokio::test]
async fn a_text_is_not_sent_once_the_start_window_is_over() {
    let rig = Rig::start().await;
    let id = rig.accept("hello").await;
    assert_eq!(rig.claim(id).await, [id]);
    // What it began has not run yet: the process, or the whole machine, stands still.
    rig.wait(rig.context.config.start_window + Duration::from_millis(1));
    rig.settle().await;
    assert_eq!(rig.provider.sent(), []);
    assert_eq!(rig.status(id).await, "queued");
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [id]);
}

#[tokio::test]
async fn what_is_refused_for_good_fails_with_the_providers_code() {
    let rig = Rig::start().await;
    let id = rig
        .send("hello", Answer::Verdict(rejected("21211", false)))
        .await;
    let message = rig.message(id).await;
    assert_eq!(message.status.as_str(), "failed");
    assert_eq!(message.error_code.as_deref(), Some("21211"));
    rig.wait_for_the_lease();
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [id]);
}

#[tokio::test]
async fn what_lost_its_lease_meanwhile_ends_nothing() {
    let rig = Rig::start().await;
    let id = rig.accept("hello").await;
    rig.wait_for_the_sweeper();
    // The worker is frozen while it waits, and another takes the message to look for it.
    let (context, clock) = (Arc::clone(&rig.context), Arc::clone(&rig.clock));
    let meanwhile = async move {
        clock.advance(context.config.lease() * 2);
        let taken = context.ledger.take_resolve(id, context.new_claim()).await;
        assert!(taken.unwrap().is_some());
    };
    let late = Answer::After(Box::pin(meanwhile), rejected("30007", false));
    rig.provider.answers([late]);
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [id]);
    assert_eq!(rig.status(id).await, "sending", "whoever holds it decides");
}

#[tokio::test]
async fn throttling_puts_a_text_off_and_narrows_the_stream() {
    let rig = Rig::start().await;
    let id = rig.accept("hello").await;
    let before = rig.context.concurrency.limit();
    rig.provider.answers([Answer::Verdict(Verdict::Throttled {
        code: "20429".to_owned(),
        retry_after: Some(Duration::from_secs(77)),
        slow: false,
    })]);
    rig.wait_for_the_sweeper();
    rig.sweep().await;
    assert_eq!(rig.status(id).await, "queued");
    assert!(rig.context.concurrency.limit() < before);
    rig.wait(Duration::from_secs(70));
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [id], "it asked for 77 seconds");
    rig.wait(Duration::from_secs(8));
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [id, id]);
    assert_eq!(rig.status(id).await, "accepted");
}

#[tokio::test]
async fn what_was_not_processed_is_sent_again_after_a_backoff() {
    let rig = Rig::start().await;
    let id = rig
        .send(
            "hello",
            Answer::Verdict(Verdict::NotSent {
                reason: NotSentReason::NotProcessed {
                    code: "20409".to_owned(),
                },
            }),
        )
        .await;
    assert_eq!(rig.status(id).await, "queued");
    rig.wait(rig.context.config.retry_max);
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [id, id]);
    assert_eq!(rig.message(id).await.attempts, 2);
}

#[tokio::test]
async fn what_expired_while_it_waited_is_ended_and_never_sent() {
    let rig = Rig::start().await;
    let id = rig.accept("hello").await;
    rig.wait(rig.context.config.validity);
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), []);
    let message = rig.message(id).await;
    assert_eq!(message.status.as_str(), "failed");
    assert_eq!(message.error_code.as_deref(), Some("expired"));
}

#[tokio::test]
async fn a_panic_after_the_request_began_leaves_a_doubt() {
    let rig = Rig::start().await;
    let id = rig.send("hello", Answer::Panic).await;
    assert_eq!(rig.status(id).await, "sending");
    rig.wait(rig.context.config.retry_max);
    rig.sweep().await;
    assert_eq!(
        rig.provider.sent(),
        [id],
        "nothing says that it was not sent"
    );
}

#[tokio::test]
async fn who_wants_no_texts_gets_none_though_the_text_was_accepted_before() {
    let rig = Rig::start().await;
    let id = rig.accept("hello").await;
    // Whatever this worker knew, another process noted it since.
    let now = rig.context.clock.now();
    rig.context.unwilling.look(&[SENDER], now).await.unwrap();
    rig.opt_out().await;
    rig.wait_for_the_sweeper();
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), []);
    let message = rig.message(id).await;
    assert_eq!(message.error_code.as_deref(), Some("recipient_opted_out"));
}

#[tokio::test]
async fn a_refusal_because_of_an_opt_out_ends_what_else_waits_for_the_recipient() {
    let rig = Rig::start().await;
    let first = rig.accept("hello").await;
    rig.wait(Duration::from_secs(1));
    let second = rig.accept("hello again").await;
    let other = rig
        .accept_for(crate::rig::ACCOUNT, "+14155550124", "hello")
        .await;
    rig.wait_for_the_sweeper();
    rig.provider
        .answers([Answer::Verdict(rejected("21610", true))]);
    // Only the first one's turn has come.
    assert_eq!(rig.claim(first).await, [first]);
    rig.settle().await;
    assert_eq!(
        rig.message(first).await.error_code.as_deref(),
        Some("21610")
    );
    let second = rig.message(second).await;
    assert_eq!(second.error_code.as_deref(), Some("recipient_opted_out"));
    assert_eq!(rig.status(other).await, "queued");
}

#[tokio::test]
async fn nothing_that_is_learned_late_takes_a_status_back() {
    let rig = Rig::start().await;
    let id = rig.send("hello", taken(1)).await;
    for (word, status) in [
        ("delivered", "delivered"),
        ("sent", "delivered"),
        ("accepted", "delivered"),
    ] {
        let fact = rig.context.fact_about(id, &remote(1, word));
        rig.context.record_fact(&fact).await;
        assert_eq!(rig.status(id).await, status, "{word}");
    }
}

#[tokio::test]
async fn a_text_of_another_account_is_left_alone() {
    let rig = Rig::start().await;
    let id = rig.accept_for("another account", ANNA, "hello").await;
    rig.wait_for_the_sweeper();
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), []);
    assert_eq!(rig.status(id).await, "queued");
    assert_eq!(rig.claim(id).await, []);
}

#[tokio::test]
async fn of_two_workers_one_sends() {
    let rig = Rig::start().await;
    let id = rig.accept("hello").await;
    let (first, second) = tokio::join!(rig.claim(id), rig.claim(id));
    assert_eq!(first.len() + second.len(), 1);
    rig.settle().await;
    assert_eq!(rig.provider.sent(), [id]);
}

#[tokio::test]
async fn a_stale_token_settles_nothing() {
    let rig = Rig::start().await;
    let id = rig.send("hello", lost()).await;
    let settlement = mysms_core::domain::Settlement::Rejected {
        code: "30007".to_owned(),
        detail: None,
    };
    let now = rig.context.clock.now();
    let token = LeaseToken::generate();
    assert!(
        !rig.stores
            .ledger
            .settle(id, token, settlement, now)
            .await
            .unwrap()
    );
    assert_eq!(rig.status(id).await, "sending");
}

#[tokio::test]
async fn what_is_being_sent_or_was_deleted_is_not_claimed() {
    let rig = Rig::start().await;
    let id = rig.send("hello", lost()).await;
    assert_eq!(rig.status(id).await, "sending");
    assert_eq!(rig.claim(id).await, []);
    let deleted = rig.accept("never mind").await;
    let (owner, now) = (rig.message(deleted).await.owner, rig.context.clock.now());
    let ledger = &rig.stores.ledger;
    assert!(ledger.delete(owner, deleted, now).await.unwrap().any());
    assert_eq!(rig.claim(deleted).await, []);
}
