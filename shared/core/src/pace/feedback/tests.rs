use super::*;
use crate::domain::{DailyCap, NewMessage, Sender, SenderAddress, UserId};

const SENDER: &str = "+14155552671";

fn registry(cap: Option<DailyCap>) -> Registry {
    let address = SenderAddress::parse(SENDER).unwrap();
    let sender = Sender {
        cap,
        ..Sender::usual("AC1", address.clone())
    };
    Registry::new(vec![sender], "AC1", address)
}

fn tried_at(at: Timestamp) -> Message {
    let message = Message::from(NewMessage {
        owner: UserId::NOBODY,
        sender: Some(SENDER.to_owned()),
        class: crate::domain::Class::Bulk,
        expires_at: at + DAY,
        ..NewMessage::example(at)
    });
    Message {
        last_claim_at: Some(at),
        ..message
    }
}

fn until(cap: Option<DailyCap>, tried: &str, now: &str) -> Option<String> {
    let message = tried_at(tried.parse().unwrap());
    let pause = until_midnight(
        &registry(cap),
        &message,
        "30023",
        "Spent.",
        now.parse().unwrap(),
    );
    pause.map(|pause| pause.probe_at.to_string())
}

#[test]
fn a_sender_rests_until_the_midnight_of_its_cap_or_of_the_carriers() {
    let berlin = DailyCap {
        segments: 2000,
        zone: Zone::parse("Europe/Berlin").unwrap(),
    };
    let tried = "2026-01-15T12:00:00Z";
    let midnight = |cap| until(cap, tried, "2026-01-15T12:01:00Z");
    assert_eq!(midnight(None).unwrap(), "2026-01-16T08:00:00.000Z");
    assert_eq!(midnight(Some(berlin)).unwrap(), "2026-01-15T23:00:00.000Z");
}

/// A carrier whose clock is seconds behind would otherwise stop the sender for a day.
#[test]
fn a_sender_that_is_spent_just_after_midnight_is_tried_again_soon() {
    let until = |tried: &str, now: &str| until(None, tried, now).unwrap();
    let first = until("2026-01-16T08:00:00Z", "2026-01-16T08:00:02Z");
    assert_eq!(first, "2026-01-16T08:01:02.000Z");
    let later = until("2026-01-16T08:10:00Z", "2026-01-16T08:10:00Z");
    assert_eq!(later, "2026-01-16T08:20:00.000Z");
    let settled = until("2026-01-16T08:30:00Z", "2026-01-16T08:30:00Z");
    assert_eq!(settled, "2026-01-17T08:00:00.000Z");
}

#[test]
fn what_is_told_late_of_a_text_from_just_after_midnight_says_nothing_of_now() {
    let late = until(None, "2026-01-16T08:00:05Z", "2026-01-16T12:00:00Z");
    assert_eq!(late, None);
}

#[test]
fn what_was_sent_yesterday_says_nothing_about_today() {
    let late = until(None, "2026-01-16T07:59:50Z", "2026-01-16T08:00:10Z");
    assert_eq!(late, None);
}
