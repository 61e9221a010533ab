use std::fmt::{self, Display, Write};
use std::str::FromStr;

use mysms_core::domain::{
    Address, Body, ContentType, Direction, Media, Medium, Message, MessageId, PhoneNumber,
    ProviderId, Reference, Tags, TimelineEntry,
};
use mysms_core::provider::Glossary;
use mysms_core::store::Result;
use runtime::exit::Exit;

use super::AdminPorts;

/// How a message is named: by us, or by the provider, whose console shows only its own name.
#[derive(Debug, Clone)]
pub enum Named {
    Id(MessageId),
    ProviderId(ProviderId),
}

/// The text names no message.
#[derive(Debug, thiserror::Error)]
#[error("must be the id of a message, ours or one as the provider gives them")]
pub struct InvalidName;

impl FromStr for Named {
    type Err = InvalidName;

    fn from_str(text: &str) -> std::result::Result<Self, InvalidName> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        let id = ProviderId::try_from(text.to_owned());
        id.map(Self::ProviderId).map_err(|_| InvalidName)
    }
}

impl Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::ProviderId(id) => id.fmt(f),
        }
    }
}

/// A message as the ledger has it, also one that its user deleted.
pub(super) async fn run(ports: &AdminPorts, named: &Named, reveal: bool) -> Result<(String, Exit)> {
    let id = match named {
        Named::Id(id) => Some(*id),
        Named::ProviderId(id) => {
            let owners = ports.stores.ledger.owners(std::slice::from_ref(id)).await?;
            owners.first().map(|owner| owner.id)
        }
    };
    let found = match id {
        Some(id) => ports.stores.ledger.read(&[id]).await?.pop(),
        None => None,
    };
    Ok(match found {
        Some(message) => {
            if reveal {
                ports.record("show --reveal", Some(message.id)).await?;
            }
            let user = ports.stores.accounts.by_id(message.owner).await?;
            let mut text = describe(&message, ports.glossary, reveal);
            // What other commands take. There is none once the account is closed.
            if let Some(user) = user {
                let name = user.username.as_str();
                text = format!("{:<16} {name}\n{text}", "username");
            }
            (text, Exit::Done)
        }
        None => (format!("There is no message {named}.\n"), Exit::Failed),
    })
}

/// What its user wrote, and to whom, is shown only if `reveal` asks for it.
fn describe(message: &Message, glossary: Glossary, reveal: bool) -> String {
    let explained = |code: &str| explained(code, glossary);
    let mut text = String::new();
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = writeln!(text, "{name:<16} {value}");
        }
    };
    let address = |address: &Address| {
        if reveal {
            address.as_str().to_owned()
        } else {
            address.redacted()
        }
    };
    let number = |number: &PhoneNumber| address(&number.clone().into());
    let content = |body: &Body| {
        if reveal {
            format!("{:?}", body.as_str())
        } else {
            format!("{} segments, hidden", body.segments())
        }
    };
    let reference = |name: &Reference| {
        if reveal {
            format!("{:?}", name.as_str())
        } else {
            format!("{} characters, hidden", name.as_str().chars().count())
        }
    };
    let outbound = message.direction == Direction::Outbound;
    line("message", shown(Some(message.id)));
    line("status", shown(Some(message.status)));
    line("error code", message.error_code.as_deref().map(explained));
    line("user", shown(Some(message.owner)));
    line("account", shown(Some(&message.account)));
    line("sender", message.sender.clone());
    line("class", outbound.then(|| message.class.as_str().to_owned()));
    let turn = message.turn.map(mysms_core::domain::Turn::as_micros);
    line("turn", shown(turn));
    let author = message.counterpart.as_ref().filter(|_| !outbound);
    line("author", author.map(address));
    line("recipient", message.recipient.as_ref().map(number));
    line("content", message.body.as_ref().map(content));
    line("media", media(&message.media));
    line("reference", message.reference.as_ref().map(reference));
    line("tags", tags(&message.tags, reveal));
    line("sent at", shown(Some(message.sent_at)));
    line("send at", shown(message.send_at));
    let kept = message
        .starts_at()
        .filter(|at| message.send_at != Some(*at));
    line("not before", shown(kept));
    line("time zone", shown(message.time_zone.as_ref()));
    line("expires at", shown(Some(message.expires_at)));
    line("attempts", shown(Some(message.attempts)));
    line(
        "provider SID",
        shown(message.provider.as_ref().map(|known| &known.sid)),
    );
    let found_at = message.provider.as_ref().map(|known| known.at);
    let found_at = found_at.filter(|_| message.is_recovered());
    line("recovered at", shown(found_at));
    line("retry of", shown(message.retry_of));
    line(
        "leased until",
        shown(message.lease.map(|lease| lease.until)),
    );
    line("next alarm", shown(message.wake_at));
    line("to be erased", shown(message.erase_at));
    line("deleted at", shown(message.deleted_at));
    text += "timeline\n";
    for entry in &message.timeline {
        text += &timeline_line(entry, glossary);
    }
    text
}

