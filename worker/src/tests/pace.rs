//! Who leaves a paced sender next, and how fast.

use std::time::Duration;

use mysms_core::clock::Clock;
use mysms_core::domain::{Class, DailyCap, MessageId, Sender, Timestamp, UserId, Zone};
use mysms_core::provider::Verdict;
use mysms_core::store::Kind;
use runtime::metrics::Service;

use crate::pacing::{Next, Pacer};
use crate::rig::{Accepted, Answer, Rig, SENDER, queue, sender};

const SECOND: Duration = Duration::from_secs(1);

fn of(class: Class) -> Accepted {
    Accepted {
        class,
        ..Accepted::default()
    }
}

fn somebody() -> UserId {
    UserId::generate(Timestamp::EPOCH)
}

fn throttled() -> Answer {
    Answer::Verdict(Verdict::Throttled {
        code: "30022".to_owned(),
        retry_after: None,
        slow: true,
    })
}

fn spent() -> Answer {
    Answer::Verdict(Verdict::SpentToday {
        code: "30023".to_owned(),
        detail: "The day is used up.",
    })
}

#[tokio::test]
async fn several_workers_together_send_at_the_rate_and_each_text_once() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    let mut ids = Vec::new();
    for segments in [1, 2, 6, 1, 3].into_iter().cycle().take(50) {
        let text = Accepted {
            segments,
            ..of(Class::Bulk)
        };
        ids.push(rig.put(text).await);
    }
    let mut pacers = vec![rig.pacer(SENDER)];
    for _ in 0..2 {
        let other = rig.another_worker().await;
        pacers.push(Pacer::new(other, sender(SENDER, 10.0).address));
    }
    rig.run(&mut pacers, SECOND * 10).await;
    let segments: u32 = rig.provider.requests().iter().map(|it| it.segments).sum();
    assert!((97..=106).contains(&segments), "{segments} in ten seconds");
    assert!(rig.busiest(SECOND) <= 10 + 6, "{}", rig.busiest(SECOND));
    rig.run(&mut pacers, SECOND * 5).await;
    rig.end().await;
    let mut sent = rig.provider.sent();
    assert_eq!(sent, ids, "in the order in which they came");
    sent.dedup();
    assert_eq!(sent.len(), ids.len());
    assert_eq!(rig.status(ids[49]).await, "accepted");
}

#[tokio::test]
async fn login_codes_leave_before_the_rest_and_a_tenth_is_for_those_below() {
    let rig = Rig::paced(&[sender(SENDER, 100.0)]).await;
    let bulk = rig.put_many(30, &of(Class::Bulk)).await;
    let other = rig.put_many(30, &of(Class::Transactional)).await;
    let code = rig.put(of(Class::Otp)).await;
    let mut pacers = [rig.pacer(SENDER)];
    rig.run(&mut pacers, Duration::from_millis(300)).await;
    let sent = rig.provider.sent();
    assert_eq!(sent[0], code);
    let count = |ids: &[MessageId]| sent.iter().filter(|id| ids.contains(id)).count();
    assert!(count(&bulk) >= 1, "a tenth of it");
    assert!(count(&bulk) <= 4 && count(&other) > 20, "{}", count(&bulk));
    rig.run(&mut pacers, SECOND).await;
    rig.end().await;
    assert_eq!(rig.provider.sent().len(), 61);
}

#[tokio::test]
async fn users_take_turns_whatever_they_have_waiting() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    let of_user = |owner| Accepted {
        owner,
        ..of(Class::Bulk)
    };
    let (many, few) = (somebody(), somebody());
    rig.put_many(40, &of_user(many)).await;
    let few = rig.put_many(5, &of_user(few)).await;
    let mut pacers = [rig.pacer(SENDER)];
    rig.run(&mut pacers, Duration::from_millis(1100)).await;
    let sent = rig.provider.sent();
    let places: Vec<_> = few
        .iter()
        .map(|id| sent.iter().position(|sent| sent == id))
        .collect();
    for (turn, place) in places.iter().enumerate() {
        let place = place.expect("it is sent among the first");
        assert!(place.abs_diff(turn * 2) <= 1, "{places:?}");
    }
}

#[tokio::test]
async fn a_text_keeps_its_place_to_the_millisecond_and_the_line_its_rate() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    rig.put_many(4, &of(Class::Bulk)).await;
    let mut pacers = [rig.pacer(SENDER)];
    rig.run(&mut pacers, SECOND).await;
    let sent = rig.provider.requests();
    assert_eq!(sent.len(), 4);
    for pair in sent.windows(2) {
        let apart = pair[1].at - pair[0].at;
        assert!((100..=103).contains(&apart.as_millis()), "{apart:?}");
    }
}

