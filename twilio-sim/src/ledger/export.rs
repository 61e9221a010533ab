use std::collections::HashMap;

use serde::Serialize;

use super::Ledger;
use crate::{
    Direction, Status,
    clock::Shown,
    media::Medium,
    message::{Erased, Message},
};

/// What the control API tells about a message.
#[derive(Serialize)]
pub(crate) struct Entry {
    sid: String,
    to: String,
    from: Option<String>,
    messaging_service_sid: Option<String>,
    body: String,
    /// Those that were not deleted.
    media: Vec<File>,
    status: Status,
    error_code: Option<u32>,
    direction: Direction,
    /// RFC 3339 with milliseconds, by the machine's clock.
    created: String,
    status_callback: Option<String>,
    foreign: bool,
    /// Whether its account's owner took a report of it.
    reported: bool,
    /// What Twilio shows of it no more: `body` or `record`.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased: Option<Erased>,
    /// How many messages with the same recipient, body and callback were accepted: more than one
    /// means that a message was sent again.
    accepted: usize,
}

/// A file of a message.
#[derive(Serialize)]
pub(crate) struct File {
    sid: String,
    content_type: String,
    /// What a create request named.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl File {
    pub(super) fn of(medium: &Medium) -> Self {
        Self {
            sid: medium.sid.clone(),
            content_type: medium.content_type.clone(),
            url: medium.url().map(str::to_owned),
        }
    }
}

impl Ledger {
    /// The whole ledger, or one recipient's part of it, oldest first.
    pub(crate) fn export(&self, to: Option<&str>, now_ms: i64) -> Vec<Entry> {
        let books = self.books();
        let chosen: Vec<&Message> = match to {
            None => books.messages.iter().collect(),
            Some(to) => {
                let list = books.by_recipient.get(to).into_iter().flatten();
                list.map(|&index| &books.messages[index]).collect()
            }
        };
        let mut accepted = HashMap::new();
        for message in &chosen {
            *accepted.entry(request(message)).or_insert(0) += 1;
        }
        let entry = |message: &&Message| {
            let now = message.at(now_ms);
            Entry {
                sid: message.sid.clone(),
                to: message.to.clone(),
                from: now.from().map(str::to_owned),
                messaging_service_sid: message.service.clone(),
                body: message.body.clone(),
                media: message.media.iter().map(File::of).collect(),
                status: now.step.status,
                error_code: now.step.code,
                direction: message.direction,
                created: format!("{:.3}", Shown::new(0).at(message.created_ms)),
                status_callback: message.status_callback.clone(),
                foreign: message.foreign,
                reported: message.callbacks.iter().any(|it| it.done && !it.failed),
                erased: message.erased,
                accepted: accepted[&request(message)],
            }
        };
        chosen.iter().map(entry).collect()
    }
}

/// What is equal when the same text is sent again; the callback carries the sender's own id.
fn request(message: &Message) -> (&str, &str, Option<&str>) {
    (
        &message.to,
        &message.body,
        message.status_callback.as_deref(),
    )
}
