//! What becomes of a text of which nobody knows whether it was sent.

use mysms_core::domain::Settlement;
use mysms_core::provider::Likeness;

use crate::rig::{Rig, lost, remote, sid};

const REWRITTEN: Likeness = Likeness::Possible("it may be this one, rewritten");
const LOOK: Option<&str> = Some("Look");

#[tokio::test]
async fn a_doubt_is_looked_for_before_it_is_sent_again() {
    let rig = Rig::start().await;
    let id = rig.doubt("hello").await;
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [id], "it is no longer due to be sent");
    rig.provider.lists([vec![(7, Likeness::Match)]]);
    rig.resolve().await;
    let message = rig.message(id).await;
    assert_eq!(message.provider.unwrap().sid, sid(7));
    assert_eq!(message.status.as_str(), "sent");
    rig.wait(rig.context.config.retry_max);
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [id]);
}

#[tokio::test]
async fn a_doubt_is_not_looked_for_while_it_may_still_be_sent() {
    let rig = Rig::start().await;
    let id = rig.send("hello", lost()).await;
    rig.provider.lists([vec![]]);
    rig.resolve().await;
    rig.resolve().await;
    assert_eq!(rig.status(id).await, "sending");
}

#[tokio::test]
async fn what_two_lists_do_not_show_is_sent_again() {
    let rig = Rig::start().await;
    let id = rig.doubt("hello").await;
    rig.resolve().await;
    assert_eq!(rig.status(id).await, "sending", "one list proves nothing");
    rig.sweep().await;
    rig.resolve().await;
    assert_eq!(rig.provider.sent(), [id], "the second look waits");
    rig.wait(rig.context.config.resolve_interval);
    rig.resolve().await;
    assert_eq!(rig.status(id).await, "queued");
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [id, id]);
    assert_eq!(rig.status(id).await, "accepted");
}

#[tokio::test]
async fn what_is_not_wanted_any_more_is_not_sent_again() {
    let rig = Rig::start().await;
    let id = rig.doubt("hello").await;
    rig.opt_out().await;
    rig.resolve().await;
    rig.wait(rig.context.config.resolve_interval);
    rig.resolve().await;
    let message = rig.message(id).await;
    assert_eq!(message.error_code.as_deref(), Some("recipient_opted_out"));
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [id]);
}

#[tokio::test]
async fn a_list_that_is_unclear_or_unreadable_lets_a_doubt_wait() {
    let rig = Rig::start().await;
    let id = rig.doubt("hello").await;
    rig.provider
        .lists([vec![(7, REWRITTEN)], vec![(7, REWRITTEN)]]);
    for _ in 0..2 {
        rig.resolve().await;
        rig.wait(rig.context.config.resolve_interval);
    }
    assert_eq!(rig.status(id).await, "sending");
    rig.provider.fall_silent();
    for _ in 0..5 {
        rig.resolve().await;
        rig.wait(rig.context.config.resolve_interval * 10);
        rig.sweep().await;
    }
    assert_eq!(rig.status(id).await, "sending");
    assert_eq!(rig.provider.sent(), [id]);
}

#[tokio::test]
async fn a_doubt_that_lasts_is_given_up_and_says_so() {
    let rig = Rig::start().await;
    let id = rig.doubt("hello").await;
    rig.provider.fall_silent();
    let config = &rig.context.config;
    rig.wait(config.validity + config.resolve_give_up);
    rig.resolve().await;
    let message = rig.message(id).await;
    assert_eq!(message.status.as_str(), "failed");
    assert_eq!(message.error_code.as_deref(), Some("outcome_unknown"));
    assert_eq!(rig.context.metrics.outcome_unknown.get(), 1);
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [id]);
}

#[tokio::test]
async fn a_sid_that_another_message_has_is_not_adopted() {
    let rig = Rig::start().await;
    let twin = rig.send("hello", crate::rig::taken(7)).await;
    let id = rig.doubt("hello").await;
    // The list shows the twin's text alone: ours is not there.
    let list = vec![(7, Likeness::Match)];
    rig.provider.lists([list.clone(), list]);
    rig.resolve().await;
    rig.wait(rig.context.config.resolve_interval);
    rig.resolve().await;
    assert_eq!(rig.message(twin).await.provider.unwrap().sid, sid(7));
    assert_eq!(rig.status(id).await, "queued");
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [twin, id, id]);
}

#[tokio::test]
async fn of_identical_texts_in_doubt_each_gets_a_sid_of_its_own() {
    let rig = Rig::start().await;
    let first = rig.doubt("hello").await;
    let second = rig.doubt("hello").await;
    let list = vec![(8, Likeness::Match), (7, Likeness::Match)];
    rig.provider.lists([list.clone(), list]);
    rig.resolve().await;
    let sid_of = async |id| rig.message(id).await.provider.unwrap().sid;
    let mut sids = [sid_of(first).await, sid_of(second).await];
    sids.sort();
    assert_eq!(sids, [sid(7), sid(8)]);
}

