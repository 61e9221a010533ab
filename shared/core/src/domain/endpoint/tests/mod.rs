//! What an endpoint is told, and how far.

mod refusing;

use std::time::Duration;

use super::*;
use crate::domain::{
    Address, Inbound, LeaseToken, Media, MessageId, NewMessage, Place, ProviderId, Receiver,
    TimelineEntry,
};

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);

fn endpoint(events: &str) -> Endpoint {
    let owner = UserId::generate(NOW);
    Endpoint {
        id: EndpointId::generate(NOW),
        owner,
        url: EndpointUrl::parse("https://example.com/hook?key=s3cr3t".to_owned()).unwrap(),
        description: Description::default(),
        events: serde_json::from_str(events).unwrap(),
        tags: Tags::default(),
        secrets: Secrets::new(Secret::generate()),
        created_at: NOW,
        state: EndpointState::Active,
    }
}

fn outbound() -> Message {
    Message::from(NewMessage::example(NOW))
}

fn inbound(at: Timestamp) -> Message {
    let inbound = Inbound {
        id: MessageId::generate(at),
        sid: ProviderId::parse("SM1").unwrap(),
        account: "AC1".to_owned(),
        from: Address::of_author("+14155550123"),
        to: Address::of_author("+15005550006"),
        service: None,
        receiver: Receiver::Holder,
        otherwise: UserId::NOBODY,
        body: None,
        media: Media::default(),
        at,
        recovered_at: None,
        left: Vec::new(),
    };
    inbound.message_for(UserId::generate(at))
}

fn refused(message: MessageId) -> RefusedEvent {
    RefusedEvent {
        message,
        version: 1,
        changed_at: NOW,
        answer: Answer::Status(500),
        retry_after: None,
    }
}

fn fail(progress: &mut Progress, message: MessageId, at: Timestamp) -> Refusal {
    let probe = progress.is_down();
    progress.refused(refused(message), probe, at, 0.0)
}

fn ids(count: usize) -> Vec<MessageId> {
    (0..count).map(|_| MessageId::generate(NOW)).collect()
}

/// An endpoint that did not take these, one after the other.
fn failed(messages: &[MessageId]) -> Progress {
    let mut progress = Progress::from(NOW);
    for message in messages {
        assert_eq!(fail(&mut progress, *message, NOW), Refusal::Pending);
    }
    progress
}

