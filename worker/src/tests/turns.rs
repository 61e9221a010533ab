//! Who gets a turn, and when.

use std::time::Duration;

use mysms_core::clock::Clock;
use mysms_core::domain::{
    Class, MessageId, QuietHours, Sender, Status, Timestamp, Turn, UserId, UserSettings, Weight,
};

use crate::rig::{Accepted, Rig, SENDER, queue, sender};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);

async fn scheduled(rig: &Rig, text: Accepted) -> MessageId {
    let send_at = Some(rig.clock.now() + HOUR);
    rig.put(Accepted { send_at, ..text }).await
}

fn quiet(from: &str, to: &str) -> QuietHours {
    let hours = serde_json::json!({"windows": [{"from": from, "to": to}], "time_zone": "UTC"});
    serde_json::from_value(hours).unwrap()
}

#[tokio::test]
async fn a_scheduled_text_gets_a_turn_when_it_is_due_and_not_before() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    let id = scheduled(&rig, Accepted::default()).await;
    rig.sweep().await;
    rig.draw(SENDER).await;
    assert_eq!(
        (rig.message(id).await.turn, rig.provider.sent().len()),
        (None, 0)
    );
    rig.wait(HOUR);
    rig.sweep().await;
    let message = rig.message(id).await;
    assert!(message.turn.is_some());
    assert_eq!(message.wake_at, Some(message.expires_at));
    let version = message.version;
    rig.sweep().await;
    assert_eq!(rig.message(id).await.version, version, "one write");
    rig.draw(SENDER).await;
    assert_eq!(rig.provider.sent(), [id]);
}

#[tokio::test]
async fn a_user_with_more_weight_gets_earlier_turns() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    let users = [1, 2].map(|_| UserId::generate(Timestamp::EPOCH));
    let heavy = UserSettings {
        weight: Weight::try_from(4).unwrap(),
        ..UserSettings::default()
    };
    rig.weigh(users[1], &heavy).await;
    let mut ids = Vec::new();
    for owner in users {
        for _ in 0..5 {
            let text = Accepted {
                owner,
                ..Accepted::default()
            };
            ids.push(scheduled(&rig, text).await);
        }
    }
    rig.wait(HOUR);
    rig.sweep().await;
    let mut turns = Vec::new();
    for id in &ids {
        turns.push(rig.message(*id).await.turn.unwrap());
    }
    let length = |turns: &mut [Turn]| {
        turns.sort();
        turns[4].as_micros() - turns[0].as_micros()
    };
    let (light, heavy) = turns.split_at_mut(5);
    assert_eq!(length(light), length(heavy) * 4);
}

#[tokio::test]
async fn two_workers_give_one_text_one_turn_and_count_it_once() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(scheduled(&rig, Accepted::default()).await);
    }
    rig.wait(HOUR);
    let other = rig.another_worker().await;
    let sweeps = async {
        let (one, two) = tokio::join!(
            crate::sweeper::sweep(&rig.context),
            crate::sweeper::sweep(&other)
        );
        one.and(two).unwrap();
    };
    // Whoever meets the other waits for a moment.
    rig.meanwhile(sweeps).await;
    let queue = queue(SENDER, Class::Transactional);
    let (standing, reaches) = rig.stores.turns.queue(&queue).await.unwrap();
    assert_eq!(standing.waiting(), 10);
    assert_eq!(reaches[0].end.as_micros(), 10_000_000);
    rig.run(&mut [rig.pacer(SENDER)], SECOND * 2).await;
    rig.end().await;
    assert_eq!(rig.provider.sent().len(), ids.len());
}

#[tokio::test]
async fn a_text_whose_time_comes_in_quiet_hours_waits_for_their_end_and_a_login_code_does_not() {
    // The clock starts at midnight, UTC.
    let night = Sender {
        quiet: Some(quiet("21:00", "07:00")),
        ..sender(SENDER, 10.0)
    };
    let rig = Rig::paced(&[night]).await;
    let owner = UserId::generate(Timestamp::EPOCH);
    let settings = UserSettings {
        quiet_hours: Some(quiet("06:00", "08:00")),
        ..UserSettings::default()
    };
    rig.weigh(owner, &settings).await;
    let text = Accepted {
        owner,
        ..Accepted::default()
    };
    let code = Accepted {
        class: Class::Otp,
        ..text.clone()
    };
    let (id, code) = (scheduled(&rig, text).await, scheduled(&rig, code).await);
    let expires_at = rig.message(id).await.expires_at;
    rig.wait(HOUR);
    rig.sweep().await;
    let message = rig.message(id).await;
    assert_eq!((message.turn, message.status), (None, Status::Queued));
    assert_eq!(message.not_before.to_string(), "2026-01-01T08:00:00.000Z");
    assert_eq!(message.expires_at, expires_at + HOUR * 7);
    rig.draw(SENDER).await;
    assert_eq!(rig.provider.sent(), [code]);
    rig.wait(HOUR * 7);
    rig.sweep().await;
    rig.draw(SENDER).await;
    assert_eq!(rig.provider.sent(), [code, id]);
}

