use mysms_core::domain::{Event, Message, Status, TimelineEntry, Timestamp};
use mysms_core::provider::Glossary;
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi::schema;

/// One step of a message's life, as users see it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Step {
    #[schema(value_type = schema::Timestamp)]
    at: Timestamp,
    /// What happened, in a word or two.
    #[schema(example = "attempt 1")]
    event: String,
    /// The status from then on, if it changed.
    #[schema(value_type = Option<schema::Status>, required)]
    status: Option<Status>,
    #[schema(required, example = "30003")]
    detail: Option<String>,
}

/// The steps, oldest first.
pub(super) fn steps(message: &Message, glossary: Glossary) -> Vec<Step> {
    // A long timeline has lost its beginning, so attempts are numbered from the end.
    let is_attempt = |entry: &&TimelineEntry| entry.event == Event::Attempt;
    let kept = message.timeline.iter().filter(is_attempt).count();
    let lost = usize::try_from(message.attempts)
        .unwrap_or(usize::MAX)
        .saturating_sub(kept);
    let mut attempt = lost;
    message
        .timeline
        .iter()
        .map(|entry| {
            attempt += usize::from(entry.event == Event::Attempt);
            Step {
                at: entry.at,
                event: event(entry, attempt),
                status: entry.status,
                detail: detail(entry, glossary),
            }
        })
        .collect()
}

fn event(entry: &TimelineEntry, attempt: usize) -> String {
    match (entry.event, &entry.sid) {
        (Event::Attempt, _) => format!("attempt {attempt}"),
        (Event::Adopted, Some(sid)) => format!("adopted {sid}"),
        (event, _) => event.to_string(),
    }
}

fn detail(entry: &TimelineEntry, glossary: Glossary) -> Option<String> {
    let explained = || Some(glossary.explain(entry.code.as_deref()?).to_owned());
    entry.detail.clone().or_else(explained)
}

#[cfg(test)]
mod tests {
    use mysms_core::domain::ProviderId;

    use super::*;
    use crate::testing::{begin_attempt, new_message};

    const GLOSSARY: Glossary = Glossary::new(|_| "the provider's words");
    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn message() -> Message {
        Message::from(new_message("hello", NOW))
    }

    fn try_once(message: &mut Message) {
        let token = begin_attempt(message, NOW);
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
}
