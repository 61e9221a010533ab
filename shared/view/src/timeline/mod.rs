use mysms_core::domain::{Event, Message, Status, TimelineEntry, Timestamp};
use mysms_core::provider::Glossary;
use serde::Serialize;
use utoipa::ToSchema;

use crate::schema;

/// One step of a message's life, as users see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Step {
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
mod tests;
