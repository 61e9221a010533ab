//! When nothing is sent, and how sending goes on.

use std::time::Duration;

use mysms_core::domain::Lane;
use mysms_core::provider::{NotSentReason, Scope, Verdict};
use mysms_core::store::{Pause, SenderKey};

use crate::admission::Admission;
use crate::rig::{Answer, Rig, SENDER};

fn misconfigured() -> Answer {
    Answer::Verdict(Verdict::Misconfigured {
        code: "20003".to_owned(),
        scope: Scope::Account,
        detail: "The credentials are wrong.",
        resume_after: None,
    })
}

fn unreachable() -> Answer {
    Answer::Verdict(Verdict::NotSent {
        reason: NotSentReason::Unreachable,
    })
}

async fn admission(rig: &Rig) -> Admission {
    rig.context.gate.admit(SENDER).await.unwrap()
}

#[tokio::test]
async fn a_fault_of_the_account_pauses_sending_until_a_probe_gets_through() {
    let rig = Rig::start().await;
    let first = rig.accept("hello").await;
    rig.provider.answers([misconfigured(), misconfigured()]);
    rig.wait_for_the_sweeper();
    rig.sweep().await;
    assert_eq!(rig.status(first).await, "queued");
    assert_eq!(admission(&rig).await, Admission::Shut);
    let second = rig.accept("hello again").await;
    rig.wait(Duration::from_secs(10));
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [first], "the pause lasts");

    rig.wait(rig.context.config.probe_initial);
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [first, first], "one text is a probe");
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [first, first], "it failed, too");

    rig.wait(rig.context.config.retry_max);
    rig.sweep().await;
    assert_eq!(rig.provider.sent().len(), 3, "again one text is a probe");
    rig.sweep().await;
    assert_eq!(rig.provider.sent().len(), 4, "it got through");
    for id in [first, second] {
        assert_eq!(rig.status(id).await, "accepted");
    }
    assert!(rig.stores.pauses.paused().await.unwrap().is_empty());
}

#[tokio::test]
async fn texts_that_were_tried_in_vain_keep_their_place_before_those_that_came_later() {
    let rig = Rig::start().await;
    let mut texts = Vec::new();
    for body in ["first", "second", "third"] {
        texts.push(rig.accept(body).await);
        rig.wait(Duration::from_secs(1));
    }
    rig.provider.answers([misconfigured()]);
    let claimed = rig.claim(texts[0]).await;
    rig.settle().await;
    assert_eq!(claimed, [texts[0]]);
    for wait in [
        rig.context.config.probe_initial,
        rig.context.config.retry_max,
    ] {
        rig.wait(wait);
        rig.provider.answers([misconfigured()]);
        rig.sweep().await;
        assert_eq!(rig.due(Lane::Send).await, texts);
    }
    assert_eq!(
        rig.provider.sent(),
        [texts[0]; 3],
        "the oldest is the probe"
    );
}

#[tokio::test]
async fn an_operators_pause_lasts_until_an_operator_ends_it() {
    let rig = Rig::start().await;
    let id = rig.accept("hello").await;
    let now = rig.context.clock.now();
    let pause = Pause::by_operator("a move".to_owned(), now);
    rig.stores.pauses.pause(pause).await.unwrap();
    rig.context.gate.refresh().await.unwrap();
    rig.wait_for_the_sweeper();
    rig.wait(rig.context.config.retry_max);
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), []);
    rig.stores
        .pauses
        .resume(&SenderKey::operators())
        .await
        .unwrap();
    rig.context.gate.refresh().await.unwrap();
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [id]);
}

#[tokio::test]
async fn what_cannot_reach_the_provider_stops_and_keeps_its_place() {
    let rig = Rig::start().await;
    let id = rig.accept("hello").await;
    rig.provider
        .answers([unreachable(), unreachable(), unreachable()]);
    rig.wait_for_the_sweeper();
    // Within the second after which it is tried once more.
    for _ in 0..4 {
        rig.sweep().await;
    }
    assert_eq!(
        rig.provider.sent(),
        [id; 3],
        "three failures open the breaker"
    );
    let message = rig.message(id).await;
    assert_eq!(message.status.as_str(), "queued");
    assert!(
        message.not_before <= rig.context.clock.now(),
        "it lost no time"
    );
    assert!(rig.context.gate.cause().is_some());
}
