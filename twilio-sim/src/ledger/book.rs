use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::{Status, message::Message};

/// How many lines are read at once.
const PAGE: usize = 10_000;

/// A text that a create request brought, as the book has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookLine {
    /// Its place: later ones have greater numbers, and some are missing.
    pub n: usize,
    /// The message.
    pub sid: String,
    /// The recipient.
    pub to: String,
    /// The number, short code, name or Messaging Service that the request named.
    pub sender: String,
    /// How many segments the body takes.
    pub segments: u32,
    /// When the request came, in milliseconds since 1970 by the simulator's clock.
    pub arrived_at_ms: i64,
    /// When the text leaves the queue of its sender, by the same clock; `None` if it never does.
    pub leaves_at_ms: Option<i64>,
    /// Where it is now.
    pub status: Status,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
}

impl Ledger {
    /// The first ten thousand lines behind a place, oldest first.
    pub(crate) fn lines(&self, after: usize, now_ms: i64) -> Vec<BookLine> {
        let books = self.books();
        let messages = books.messages.iter().enumerate().skip(after);
        let lines = messages.filter_map(|(index, message)| BookLine::of(index, message, now_ms));
        lines.take(PAGE).collect()
    }
}

impl BookLine {
    fn of(index: usize, message: &Message, now_ms: i64) -> Option<Self> {
        let arrival = message.arrival?;
        let step = message.at(now_ms).step;
        Some(Self {
            n: index + 1,
            sid: message.sid.clone(),
            to: message.to.clone(),
            sender: message.sender().to_owned(),
            segments: arrival.segments,
            arrived_at_ms: arrival.at_ms,
            leaves_at_ms: arrival.leaves_ms,
            status: step.status,
            code: step.code,
        })
    }
}
