//! What is deleted here is erased at the provider.

use std::time::Duration;

use mysms_core::domain::{Event, LOOKED_BACK, Lane, MessageId};
use mysms_core::provider::{Likeness, Verdict};

use crate::rig::{Answer, Rig, remote, sid, taken};

const ON: [(&str, &str); 1] = [("ERASE_AT_PROVIDER", "content")];
const SOON: [(&str, &str); 2] = [
    ("ERASE_AT_PROVIDER", "record"),
    ("ERASE_AFTER_SECONDS", "0.001"),
];

async fn delete(rig: &Rig, id: MessageId) {
    let owner = rig.message(id).await.owner;
    let now = rig.context.clock.now();
    assert!(
        rig.stores
            .ledger
            .delete(owner, id, now)
            .await
            .unwrap()
            .any()
    );
}

/// A text that the provider took under this number, and that was deleted.
async fn deleted(rig: &Rig, text: &str, number: u32) -> MessageId {
    let id = rig.send(text, taken(number)).await;
    delete(rig, id).await;
    id
}

async fn is_noted(rig: &Rig, id: MessageId) -> bool {
    let timeline = rig.message(id).await.timeline;
    let noted = timeline
        .iter()
        .filter(|entry| entry.event == Event::ErasedAtProvider);
    noted.count() == 1
}

#[tokio::test]
async fn it_is_erased_once_some_time_after_it_was_taken() {
    let rig = Rig::with(&ON).await;
    let id = deleted(&rig, "hello", 1).await;
    rig.erase().await;
    assert_eq!(rig.provider.erased(), []);
    rig.wait(Duration::from_mins(35));
    rig.erase().await;
    rig.wait(Duration::from_hours(9));
    rig.erase().await;
    assert_eq!(rig.provider.erased(), [sid(1)]);
    assert!(is_noted(&rig, id).await);
    assert_eq!(rig.context.metrics.erased_at_provider.get(), 1);
}

#[tokio::test]
async fn nothing_is_erased_that_nobody_wants_to_have_erased() {
    let rig = Rig::start().await;
    deleted(&rig, "hello", 1).await;
    rig.wait(Duration::from_hours(9));
    assert_eq!(rig.due(Lane::Erase).await, []);
    // Nor what was deleted while somebody did.
    let rig = Rig::with(&ON).await;
    let id = deleted(&rig, "hello", 1).await;
    rig.wait(Duration::from_hours(9));
    let mut parts = rig.parts();
    parts.stores = parts.stores.erasing(None);
    let config = runtime::config::DeliveryConfig::default();
    let lifecycle = rig.context.lifecycle.clone();
    let worker = crate::Worker::new(parts, rig.context.identity.clone(), config, lifecycle);
    crate::erasing::erase(worker.context(), id).await.unwrap();
    assert_eq!(rig.provider.erased(), []);
    assert_eq!(rig.due(Lane::Erase).await, []);
    assert!(!is_noted(&rig, id).await);
}

#[tokio::test]
async fn it_waits_while_another_text_to_its_number_is_in_doubt() {
    let rig = Rig::with(&SOON).await;
    let doubtful = rig.doubt("hello").await;
    let id = deleted(&rig, "hello", 1).await;
    rig.wait(Duration::from_secs(1));
    rig.erase().await;
    assert_eq!(
        rig.provider.erased(),
        [],
        "the look for the other may need it"
    );
    rig.provider.lists([vec![(2, Likeness::Match)]]);
    rig.resolve().await;
    assert_eq!(rig.status(doubtful).await, "sent");
    rig.wait(Duration::from_hours(1));
    rig.erase().await;
    assert_eq!(rig.provider.erased(), [sid(1)]);
    assert!(is_noted(&rig, id).await);
}

