use std::collections::BTreeSet;

use serde::Serialize;

use super::export::File;
use super::{Books, Ledger};
use crate::{Direction, clock::Shown, message::Message};

/// A text as it stands on a phone.
#[derive(Serialize)]
pub(crate) struct Text {
    sid: String,
    /// Written on the phone, not received by it.
    own: bool,
    /// Twilio's own answer to a keyword, which the account never sees.
    automatic: bool,
    /// The number, short code or name at the other end.
    with: String,
    /// The Messaging Service through which it came, or is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    body: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    media: Vec<File>,
    /// RFC 3339 with milliseconds, by the machine's clock.
    at: String,
    /// Whether the owner of the number was told of an own text: `waiting`, `taken`, `refused`, or
    /// nothing if there was nobody to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    told: Option<Told>,
    #[serde(skip)]
    at_ms: i64,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Told {
    Waiting,
    Taken,
    Refused,
}

/// A phone that got or sent something, and the last of it.
#[derive(Serialize)]
pub(crate) struct Phone {
    number: String,
    last: Option<Text>,
}

impl Ledger {
    /// The numbers of phones, at most so many, those with the latest text first. What is still on
    /// its way to a phone makes it known but is not shown.
    pub(crate) fn phones(&self, now_ms: i64, limit: usize) -> Vec<Phone> {
        let books = self.books();
        let sent_to = books.by_recipient.iter().filter_map(|(number, list)| {
            let outbound = |&index: &usize| books.messages[index].direction != Direction::Inbound;
            list.iter().any(outbound).then_some(number)
        });
        let numbers: BTreeSet<&String> = sent_to.chain(books.by_author.keys()).collect();
        let mut phones: Vec<Phone> = numbers
            .into_iter()
            .map(|number| Phone {
                number: number.clone(),
                last: books.last_text(number, now_ms),
            })
            .collect();
        phones.sort_by_key(|phone| {
            let at_ms = phone.last.as_ref().map_or(i64::MIN, |text| text.at_ms);
            std::cmp::Reverse(at_ms)
        });
        phones.truncate(limit);
        phones
    }

    /// Everything that is on a phone, oldest first.
    pub(crate) fn on_phone(&self, number: &str, now_ms: i64) -> Vec<Text> {
        let books = self.books();
        let received = books.received_by(number, now_ms);
        let mut texts: Vec<Text> = received
            .map(|(at_ms, message)| Text::received(message, at_ms))
            .collect();
        texts.extend(books.written_by(number).flat_map(Text::written));
        texts.sort_by_key(|text| text.at_ms);
        texts
    }

    /// The newest text from one of these numbers to the handset: its sender, and its Messaging
    /// Service.
    pub(crate) fn last_sender(
        &self,
        handset: &str,
        numbers: &[String],
    ) -> Option<(String, Option<String>)> {
        let books = self.books();
        let list = books.by_recipient.get(handset)?;
        let mut newest_first = list.iter().rev().map(|&index| &books.messages[index]);
        let message = newest_first.find(|message| numbers.contains(&message.from))?;
        Some((message.from.clone(), message.service.clone()))
    }
}

impl Books {
    /// What has arrived, and when.
    fn received_by(&self, number: &str, now_ms: i64) -> impl Iterator<Item = (i64, &Message)> {
        let list = self.by_recipient.get(number).into_iter().flatten();
        let messages = list.map(|&index| &self.messages[index]);
        messages
            .filter(|message| message.direction != Direction::Inbound)
            .filter_map(move |message| Some((message.delivered_ms(now_ms)?, message)))
    }

    fn written_by(&self, number: &str) -> impl DoubleEndedIterator<Item = &Message> {
        let list = self.by_author.get(number).into_iter().flatten();
        list.map(|&index| &self.messages[index])
    }

    /// Of texts that came at the same time, the one that a phone shows last.
    fn last_text(&self, number: &str, now_ms: i64) -> Option<Text> {
        let received = self
            .received_by(number, now_ms)
            .max_by_key(|(at_ms, _)| *at_ms);
        let received = received.map(|(at_ms, message)| Text::received(message, at_ms));
        let written = self.written_by(number).next_back().map(Text::written);
        let written = written.into_iter().flatten().last();
        let both = received.into_iter().chain(written);
        both.max_by_key(|text| text.at_ms)
    }
}

impl Text {
    fn received(message: &Message, at_ms: i64) -> Self {
        let media = message.media.iter().map(File::of).collect();
        Self {
            media,
            ..Self::new(message, at_ms, &message.from, &message.body)
        }
    }

    /// The text itself and Twilio's answer, if it makes one.
    fn written(message: &Message) -> impl Iterator<Item = Self> {
        let text = Self::new(message, message.created_ms, &message.to, &message.body);
        let own = Self {
            own: true,
            media: message.media.iter().map(File::of).collect(),
            told: Told::of(message),
            ..text
        };
        let answer = message.order.as_ref().map(|order| {
            let body = order.keyword.confirmation();
            Self {
                automatic: true,
                ..Self::new(message, message.created_ms, &message.to, body)
            }
        });
        std::iter::once(own).chain(answer)
    }

    fn new(message: &Message, at_ms: i64, with: &str, body: &str) -> Self {
        Self {
            sid: message.sid.clone(),
            own: false,
            automatic: false,
            with: with.to_owned(),
            service: message.service.clone(),
            body: body.to_owned(),
            media: Vec::new(),
            at: format!("{:.3}", Shown::new(0).at(at_ms)),
            told: None,
            at_ms,
        }
    }
}

impl Told {
    fn of(message: &Message) -> Option<Self> {
        let callbacks = &message.callbacks;
        if callbacks
            .iter()
            .any(|callback| callback.done && !callback.failed)
        {
            return Some(Self::Taken);
        }
        let failed = callbacks.last()?.done;
        Some(if failed { Self::Refused } else { Self::Waiting })
    }
}