/// Where they are is never shown: whoever knows it may be able to read them.
fn media(media: &Media) -> Option<String> {
    let kind = |medium: &Medium| {
        let kind = medium.content_type.as_ref();
        kind.map_or("unknown", ContentType::as_str).to_owned()
    };
    let kinds: Vec<_> = media.iter().map(kind).collect();
    (!media.is_empty()).then(|| kinds.join(", "))
}

/// Their keys are shown in any case: by them it is told what the program noted, not about whom.
fn tags(tags: &Tags, reveal: bool) -> Option<String> {
    let shown = tags.iter().map(|tag| {
        if reveal {
            format!("{}: {:?}", tag.key(), tag.value())
        } else {
            format!("{}: hidden", tag.key())
        }
    });
    (!tags.is_empty()).then(|| shown.collect::<Vec<_>>().join(", "))
}

fn timeline_line(entry: &TimelineEntry, glossary: Glossary) -> String {
    let parts = [
        shown(entry.status),
        shown(entry.sid.as_ref()),
        entry.code.as_deref().map(|code| explained(code, glossary)),
        entry.detail.clone(),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    let line = format!(
        "  {}  {:<16} {}",
        entry.at,
        entry.event.to_string(),
        parts.join(", ")
    );
    line.trim_end().to_owned() + "\n"
}

fn explained(code: &str, glossary: Glossary) -> String {
    format!("{code} ({})", glossary.explain(code))
}

fn shown(value: Option<impl Display>) -> Option<String> {
    value.map(|value| value.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mysms_core::domain::{Tag, Timestamp};

    use super::*;
    use crate::testing::{begin_attempt, new_message};

    const GLOSSARY: Glossary = Glossary::new(|_| "the provider's words");
    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn rejected() -> Message {
        let mut message = Message::from(new_message("a secret\ntold", NOW));
        let token = begin_attempt(&mut message, NOW);
        let held = message.held_by(token).unwrap();
        held.reject("21211", Some("The number is not valid."), NOW);
        message
    }

    #[test]
    fn text_and_number_are_hidden_unless_they_are_asked_for() {
        let hidden = describe(&rejected(), GLOSSARY, false);
        assert!(
            !hidden.contains("secret") && !hidden.contains("415555"),
            "{hidden}"
        );
        assert!(hidden.contains("…23") && hidden.contains("1 segments, hidden"));
        let revealed = describe(&rejected(), GLOSSARY, true);
        assert!(revealed.contains("+14155550123"), "{revealed}");
        assert!(
            revealed.contains(r#""a secret\ntold""#),
            "on one line: {revealed}"
        );
    }

    #[test]
    fn what_a_program_noted_is_hidden_with_the_text() {
        let noted = Message {
            reference: Some(Reference::parse("Anna 17".to_owned()).unwrap()),
            tags: Tags::of([Tag::parse("customer:Anna").unwrap()]).unwrap(),
            ..rejected()
        };
        let hidden = describe(&noted, GLOSSARY, false);
        assert!(!hidden.contains("Anna"), "{hidden}");
        assert!(hidden.contains("reference        7 characters, hidden"));
        assert!(hidden.contains("tags             customer: hidden"));
        let revealed = describe(&noted, GLOSSARY, true);
        assert!(
            revealed.contains("reference        \"Anna 17\""),
            "{revealed}"
        );
        assert!(revealed.contains("tags             customer: \"Anna\""));
    }

    #[test]
    fn a_message_that_was_to_be_sent_later_says_when() {
        let at_once = rejected();
        assert!(!describe(&at_once, GLOSSARY, false).contains("send at"));
        let later = Message {
            send_at: Some(NOW + Duration::from_hours(2)),
            ..at_once
        };
        let text = describe(&later, GLOSSARY, false);
        let line = "send at          2026-01-01T02:00:00.000Z";
        assert!(text.lines().any(|shown| shown == line), "{text}");
    }

    #[test]
    fn every_step_is_shown_with_its_time_and_reason() {
        let text = describe(&rejected(), GLOSSARY, false);
        let timeline: Vec<_> = text
            .lines()
            .skip_while(|line| *line != "timeline")
            .collect();
        assert_eq!(timeline.len(), 4, "{text}");
        assert!(
            timeline[1].starts_with("  2026-01-01T00:00:00.000Z  queued "),
            "{text}"
        );
        assert!(
            timeline[3].contains("failed, 21211 (the provider's words)"),
            "{text}"
        );
        assert!(timeline[3].ends_with("The number is not valid."), "{text}");
    }
}
