//! Several senders in one worker, and the one of the environment alone.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mysms_core::clock::Clock;
use mysms_core::domain::{Address, Class, Consent, Sender, SenderAddress, SenderState, Turn, Wish};
use mysms_core::provider::{Scope, Verdict};
use mysms_core::store::relay::Moment;

use crate::pacing::{Next, Pacer};
use crate::rig::{ANNA, Accepted, Answer, Rig, SENDER, sender};

const OTHER: &str = "+15005550007";
const CODE: &str = "12345";

const SECOND: Duration = Duration::from_secs(1);

fn from(sender: &'static str) -> Accepted {
    Accepted {
        sender,
        ..Accepted::default()
    }
}

fn in_state(state: SenderState) -> Sender {
    Sender {
        state,
        ..sender(OTHER, 10.0)
    }
}

/// The senders that the provider was asked to send from.
fn senders(rig: &Rig) -> Vec<String> {
    let sent = rig.provider.requests();
    sent.into_iter().map(|sent| sent.from).collect()
}

#[tokio::test]
async fn the_environments_sender_alone_costs_nothing_that_rates_need() {
    let rig = Rig::start().await;
    rig.sweep().await;
    assert!(
        rig.calls.take() > 0,
        "it looks once whether there are others"
    );
    rig.accept("by the sweeper").await;
    rig.wait_for_the_sweeper();
    rig.sweep().await;
    for _ in 0..3 {
        let id = rig.accept("hello").await;
        rig.context.queue.offer(id, None);
    }
    let jobs = crate::jobs::run(rig.context.clone());
    let ended = async {
        while rig.provider.sent().len() < 4 {
            tokio::task::yield_now().await;
        }
        rig.context.lifecycle.soft().cancel();
    };
    let (jobs, ()) = tokio::join!(jobs, ended);
    jobs.unwrap();
    rig.settle().await;
    assert_eq!(rig.calls.take(), 0);
}

#[tokio::test]
async fn each_text_leaves_from_its_own_sender_at_that_ones_rate() {
    let rig = Rig::paced(&[
        sender(SENDER, 10.0),
        sender(OTHER, 2.0),
        sender(CODE, 100.0),
    ])
    .await;
    for address in [SENDER, OTHER, CODE] {
        rig.put_many(20, &from(address)).await;
    }
    let mut pacers = [SENDER, OTHER, CODE].map(|address| rig.pacer(address));
    rig.run(&mut pacers, SECOND).await;
    let sent = senders(&rig);
    let count = |address| sent.iter().filter(|from| *from == address).count();
    assert!((10..=11).contains(&count(SENDER)), "{}", count(SENDER));
    assert!((2..=3).contains(&count(OTHER)), "{}", count(OTHER));
    assert_eq!(count(CODE), 20);
    rig.end().await;
    for sent in rig.provider.requests() {
        let message = rig.message(sent.message).await;
        assert_eq!(message.sender, Some(sent.from));
    }
}

