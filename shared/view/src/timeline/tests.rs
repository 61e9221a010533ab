use std::time::Duration;

use mysms_core::domain::{Claim, Claimant, LeaseToken, NewMessage, ProviderId};

use super::*;

const GLOSSARY: Glossary = Glossary::new(|_| "the provider's words");
const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

fn message() -> Message {
    Message::from(NewMessage::example(NOW))
}

fn try_once(message: &mut Message) {
    let by = Claimant {
        account: "AC1",
        sender: "+15005550006",
        others: &[],
    };
    let token = LeaseToken::generate();
    let claim = Claim {
        token,
        now: NOW,
        until: NOW + Duration::from_secs(90),
    };
    message.claimable(by, NOW).unwrap().claim(claim);
    let entry = TimelineEntry::new(NOW, Event::Throttled);
    message.held_by(token).unwrap().requeue(NOW, entry);
}

fn events(message: &Message) -> Vec<String> {
    steps(message, GLOSSARY)
        .into_iter()
        .map(|step| step.event)
        .collect()
}

#[test]
fn attempts_are_numbered() {
    let mut message = message();
    try_once(&mut message);
    try_once(&mut message);
    assert_eq!(
        events(&message),
        ["queued", "attempt 1", "throttled", "attempt 2", "throttled"]
    );
}

#[test]
fn attempts_keep_their_numbers_when_the_timeline_has_lost_its_beginning() {
    let mut message = message();
    for _ in 0..80 {
        try_once(&mut message);
    }
    let events = events(&message);
    assert_eq!(events.len(), mysms_core::domain::TIMELINE_LIMIT);
    assert_eq!(events[events.len() - 2..], ["attempt 80", "throttled"]);
    assert_eq!(events[0], "attempt 31");
}

#[test]
fn an_adopted_message_shows_its_sid() {
    let sid = ProviderId::parse(&format!("SM{}", "0a".repeat(16))).unwrap();
    let mut message = message();
    message.timeline = vec![TimelineEntry::new(NOW, Event::Adopted).with_sid(&sid)];
    assert_eq!(events(&message), [format!("adopted {sid}")]);
}

#[test]
fn an_error_code_is_explained_where_there_are_no_better_words() {
    let mut message = message();
    message.timeline = vec![
        TimelineEntry::new(NOW, Event::Provider).with_code(Some("30003")),
        TimelineEntry::new(NOW, Event::Rejected)
            .with_code(Some("21211"))
            .with_detail(Some("our words")),
    ];
    let details: Vec<_> = steps(&message, GLOSSARY)
        .into_iter()
        .map(|step| step.detail)
        .collect();
    assert_eq!(details[0].as_deref(), Some("the provider's words"));
    assert_eq!(details[1].as_deref(), Some("our words"));
}