#[test]
fn a_text_is_received_once_and_updated_from_then_on() {
    let both = endpoint(r#"["message.received", "message.updated"]"#);
    let mut text = inbound(NOW);
    assert_eq!(
        both.event(&text, false, NOW),
        Some(EventType::MessageReceived)
    );
    assert_eq!(both.event(&text, true, NOW), None, "nothing happened since");
    text.version = 2;
    assert_eq!(
        both.event(&text, true, NOW),
        Some(EventType::MessageUpdated)
    );
    assert_eq!(
        both.event(&text, false, NOW),
        Some(EventType::MessageReceived)
    );
    // It was there before the endpoint, and changes now.
    let later = NOW + SECOND;
    assert_eq!(
        both.event(&text, false, later),
        Some(EventType::MessageUpdated)
    );
}

#[test]
fn what_was_given_to_a_user_is_received_then_and_no_update() {
    let (both, updates) = (
        endpoint(r#"["message.received", "message.updated"]"#),
        endpoint(r#"["message.updated"]"#),
    );
    let mut text = inbound(NOW);
    text.owner = UserId::NOBODY;
    let (then, owner) = (NOW + HOUR, UserId::generate(NOW));
    assert!(text.assign(owner, then));
    let since = NOW + SECOND;
    assert_eq!(
        both.event(&text, false, since),
        Some(EventType::MessageReceived)
    );
    assert_eq!(both.event(&text, true, since), None);
    assert_eq!(updates.event(&text, false, since), None);
    assert!(text.mark_read(then));
    let seen = Some(EventType::MessageUpdated);
    assert_eq!(updates.event(&text, false, since), seen);
    assert_eq!(both.event(&text, true, since), seen);
}

#[test]
fn only_what_was_subscribed_to_is_told() {
    let updates = endpoint(r#"["message.updated"]"#);
    let mut text = inbound(NOW);
    assert_eq!(
        updates.event(&text, false, NOW),
        None,
        "it was just received"
    );
    text.version = 2;
    assert_eq!(
        updates.event(&text, false, NOW),
        Some(EventType::MessageUpdated)
    );
    assert_eq!(
        updates.event(&outbound(), false, NOW),
        Some(EventType::MessageUpdated)
    );
    let received = endpoint(r#"["message.received"]"#);
    assert_eq!(received.event(&outbound(), false, NOW), None);
    assert_eq!(received.event(&text, true, NOW), None);
    text.visible = false;
    assert_eq!(received.event(&text, true, NOW), None);
    let deleted = endpoint(r#"["message.deleted"]"#);
    assert_eq!(
        deleted.event(&text, false, NOW),
        Some(EventType::MessageDeleted)
    );
}

#[test]
fn an_endpoint_is_stored_as_it_is_and_shows_no_secrets() {
    let mut endpoint = endpoint(r#"["message.deleted"]"#);
    assert!(endpoint.disable(DisabledBy::Gone, NOW));
    assert!(!endpoint.disable(DisabledBy::Owner, NOW + SECOND));
    let stored = serde_json::to_string(&endpoint).unwrap();
    assert!(stored.contains(r#""by":"gone""#), "{stored}");
    assert_eq!(serde_json::from_str::<Endpoint>(&stored).unwrap(), endpoint);
    let shown = format!("{endpoint:?}");
    assert!(
        !shown.contains("s3cr3t") && !shown.contains("whsec_"),
        "{shown}"
    );
    let key = Endpoint::parse_key(&endpoint.key());
    assert_eq!(key, Some((endpoint.owner, endpoint.id)));
    assert!(
        endpoint
            .key()
            .starts_with(&Endpoint::keys_of(endpoint.owner))
    );
    for bad in ["", "/", "x/y", &endpoint.owner.to_string()] {
        assert_eq!(Endpoint::parse_key(bad), None);
    }
    for (text, valid) in [
        ("x".repeat(200), true),
        ("é".repeat(201), false),
        ("a\nb".to_owned(), false),
    ] {
        assert_eq!(Description::parse(text).is_ok(), valid);
    }
    for bad in ["", "https://example.com/ä", "https://example.com/a b"] {
        assert!(EndpointUrl::parse(bad.to_owned()).is_err(), "{bad}");
    }
}

#[test]
fn one_worker_holds_an_endpoint_at_a_time() {
    let mut progress = Progress::from(NOW);
    let [first, second] = [LeaseToken::generate(), LeaseToken::generate()];
    assert!(progress.lease(first, NOW));
    assert!(!progress.lease(second, NOW + 59 * SECOND));
    assert!(progress.lease(first, NOW + 30 * SECOND));
    assert!(!progress.lease(second, NOW + 60 * SECOND));
    progress.release(second);
    assert!(progress.is_held_by(first));
    assert!(progress.lease(second, NOW + 90 * SECOND));
    progress.release(second);
    assert!(progress.lease(first, NOW + 90 * SECOND));
}

#[test]
fn enabled_again_it_goes_on_where_it_was_or_from_now() {
    let messages = ids(16);
    let mut progress = failed(&messages);
    progress.advance(Place::before(NOW + SECOND));
    let later = NOW + 100 * HOUR;
    let mut resumed = progress.clone();
    resumed.resume(later);
    assert!(!resumed.is_down() && !resumed.is_given_up(later + 200 * HOUR));
    assert_eq!(resumed.due(later).len(), 16);
    assert_eq!(resumed.place, Place::before(NOW + SECOND));
    progress.skip(later);
    assert_eq!(progress, Progress::from(later));
}

#[test]
fn a_replay_tells_again_what_was_told_since_then() {
    let mut progress = Progress::from(NOW);
    let mut message = outbound();
    let told = Telling::of(&message, progress.replays);
    progress.advance(Place::before(NOW + 10 * SECOND));
    progress.advance_trail(Place::before(NOW + 5 * SECOND));
    assert!(progress.counts(&told, &message));
    let asked_at = NOW + 20 * SECOND;
    progress.replay(NOW - HOUR, asked_at);
    assert_eq!(
        (progress.place, progress.trail),
        (Place::before(NOW - HOUR), Place::before(NOW - HOUR))
    );
    assert_eq!(progress.begun, NOW - HOUR);
    assert!(!progress.counts(&told, &message));
    let again = told.merged(Telling::of(&message, progress.replays));
    assert!(progress.counts(&again, &message));
    message.updated_at = NOW - 2 * HOUR;
    assert!(progress.counts(&told, &message), "it did not change since");
    progress.advance_trail(Place::before(asked_at));
    assert!(progress.replay.is_some());
    progress.advance_trail(Place::before(asked_at + SECOND));
    assert_eq!((progress.replay, progress.replays), (None, 1));
}

#[test]
fn a_replay_is_not_over_while_some_of_it_is_pending() {
    let message = ids(1)[0];
    let mut progress = Progress::from(NOW);
    progress.replay(NOW - HOUR, NOW);
    fail(&mut progress, message, NOW);
    progress.advance_trail(Place::before(NOW + HOUR));
    assert!(progress.replay.is_some());
    progress.replay(NOW - SECOND, NOW + HOUR);
    let expected = Replay {
        since: NOW - HOUR,
        until: NOW + HOUR,
    };
    assert_eq!(
        progress.replay,
        Some(expected),
        "the first goes on within the second"
    );
}

#[test]
fn places_never_go_back_by_themselves_and_a_look_back_ends_at_the_beginning() {
    let mut progress = Progress::from(NOW);
    let (near, far) = (Place::before(NOW + SECOND), Place::before(NOW + HOUR));
    progress.advance(far);
    progress.advance(near);
    progress.advance_trail(far);
    progress.advance_trail(near);
    assert_eq!((progress.place, progress.trail), (far, far));
    progress.look_back(NOW + SECOND);
    assert_eq!((progress.place, progress.trail), (far, near));
    progress.look_back(NOW + HOUR);
    assert_eq!(progress.trail, near);
    progress.look_back(NOW - HOUR);
    assert_eq!(progress.trail, Place::before(NOW));
}

#[test]
fn steps_of_a_timeline_are_told_once_unless_it_has_lost_its_beginning() {
    let mut message = outbound();
    let told = Telling::of(&message, 0);
    let entry = || TimelineEntry::new(NOW, crate::domain::Event::Provider);
    message.note(entry(), NOW + SECOND);
    assert_eq!(told.told_steps(&message), 1);
    assert!(!told.covers(message.updated_at));
    for _ in 0..200 {
        message.note(entry(), NOW + SECOND);
    }
    assert_eq!(told.told_steps(&message), 0);
    assert_eq!(Telling::of(&message, 0).told_steps(&message), 0);
}

#[test]
fn progress_is_stored_as_it_is() {
    let messages = ids(17);
    let mut progress = failed(&messages[..16]);
    progress.taken(messages[16], NOW);
    fail(&mut progress, messages[0], NOW + HOUR);
    fail(&mut progress, messages[1], NOW + HOUR);
    progress.replay(NOW - HOUR, NOW);
    progress.lease(LeaseToken::generate(), NOW);
    let stored = serde_json::to_string(&progress).unwrap();
    assert_eq!(serde_json::from_str::<Progress>(&stored).unwrap(), progress);
    let least = serde_json::to_string(&Progress::from(NOW)).unwrap();
    assert_eq!(
        serde_json::from_str::<Progress>(&least).unwrap(),
        Progress::from(NOW)
    );
}

#[test]
fn only_messages_with_all_the_tags_are_told_until_one_was() {
    let tags =
        |pairs: &[&str]| Tags::try_from(pairs.iter().map(|&p| p.to_owned()).collect::<Vec<_>>());
    let mut endpoint = endpoint(r#"["message.updated", "message.deleted"]"#);
    endpoint.tags = tags(&["shop:1", "kind:order"]).unwrap();
    let mut message = outbound();
    let told_of = |message: &Message, told| endpoint.event(message, told, NOW).is_some();
    assert!(!told_of(&message, false));
    message.tags = tags(&["shop:1", "kind:bill"]).unwrap();
    assert!(!told_of(&message, false));
    message.tags = tags(&["shop:1", "kind:order", "more:2"]).unwrap();
    assert!(told_of(&message, false));
    // A deleted one has lost its tags, and whoever was told of it is told that, too.
    message.tags = Tags::default();
    message.visible = false;
    assert!(told_of(&message, true));
    assert!(!told_of(&message, false));
}