#[tokio::test]
async fn a_pause_of_one_sender_lets_the_others_send() {
    let rig = Rig::paced(&[sender(SENDER, 10.0), sender(OTHER, 10.0)]).await;
    let first = rig.put(from(OTHER)).await;
    rig.provider
        .answers([Answer::Verdict(Verdict::Misconfigured {
            code: "21606".to_owned(),
            scope: Scope::Sender,
            detail: "The number cannot send.",
            resume_after: None,
        })]);
    rig.draw(OTHER).await;
    let other = rig.put(from(SENDER)).await;
    rig.put(from(OTHER)).await;
    assert_eq!(rig.draw(OTHER).await, Next::Idle);
    rig.draw(SENDER).await;
    assert_eq!(rig.provider.sent(), [first, other]);
    rig.look().await;
    let troubles = rig.context.status.troubles();
    assert_eq!(troubles.len(), 1);
    assert!(troubles[0].starts_with(OTHER) && troubles[0].contains("21606"));

    // One text is a probe, the one that is first.
    rig.wait(rig.context.config.probe_initial);
    let mut pacer = rig.pacer(OTHER);
    pacer.draw().await.unwrap();
    assert_eq!(pacer.draw().await.unwrap(), Next::Idle, "one at a time");
    rig.end().await;
    assert_eq!(rig.provider.sent(), [first, other, first]);
    rig.draw_for(OTHER, SECOND).await;
    assert_eq!(rig.provider.sent().len(), 4);
    assert!(rig.stores.pauses.paused().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_probe_that_finds_nothing_to_send_is_not_used_up() {
    let rig = Rig::paced(&[sender(SENDER, 10.0), sender(OTHER, 10.0)]).await;
    let id = rig.put(from(SENDER)).await;
    rig.provider
        .answers([Answer::Verdict(Verdict::Misconfigured {
            code: "20003".to_owned(),
            scope: Scope::Account,
            detail: "The credentials are wrong.",
            resume_after: None,
        })]);
    rig.draw(SENDER).await;
    let (owner, now) = (rig.message(id).await.owner, rig.clock.now());
    rig.stores.ledger.cancel(owner, id, now).await.unwrap();
    rig.wait(rig.context.config.probe_initial);
    assert_eq!(rig.draw(SENDER).await, Next::Idle);
    let later = rig.put(from(SENDER)).await;
    rig.draw(SENDER).await;
    assert_eq!(rig.provider.sent(), [id, later]);
}

#[tokio::test]
async fn who_wants_no_texts_from_one_sender_gets_those_of_another() {
    let rig = Rig::paced(&[sender(SENDER, 10.0), sender(OTHER, 10.0)]).await;
    let now = rig.clock.now();
    let wish = Wish {
        recipient: Address::of_author(ANNA),
        senders: vec![OTHER.to_owned()],
        consent: Consent::Withdrawn,
        at: now,
    };
    rig.stores.opt_outs.note(&wish, now).await.unwrap();
    let refused = rig.put(from(OTHER)).await;
    let wanted = rig.put(from(SENDER)).await;
    rig.draw(OTHER).await;
    rig.draw(SENDER).await;
    assert_eq!(rig.provider.sent(), [wanted]);
    let message = rig.message(refused).await;
    assert_eq!(message.error_code.as_deref(), Some("recipient_opted_out"));
}

#[tokio::test]
async fn a_refusal_because_of_an_opt_out_is_about_the_sender_that_it_was_sent_from() {
    let rig = Rig::paced(&[sender(SENDER, 10.0), sender(OTHER, 10.0)]).await;
    rig.provider.answers([Answer::Verdict(Verdict::Rejected {
        code: "21610".to_owned(),
        detail: "It does not want it.",
        opted_out: true,
    })]);
    let first = rig.put(from(OTHER)).await;
    let second = rig.put(from(OTHER)).await;
    let wanted = rig.put(from(SENDER)).await;
    rig.draw(OTHER).await;
    let second = rig.message(second).await;
    assert_eq!(second.error_code.as_deref(), Some("recipient_opted_out"));
    rig.draw(SENDER).await;
    assert_eq!(rig.provider.sent(), [first, wanted]);
}

#[tokio::test]
async fn what_is_drained_still_leaves_and_what_is_off_does_not() {
    let rig = Rig::paced(&[sender(SENDER, 10.0), in_state(SenderState::Draining)]).await;
    let first = rig.put(from(OTHER)).await;
    rig.draw(OTHER).await;
    assert_eq!(rig.provider.sent(), [first]);
    rig.set(&in_state(SenderState::Off)).await;
    let second = rig.put(from(OTHER)).await;
    assert_eq!(rig.draw(OTHER).await, Next::Gone);
    rig.sweep().await;
    rig.draw(SENDER).await;
    assert_eq!(rig.provider.sent(), [first], "nobody else sends it either");
    rig.set(&in_state(SenderState::Active)).await;
    rig.draw(OTHER).await;
    assert_eq!(rig.provider.sent(), [first, second]);
}

#[tokio::test]
async fn a_text_that_is_moved_while_it_is_claimed_leaves_once_from_where_it_was_moved_to() {
    let rig = Rig::paced(&[sender(SENDER, 10.0), sender(OTHER, 10.0)]).await;
    let id = rig.put(from(OTHER)).await;
    let (ledger, clock) = (rig.stores.ledger.clone(), rig.clock.clone());
    let begun = AtomicBool::new(false);
    let relayed = rig.stores.ledger.relayed(move |moment| {
        let first = moment == Moment::BeforeSwap && !begun.swap(true, Ordering::SeqCst);
        let (ledger, now) = (ledger.clone(), clock.now());
        async move {
            if first {
                let to = (SenderAddress::known(SENDER), Some(Turn::FIRST));
                let moves = HashMap::from([(id, to)]);
                let found = ledger.read(&[id]).await?;
                assert_eq!(ledger.move_to(found, &moves, now).await?.len(), 1);
            }
            Ok(())
        }
    });
    let worker = rig.worker_with(relayed).await;
    let mut pacer = Pacer::new(worker, SenderAddress::known(OTHER));
    // What it lost it may try again, and must not get.
    let draws = async {
        for _ in 0..3 {
            pacer.draw().await.unwrap();
        }
    };
    rig.meanwhile(draws).await;
    rig.end().await;
    assert_eq!(rig.provider.sent(), []);
    rig.draw(SENDER).await;
    assert_eq!(senders(&rig), [SENDER]);
    assert_eq!(rig.status(id).await, "accepted");
}

#[tokio::test]
async fn what_waits_for_a_sender_that_is_gone_leaves_from_the_environments() {
    let rig = Rig::paced(&[sender(SENDER, 10.0), sender(OTHER, 10.0)]).await;
    let id = rig.put(from(OTHER)).await;
    rig.remove(OTHER).await;
    rig.sweep().await;
    rig.draw(SENDER).await;
    assert_eq!(senders(&rig), [SENDER]);
    assert_eq!(rig.message(id).await.sender.as_deref(), Some(SENDER));
}

#[tokio::test]
async fn what_waits_for_a_sender_that_was_just_added_is_left_to_it() {
    let rig = Rig::paced(&[sender(SENDER, 10.0), sender(OTHER, 10.0)]).await;
    rig.set_unheard(&sender(CODE, 10.0)).await;
    rig.put(from(CODE)).await;
    rig.sweep().await;
    rig.draw(SENDER).await;
    rig.draw(CODE).await;
    rig.end().await;
    assert_eq!(senders(&rig), [CODE]);
}

#[tokio::test]
async fn once_nothing_is_paced_what_has_a_turn_leaves_as_everything_does() {
    let rig = Rig::paced(&[sender(SENDER, 0.2), sender(OTHER, 0.2)]).await;
    let bulk = Accepted {
        class: Class::Bulk,
        ..from(OTHER)
    };
    let mut ids = rig.put_many(3, &from(SENDER)).await;
    ids.extend(rig.put_many(3, &bulk).await);
    assert_eq!(rig.claim(ids[0]).await, [], "it waits for its turn");
    rig.remove(OTHER).await;
    rig.remove(SENDER).await;
    rig.sweep().await;
    rig.end().await;
    let mut sent = rig.provider.sent();
    sent.sort();
    ids.sort();
    assert_eq!(sent, ids);
    assert!(senders(&rig).iter().all(|from| from == SENDER));
    for class in Class::ALL {
        let queue = crate::rig::queue(OTHER, class);
        let (standing, _) = rig.stores.turns.queue(&queue).await.unwrap();
        assert_eq!(standing.waiting(), 0);
    }
}

#[tokio::test]
async fn pacers_begin_and_end_with_their_senders() {
    let rig = Rig::paced(&[sender(SENDER, 10.0)]).await;
    let context = || rig.context.clone();
    let running = futures_util::future::join(
        crate::pacing::run(context()),
        crate::sweeper::run(context()),
    );
    let script = async {
        let first = rig.put(from(SENDER)).await;
        while rig.status(first).await != "accepted" {
            rig.pass(Duration::from_millis(1)).await;
        }
        rig.set(&sender(OTHER, 10.0)).await;
        let second = rig.put(from(OTHER)).await;
        while rig.status(second).await != "accepted" {
            rig.pass(Duration::from_millis(1)).await;
        }
        rig.remove(OTHER).await;
        rig.pass(SECOND * 5).await;
        rig.set(&sender(OTHER, 10.0)).await;
        let third = rig.put(from(OTHER)).await;
        while rig.status(third).await != "accepted" {
            rig.pass(Duration::from_millis(1)).await;
        }
        rig.context.lifecycle.soft().cancel();
        [first, second, third]
    };
    let ((pacers, sweeper), sent) = tokio::join!(running, script);
    pacers.unwrap();
    sweeper.unwrap();
    rig.end().await;
    assert_eq!(rig.provider.sent(), sent);
    assert_eq!(senders(&rig), [SENDER, OTHER, OTHER]);
}