#[tokio::test]
async fn it_waits_for_what_was_tried_and_waits_itself() {
    let rig = Rig::with(&SOON).await;
    let reason = mysms_core::provider::NotSentReason::Unreachable;
    let waiting = rig
        .send("hello", Answer::Verdict(Verdict::NotSent { reason }))
        .await;
    assert_eq!(rig.status(waiting).await, "queued");
    let first = rig.message(waiting).await.first_attempt_at.unwrap();
    let (context, id) = (&rig.context, waiting);
    let (at, to) = (
        first + Duration::from_secs(1),
        rig.message(id).await.recipient.unwrap(),
    );
    let account = &context.identity.account;
    let meets = async |recorded| {
        context
            .ledger
            .is_evidence(account, &to, recorded)
            .await
            .unwrap()
    };
    assert!(meets(at).await);
    assert!(!meets(first - LOOKED_BACK - Duration::from_secs(1)).await);
}

#[tokio::test]
async fn what_cannot_be_erased_yet_is_tried_again_until_it_is() {
    let rig = Rig::with(&ON).await;
    let id = deleted(&rig, "hello", 1).await;
    rig.wait(Duration::from_mins(35));
    for trouble in [0, 1] {
        if trouble == 0 {
            rig.provider.fall_silent();
        } else {
            rig.provider.is_busy();
        }
        rig.erase().await;
        assert_eq!(rig.due(Lane::Erase).await, [], "not at once");
        rig.wait(Duration::from_hours(1));
        assert_eq!(rig.due(Lane::Erase).await, [id]);
        rig.provider.recovers();
    }
    assert_eq!(rig.context.metrics.erasures_refused.get(), 0);
    rig.erase().await;
    assert_eq!(rig.provider.erased(), [sid(1)]);
}

#[tokio::test]
async fn a_refusal_is_counted_and_tried_again_every_hour() {
    let rig = Rig::with(&ON).await;
    let id = deleted(&rig, "hello", 1).await;
    rig.provider.forbid();
    rig.wait(Duration::from_mins(35));
    for refusals in 1..=24 * 8 {
        rig.erase().await;
        assert_eq!(rig.context.metrics.erasures_refused.get(), refusals);
        rig.wait(Duration::from_mins(59));
        assert_eq!(rig.due(Lane::Erase).await, []);
        rig.wait(Duration::from_mins(1));
    }
    // Longer than a tombstone is kept otherwise.
    crate::maintenance::maintain(&rig.context).await.unwrap();
    rig.provider.recovers();
    rig.erase().await;
    assert_eq!(rig.provider.erased(), [sid(1)]);
    assert!(is_noted(&rig, id).await);
}

#[tokio::test]
async fn what_the_provider_took_twice_is_erased_twice() {
    let rig = Rig::with(&SOON).await;
    let id = rig.send("hello", taken(1)).await;
    let again = rig.context.fact_about(id, &remote(2, "sent"));
    rig.context.record_fact(&again).await;
    delete(&rig, id).await;
    rig.wait(Duration::from_secs(1));
    rig.erase().await;
    assert_eq!(rig.provider.erased(), [sid(1), sid(2)]);
}

#[tokio::test]
async fn a_second_copy_that_another_text_owns_is_left_alone() {
    let rig = Rig::with(&SOON).await;
    let first = rig.doubt("hello").await;
    rig.provider.lists([vec![(2, Likeness::Match)]]);
    rig.resolve().await;
    // The callback about its own SID comes after it adopted another one.
    let late = rig.context.fact_about(first, &remote(1, "sent"));
    rig.context.record_fact(&late).await;
    let twin = rig.doubt("hello").await;
    rig.provider.lists([vec![(1, Likeness::Match)]]);
    rig.resolve().await;
    assert_eq!(rig.message(twin).await.provider.unwrap().sid, sid(1));
    delete(&rig, first).await;
    assert_eq!(rig.message(first).await.copies().len(), 2);
    rig.wait(Duration::from_secs(1));
    rig.erase().await;
    assert_eq!(rig.provider.erased(), [sid(2)]);
    assert!(is_noted(&rig, first).await);
}
