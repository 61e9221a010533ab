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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Direction,
        message::{Arrival, Step},
    };

    fn text(n: usize) -> Message {
        let step = Step {
            at_ms: 0,
            status: Status::Queued,
            code: None,
        };
        Message {
            sid: format!("SM{n}"),
            to: "+14155550100".to_owned(),
            from: "+15005550006".to_owned(),
            service: None,
            body: "hello".to_owned(),
            media: Vec::new(),
            num_media: 0,
            status_callback: None,
            direction: Direction::OutboundApi,
            order: None,
            foreign: false,
            erased: None,
            arrival: Some(Arrival {
                at_ms: 0,
                segments: 1,
                leaves_ms: None,
            }),
            created_ms: 0,
            listed_ms: 0,
            steps: vec![step],
            callbacks: Vec::new(),
        }
    }

    #[test]
    fn page_by_page_every_line_is_read_once() {
        let ledger = Ledger::open(None).unwrap();
        for n in 1..=PAGE + 2 {
            ledger.accept(text(n)).unwrap();
        }
        let first = ledger.lines(0, 0);
        assert_eq!(first.len(), PAGE);
        let rest = ledger.lines(first[PAGE - 1].n, 0);
        let places: Vec<_> = first.iter().chain(&rest).map(|line| line.n).collect();
        assert_eq!(places, (1..=PAGE + 2).collect::<Vec<_>>());
        assert!(ledger.lines(PAGE + 2, 0).is_empty());
    }
}