#[tokio::test]
async fn a_worker_that_stood_still_does_not_send_at_a_place_that_is_over() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    let ids = rig.put_many(3, &of(Class::Bulk)).await;
    let turn = rig.message(ids[1]).await.turn;
    let mut pacer = rig.pacer(SENDER);
    for _ in 0..3 {
        assert_ne!(pacer.draw().await.unwrap(), Next::Gone);
    }
    rig.pass(Duration::from_millis(5)).await;
    assert_eq!(rig.provider.sent(), ids[..1]);
    // All its clocks go on, and it does not.
    rig.clock.advance(SECOND);
    rig.pass(SECOND).await;
    rig.end().await;
    assert_eq!(rig.provider.sent(), ids[..1]);
    assert_eq!(rig.context.metrics.line_slots_missed.get(), 2);
    let message = rig.message(ids[1]).await;
    assert_eq!((message.status.as_str(), message.turn), ("queued", turn));
    // The counts know that they wait again.
    let bulk = queue(SENDER, Class::Bulk);
    let (standing, _) = rig.stores.turns.queue(&bulk).await.unwrap();
    assert_eq!(standing.waiting(), 2);
    rig.run(&mut [pacer], SECOND).await;
    rig.end().await;
    assert_eq!(rig.provider.sent(), ids);
}

#[tokio::test]
async fn a_worker_that_lost_the_line_between_claim_and_slot_sends_nothing() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    let ids = rig.put_many(2, &of(Class::Bulk)).await;
    let turn = rig.message(ids[0]).await.turn;
    // It stands still once it has claimed the first text, and another takes the line meanwhile.
    let (other, clock) = (rig.another_worker().await, rig.clock.clone());
    let begun = std::sync::atomic::AtomicBool::new(false);
    let slow = rig.worker_with(rig.stores.ledger.relayed(move |moment| {
        let first = moment == mysms_core::store::relay::Moment::AfterSwap
            && !begun.swap(true, std::sync::atomic::Ordering::SeqCst);
        let (other, clock) = (other.clone(), clock.clone());
        async move {
            if first {
                clock.advance(SECOND * 2);
                let mut other = Pacer::new(other, sender(SENDER, 10.0).address);
                other.draw().await.unwrap();
            }
            Ok(())
        }
    }));
    let slow = slow.await;
    let mut slow = Pacer::new(slow, sender(SENDER, 10.0).address);
    slow.draw().await.unwrap();
    rig.pass(Duration::from_millis(500)).await;
    rig.end().await;
    assert_eq!(rig.provider.sent(), ids[1..], "only the other one sends");
    let message = rig.message(ids[0]).await;
    assert_eq!((message.status.as_str(), message.turn), ("queued", turn));
    // On a busy machine the time may pass a place by while the ledger is asked; then it gets another.
    let mut slow = [slow];
    for _ in 0..60 {
        rig.run(&mut slow, SECOND).await;
        rig.end().await;
        if rig.provider.sent().len() > 1 {
            break;
        }
    }
    assert_eq!(rig.provider.sent(), [ids[1], ids[0]]);
}

#[tokio::test]
async fn who_is_too_fast_is_slowed_down_and_the_text_keeps_its_turn() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    let ids = rig.put_many(12, &of(Class::Bulk)).await;
    rig.provider.answers([throttled()]);
    rig.draw(SENDER).await;
    assert_eq!(rig.percent(SENDER).await, 50);
    rig.run(&mut [rig.pacer(SENDER)], SECOND).await;
    let sent = rig.provider.sent();
    assert_eq!(sent[..2], [ids[0], ids[0]], "it goes first, again");
    assert!((5..=7).contains(&sent.len()), "{} in a second", sent.len());
    rig.look().await;
    let troubles = rig.context.status.troubles();
    assert!(troubles[0].contains("50 %") && troubles[0].contains(SENDER));
    assert_eq!(rig.context.metrics.senders_slowed.get(), 1);
}

#[tokio::test]
async fn a_complaint_that_comes_with_a_status_slows_down_once() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    let id = rig.put(of(Class::Bulk)).await;
    rig.draw(SENDER).await;
    let mut remote = crate::rig::remote(1, "undelivered");
    remote.error_code = Some("30022".to_owned());
    let fact = rig.context.fact_about(id, &remote);
    rig.context.record_fact(&fact).await;
    assert_eq!(rig.percent(SENDER).await, 50);
    rig.clock.advance(SECOND * 20);
    rig.context.record_fact(&fact).await;
    assert_eq!(rig.percent(SENDER).await, 52, "it is known, and it climbs");
}

