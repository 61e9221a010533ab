//! What a provider lists of the texts that it received for us.

use super::ReceivedText;
use crate::clock::MAX_CLOCK_SKEW;
use crate::domain::Timestamp;

/// Which received texts are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Span<'a> {
    /// The addresses of our senders: what others were sent is not for us.
    pub senders: &'a [&'a str],
    /// From this time on; in whole seconds, by the provider's clock.
    pub from: Timestamp,
    /// And before this one; `None` is up to now.
    pub until: Option<Timestamp>,
}

/// A part of the list. How many requests a list takes is for the provider to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedPage {
    /// Those of one time are in the provider's order, the newest first.
    pub texts: Vec<Listed>,
    /// How many texts it lists that we cannot store.
    pub unreadable: usize,
    /// Where the list goes on, if there is more.
    pub next: Option<Mark>,
    pub clocks: Clocks,
}

/// A text that the provider lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub text: ReceivedText,
    /// When it was received, by the provider's clock.
    pub at: Timestamp,
    /// It brings files, which the list does not show: [`super::Provider::media_of`] does.
    pub has_media: bool,
}

/// A place in a list, in words that only the provider's adapter understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(pub String);

/// What two clocks showed at the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    pub ours: Timestamp,
    /// `None` if the provider does not tell its time.
    pub theirs: Option<Timestamp>,
}

impl Clocks {
    /// A moment of the provider's clock, as ours shows it. What clocks may differ by is let be: it is
    /// told in whole seconds, and to move texts by it would only change their order.
    pub fn ours_at(self, theirs: Timestamp) -> Timestamp {
        let known = self.theirs.unwrap_or(self.ours);
        let (ahead, behind) = (known.since(self.ours), self.ours.since(known));
        if ahead.max(behind) <= MAX_CLOCK_SKEW {
            return theirs;
        }
        theirs + behind - ahead
    }
}