#[tokio::test]
async fn what_waits_for_its_turn_when_quiet_hours_begin_is_not_claimed_and_waits_for_their_end() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    let (id, code) = (
        rig.put(Accepted::default()).await,
        rig.put(Accepted {
            class: Class::Otp,
            ..Accepted::default()
        })
        .await,
    );
    let expires_at = rig.message(id).await.expires_at;
    // The API had not heard of them.
    rig.set(&Sender {
        quiet: Some(quiet("00:00", "02:00")),
        ..sender(SENDER, 10.0)
    })
    .await;
    rig.draw(SENDER).await;
    rig.end().await;
    assert_eq!(rig.provider.sent(), [code]);
    let message = rig.message(id).await;
    assert_eq!((message.turn, message.attempts), (None, 0));
    assert_eq!(message.not_before.to_string(), "2026-01-01T02:00:00.000Z");
    assert!(message.expires_at > expires_at);
    let (standing, _) = rig
        .stores
        .turns
        .queue(&queue(SENDER, Class::Transactional))
        .await
        .unwrap();
    assert_eq!(standing.waiting(), 0);
}

#[tokio::test]
async fn where_nothing_is_paced_quiet_hours_hold_up_what_an_outage_brought_into_them() {
    let rig = Rig::start().await;
    let id = rig.accept("hello").await;
    let settings = UserSettings {
        quiet_hours: Some(quiet("00:00", "02:00")),
        ..UserSettings::default()
    };
    rig.weigh(rig.message(id).await.owner, &settings).await;
    // A worker that has just begun knows of them as well.
    let fresh = rig.another_worker().await;
    rig.wait_for_the_sweeper();
    crate::sweeper::sweep(&fresh).await.unwrap();
    rig.settle().await;
    assert_eq!(rig.provider.sent(), []);
    let message = rig.message(id).await;
    assert_eq!(message.status, Status::Queued);
    assert_eq!(message.not_before.to_string(), "2026-01-01T02:00:00.000Z");
}

#[tokio::test]
async fn what_expired_before_its_turn_is_ended() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    let text = Accepted {
        valid_for: SECOND * 60,
        ..Accepted::default()
    };
    let id = scheduled(&rig, text).await;
    rig.wait(HOUR * 2);
    rig.sweep().await;
    assert_eq!(rig.message(id).await.error_code.as_deref(), Some("expired"));
}

#[tokio::test]
async fn a_job_wakes_the_pacer_of_its_text_and_gives_a_turn_to_one_without() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    let with = rig.put(Accepted::default()).await;
    // The API that accepted it had not heard of the rate.
    let without = rig.accept("hello").await;
    for id in [with, without] {
        rig.context.queue.offer(id, Some("trace".to_owned()));
    }
    let pacer = rig.pacer(SENDER).run();
    let jobs = crate::jobs::run(rig.context.clone());
    let ended = async {
        // The ledger is asked, so that time does not run away while others wait for it.
        while rig.status(with).await != "accepted" || rig.status(without).await != "accepted" {
            rig.pass(Duration::from_millis(1)).await;
        }
        rig.context.lifecycle.soft().cancel();
    };
    let (jobs, (), ()) = tokio::join!(jobs, pacer, ended);
    jobs.unwrap();
    rig.end().await;
    let mut sent = rig.provider.sent();
    sent.sort();
    assert_eq!(sent, [with, without]);
}

#[tokio::test]
async fn the_counts_of_a_sender_that_rests_agree_with_what_waits() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    rig.put_many(2, &Accepted::default()).await;
    let queue = queue(SENDER, Class::Transactional);
    let waiting = async || rig.stores.turns.queue(&queue).await.unwrap().0.waiting();
    // An API counted a text that it could not store.
    rig.stores.turns.enter(&queue, 5).await.unwrap();
    rig.run(&mut [rig.pacer(SENDER)], SECOND).await;
    assert_eq!(waiting().await, 5);
    rig.sweep().await;
    rig.end().await;
    assert_eq!(
        waiting().await,
        5,
        "what is on its way may not be counted yet"
    );
    rig.pass(SECOND * 10).await;
    rig.sweep().await;
    rig.end().await;
    assert_eq!(waiting().await, 0);
    crate::gauges::set_shared(&rig.context).await.unwrap();
}