#[tokio::test]
async fn a_picture_waits_until_another_with_the_same_words_is_known() {
    let rig = Rig::start().await;
    let first = rig.doubt_about_picture(LOOK, "https://example.com/1").await;
    let second = rig.accept_picture(LOOK, "https://example.com/2").await;
    rig.wait_for_the_sweeper();
    rig.sweep().await;
    // It was not even claimed, so nobody has to look for it whatever happens.
    let waiting = rig.message(second).await;
    assert_eq!((waiting.status.as_str(), waiting.attempts), ("queued", 0));
    let same = rig.accept_picture(LOOK, "https://example.com/1").await;
    assert_eq!(rig.claim(same).await, [same]);
    rig.settle().await;
    assert_eq!(rig.provider.sent(), [first, same], "the same is no other");
    rig.provider.lists([vec![(7, Likeness::Match)]]);
    rig.resolve().await;
    assert_eq!(rig.message(first).await.provider.unwrap().sid, sid(7));
    rig.wait(rig.context.config.retry_max);
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [first, same, second]);
}

#[tokio::test]
async fn a_picture_without_words_waits_for_no_other() {
    let rig = Rig::start().await;
    let lost = rig.doubt_about_picture(None, "https://example.com/1").await;
    let [second, third] = ["https://example.com/2", "https://example.com/3"];
    // One after the other, because of those that a sweep finds together any may leave first.
    let second = rig.accept_picture(None, second).await;
    rig.wait_for_the_sweeper();
    rig.sweep().await;
    let third = rig.accept_picture(None, third).await;
    rig.wait_for_the_sweeper();
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [lost, second, third]);
    assert_eq!(rig.status(second).await, "accepted");
    // What the list shows may be any picture.
    rig.provider.lists([vec![(7, REWRITTEN)]]);
    rig.resolve().await;
    assert_eq!(rig.status(lost).await, "sending");
}

#[tokio::test]
async fn of_different_pictures_in_doubt_none_takes_the_sid_of_the_other() {
    let rig = Rig::start().await;
    let first = rig.doubt_about_picture(LOOK, "https://example.com/1").await;
    // Whoever claimed it died before it could see the other.
    let second = rig.accept_picture(LOOK, "https://example.com/2").await;
    rig.claim_and_die(second).await;
    rig.wait_for_the_lease();
    // One of them was taken; only the provider's report tells which.
    rig.provider.lists(vec![vec![(7, Likeness::Match)]; 3]);
    rig.resolve().await;
    for id in [first, second] {
        assert_eq!(rig.status(id).await, "sending");
    }
    // Nor does it help that the other is given up.
    let ledger = &rig.context.ledger;
    rig.wait(rig.context.config.resolve_interval);
    let now = rig.context.clock.now();
    let claim = rig.context.new_claim();
    ledger.take_resolve(first, claim).await.unwrap().unwrap();
    let expired_before = rig.message(first).await.expires_at;
    let given_up = Settlement::GiveUp { expired_before };
    assert!(
        ledger
            .settle(first, claim.token, given_up, now)
            .await
            .unwrap()
    );
    rig.resolve().await;
    assert_eq!(rig.status(second).await, "sending");
    let told = rig.context.fact_about(second, &remote(7, "delivered"));
    rig.context.ledger.apply_fact(&told).await.unwrap();
    assert_eq!(rig.status(second).await, "delivered");
    rig.sweep().await;
    assert_eq!(rig.provider.sent(), [first]);
}

#[tokio::test]
async fn a_status_that_nobody_reported_is_asked_for() {
    let rig = Rig::start().await;
    let id = rig.send("hello", crate::rig::taken(1)).await;
    let rungs = rig.context.config.status_polls.clone();
    rig.poll().await;
    assert_eq!(rig.status(id).await, "accepted", "it is not yet time");
    rig.provider.knows(remote(1, "sent"));
    rig.wait(rungs[0]);
    rig.poll().await;
    assert_eq!(rig.status(id).await, "sent");
    assert_eq!(rig.message(id).await.polls, 1);
    rig.provider.knows(remote(1, "delivered"));
    rig.poll().await;
    assert_eq!(
        rig.status(id).await,
        "sent",
        "the next question waits for its rung"
    );
    rig.wait(rungs[1]);
    rig.poll().await;
    assert_eq!(rig.status(id).await, "delivered");
}

#[tokio::test]
async fn a_question_that_was_not_answered_is_asked_again() {
    let rig = Rig::start().await;
    let id = rig.send("hello", crate::rig::taken(1)).await;
    rig.wait(rig.context.config.status_polls[0]);
    rig.provider.fall_silent();
    rig.poll().await;
    let message = rig.message(id).await;
    assert_eq!((message.polls, message.status.as_str()), (0, "accepted"));
    assert!(
        message
            .wake_at
            .is_some_and(|at| at > rig.context.clock.now())
    );
}

#[tokio::test]
async fn a_look_needs_a_lease_that_is_over_and_a_resend_a_look_before() {
    let rig = Rig::start().await;
    let id = rig.send("hello", lost()).await;
    let ledger = &rig.context.ledger;
    let early = ledger.take_resolve(id, rig.context.new_claim()).await;
    assert_eq!(early.unwrap(), None);
    rig.wait_for_the_lease();
    let claim = rig.context.new_claim();
    assert!(ledger.take_resolve(id, claim).await.unwrap().is_some());
    let now = rig.context.clock.now();
    let absent = Settlement::RequeueAbsent;
    assert!(!ledger.settle(id, claim.token, absent, now).await.unwrap());
    assert_eq!(rig.status(id).await, "sending");
}
