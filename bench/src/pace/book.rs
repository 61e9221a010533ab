//! The provider's book: when which text came to it, by its own clock.

use std::collections::HashMap;
use std::time::Duration;

use lab::Simulator;
use tokio::time::{Instant, sleep};
use twilio_sim::BookLine;

use super::texts::Sent;

/// Between two looks into the book.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// The book as far as it was read.
pub(super) struct Book {
    provider: Simulator,
    lines: Vec<BookLine>,
    /// How often each recipient got a text.
    copies: HashMap<String, usize>,
}

/// A text that came to the provider, at so many milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) at: i64,
    pub(super) segments: u32,
}

impl Book {
    pub(super) fn of(provider: &Simulator) -> Self {
        Self {
            provider: provider.clone(),
            lines: Vec::new(),
            copies: HashMap::new(),
        }
    }

    /// Reads what came since the last look.
    pub(super) async fn read_on(&mut self) -> anyhow::Result<()> {
        let place = self.lines.last().map_or(0, |line| line.n);
        for line in self.provider.arrivals(place).await? {
            *self.copies.entry(line.to.clone()).or_default() += 1;
            self.lines.push(line);
        }
        Ok(())
    }

    /// Reads on until all of these texts are there, or none has come for `patience`.
    pub(super) async fn wait_for<'a>(
        &mut self,
        sent: impl IntoIterator<Item = &'a Sent>,
        patience: Duration,
    ) -> anyhow::Result<()> {
        let mut missing: Vec<&str> = sent.into_iter().map(|sent| &*sent.text.to).collect();
        let mut moved = Instant::now();
        loop {
            self.read_on().await?;
            let before = missing.len();
            missing.retain(|to| !self.copies.contains_key(*to));
            if missing.len() < before {
                moved = Instant::now();
            }
            if missing.is_empty() || moved.elapsed() > patience {
                return Ok(());
            }
            sleep(BETWEEN_LOOKS).await;
        }
    }

    /// What came from a sender, in the order in which it came.
    pub(super) fn of_sender(&self, sender: &str) -> Vec<&BookLine> {
        let lines = self.lines.iter().filter(|line| line.sender == sender);
        let mut lines: Vec<_> = lines.collect();
        lines.sort_by_key(|line| line.arrived_at_ms);
        lines
    }

    /// When each recipient's text came.
    pub(super) fn arrivals(&self) -> HashMap<&str, i64> {
        let lines = self.lines.iter();
        lines.map(|line| (&*line.to, line.arrived_at_ms)).collect()
    }

    /// How many of these texts never came.
    pub(super) fn lost<'a>(&self, sent: impl IntoIterator<Item = &'a Sent>) -> usize {
        let sent = sent.into_iter();
        let lost = sent.filter(|sent| !self.copies.contains_key(&sent.text.to));
        lost.count()
    }

    /// How many texts came once more than they were to.
    pub(super) fn doubled(&self) -> usize {
        self.copies.values().map(|copies| copies - 1).sum()
    }
}

impl From<&BookLine> for Arrival {
    fn from(line: &BookLine) -> Self {
        Self {
            at: line.arrived_at_ms,
            segments: line.segments,
        }
    }
}

/// The most segments that came within any window of a length. The arrivals are in their order.
pub(super) fn most_within(arrivals: &[Arrival], window: Duration) -> u64 {
    let window = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
    let (mut first, mut within, mut most) = (0, 0, 0);
    for arrival in arrivals {
        within += u64::from(arrival.segments);
        while arrivals[first].at <= arrival.at.saturating_sub(window) {
            within -= u64::from(arrivals[first].segments);
            first += 1;
        }
        most = most.max(within);
    }
    most
}

/// Which part of a rate was used, from the first arrival on, for as long as `time`.
pub(super) fn used(arrivals: &[Arrival], rate: f64, time: Duration) -> f64 {
    let Some(first) = arrivals.first() else {
        return 0.0;
    };
    let end = first.at + i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let within = arrivals.iter().take_while(|arrival| arrival.at < end);
    let segments: u32 = within.map(|arrival| arrival.segments).sum();
    f64::from(segments) / (rate * time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(all: &[(i64, u32)]) -> Vec<Arrival> {
        let all = all.iter();
        all.map(|&(at, segments)| Arrival { at, segments })
            .collect()
    }

    #[test]
    fn the_fullest_window_is_found_wherever_it_begins() {
        let all = arrivals(&[(0, 6), (900, 1), (1_000, 2), (1_899, 3), (1_900, 1)]);
        let second = Duration::from_secs(1);
        assert_eq!(most_within(&all, second), 7);
        assert_eq!(most_within(&all[1..], second), 6);
        assert_eq!(most_within(&all, Duration::from_secs(10)), 13);
        assert_eq!(most_within(&[], second), 0);
    }

    #[test]
    fn what_came_later_is_not_of_the_time() {
        let all = arrivals(&[(5_000, 10), (5_500, 5), (6_999, 5), (7_000, 100)]);
        let used = used(&all, 10.0, Duration::from_secs(2));
        assert!((used - 1.0).abs() < 1e-9, "{used}");
    }
}
