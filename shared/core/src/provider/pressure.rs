//! What error codes say about the pace of a sender.

/// What an error code asks of the sender that the text left from, whatever became of that text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pressure {
    /// It is too fast for its carriers or for the provider's queue.
    SlowDown,
    /// It has used up what a carrier allows it in a day.
    StopUntilMidnight,
}