#[tokio::test]
async fn who_has_used_up_the_carriers_day_rests_until_its_midnight() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    let ids = rig.put_many(3, &of(Class::Bulk)).await;
    rig.provider.answers([spent()]);
    rig.draw(SENDER).await;
    assert_eq!(rig.provider.sent(), ids[..1]);
    assert_eq!(rig.draw(SENDER).await, Next::Idle);
    rig.look().await;
    let troubles = rig.context.status.troubles();
    // It is 16:00 in Los Angeles.
    assert!(troubles[0].contains("2026-01-01T08:00:00"), "{troubles:?}");
    crate::gauges::set_shared(&rig.context).await.unwrap();
    let text = runtime::metrics::text(&rig.context.metrics.registry(Service::Worker)).unwrap();
    let paused = |by, count| format!("mysms_paused_senders{{by=\"{by}\"}} {count}\n");
    assert!(text.contains(&paused("carrier", 1)) && text.contains(&paused("provider", 0)));
    let waiting = "mysms_line_waiting_segments{class=\"bulk\"} 3\n";
    assert!(text.contains(waiting), "{text}");
    rig.wait(Duration::from_hours(7));
    rig.context.gate.refresh().await.unwrap();
    assert_eq!(rig.draw(SENDER).await, Next::Idle);
    rig.wait(Duration::from_mins(61));
    let later = rig.put(of(Class::Bulk)).await;
    rig.run(&mut [rig.pacer(SENDER)], SECOND * 3).await;
    rig.end().await;
    assert!(rig.provider.sent().contains(&later));
    rig.look().await;
    assert_eq!(rig.context.status.troubles(), [""; 0]);
}

#[tokio::test]
async fn no_more_than_the_cap_leaves_in_a_day() {
    let capped = Sender {
        cap: Some(DailyCap {
            segments: 5,
            zone: Zone::parse("UTC").unwrap(),
        }),
        ..sender(SENDER, 100.0)
    };
    let rig = Rig::paced(&[capped]).await;
    let text = Accepted {
        segments: 2,
        valid_for: Duration::from_hours(48),
        ..of(Class::Bulk)
    };
    let ids = rig.put_many(4, &text).await;
    rig.draw_for(SENDER, SECOND * 3).await;
    assert_eq!(rig.provider.sent(), ids[..2], "a third does not fit");
    rig.look().await;
    let troubles = rig.context.status.troubles();
    assert!(troubles[0].contains("until 2026-01-02T00:00:00"));
    assert_eq!(rig.context.metrics.senders_spent.get(), 1);
    let one = Accepted {
        segments: 1,
        ..text
    };
    let codes = Accepted {
        class: Class::Otp,
        ..one.clone()
    };
    let one = rig.put(one).await;
    rig.put_many(2, &codes).await;
    rig.draw_for(SENDER, SECOND * 3).await;
    assert_eq!(rig.provider.sent().len(), 3, "one fits");
    rig.look().await;
    assert!(rig.context.status.troubles()[0].contains("until 2026-01-02T00:00:00"));
    assert_eq!(rig.context.metrics.senders_spent.get(), 1);
    rig.wait(Duration::from_hours(24));
    rig.draw_for(SENDER, SECOND * 3).await;
    let sent = rig.provider.sent();
    assert_eq!(sent.len(), 6, "five segments, in three texts");
    assert!(
        !sent.contains(&one),
        "codes went first, then what waited longer"
    );
}

#[tokio::test]
async fn what_expired_in_line_is_ended_and_keeps_nobody_waiting() {
    let rig = Rig::paced(&[sender(SENDER, 1.0)]).await;
    let late = Accepted {
        valid_for: Duration::from_mins(1),
        ..of(Class::Bulk)
    };
    let late = rig.put_many(40, &late).await;
    let good = rig.put(of(Class::Bulk)).await;
    rig.wait(Duration::from_mins(1));
    rig.run(&mut [rig.pacer(SENDER)], SECOND).await;
    rig.end().await;
    assert_eq!(rig.provider.sent(), [good]);
    for id in late {
        assert_eq!(rig.message(id).await.error_code.as_deref(), Some("expired"));
    }
}

#[tokio::test]
async fn what_is_taken_back_while_it_waits_leaves_its_place_to_others() {
    let rig = Rig::paced(&[sender(SENDER, 1.0)]).await;
    let ids = rig.put_many(3, &of(Class::Bulk)).await;
    let owner = rig.message(ids[0]).await.owner;
    let now = rig.clock.now();
    rig.stores.ledger.cancel(owner, ids[0], now).await.unwrap();
    rig.draw(SENDER).await;
    assert_eq!(rig.provider.sent(), [ids[1]]);
}

#[tokio::test]
async fn a_line_that_nothing_waits_for_is_given_back() {
    let rig = Rig::paced(&[sender(SENDER, 1.0)]).await;
    assert_eq!(rig.draw(SENDER).await, Next::Idle);
    let id = rig.put(of(Class::Otp)).await;
    let other = rig.another_worker().await;
    let mut other = Pacer::new(other, sender(SENDER, 1.0).address);
    assert_eq!(
        other.draw().await.unwrap(),
        Next::Idle,
        "it was the only one"
    );
    rig.end().await;
    assert_eq!(rig.provider.sent(), [id]);
    let lines = rig.stores.records.records(Kind::Line).await.unwrap();
    assert_eq!(lines.len(), 1);
}
