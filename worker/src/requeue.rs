//! Until when a message waits that was not sent.

use std::time::Duration;

use mysms_core::domain::{Event, Message, NotSent, TimelineEntry, Timestamp};
use mysms_core::provider::{NotSentReason, Pressure, Verdict};
use mysms_core::schedule::Schedule;

use crate::context::Context;

/// The wait after the provider says that the sender's queue is full: hours of traffic are in it.
const SLOW_RETRY: Duration = Duration::from_mins(2);

/// About how long files wait for others to the same number, which an answer of the provider takes.
const OTHER_FILES: Duration = Duration::from_secs(1);

impl Context {
    /// Until when a message waits that was not sent, and what its timeline says.
    pub(crate) fn requeue(&self, message: &Message, verdict: Verdict, now: Timestamp) -> NotSent {
        let backoff = self.backoff(message.attempts);
        let (wait, event, code, detail) = match verdict {
            Verdict::Throttled {
                code,
                retry_after,
                slow,
            } => {
                let asked = retry_after.unwrap_or_default();
                let least = if slow { SLOW_RETRY } else { Duration::ZERO };
                let wait = if self.is_slowed_instead(message, &code) {
                    asked
                } else {
                    backoff.max(least).max(asked)
                };
                (wait, Event::Throttled, Some(code), None)
            }
            // The pause decides when sending goes on; the message stays at its place in the order.
            Verdict::Misconfigured { code, detail, .. } | Verdict::SpentToday { code, detail } => {
                (Duration::ZERO, Event::Paused, Some(code), Some(detail))
            }
            // Likewise the breaker.
            Verdict::NotSent {
                reason: NotSentReason::Unreachable,
            } => {
                let detail = "the provider could not be reached";
                (Duration::ZERO, Event::NotSent, None, Some(detail))
            }
            Verdict::NotSent {
                reason: NotSentReason::DeadlinePassed,
            } => {
                let detail = "the worker was held up and did not begin";
                (Duration::ZERO, Event::NotSent, None, Some(detail))
            }
            Verdict::NotSent {
                reason: NotSentReason::NotProcessed { code },
            } => (backoff, Event::NotSent, Some(code), None),
            // These are settled elsewhere and never get here; waiting is harmless.
            Verdict::Accepted(_) | Verdict::Rejected { .. } | Verdict::Unknown { .. } => {
                (backoff, Event::NotSent, None, None)
            }
        };
        NotSent {
            not_before: now + wait,
            entry: TimelineEntry::new(now, event)
                .with_code(code.as_deref())
                .with_detail(detail),
        }
    }

    /// Until when a message waits for other files to the same number, and what its timeline says.
    pub(crate) fn wait_behind_other_files(now: Timestamp) -> NotSent {
        let detail = "other files are being sent to the same number";
        Self::put_off(now, OTHER_FILES, detail)
    }

    /// Has a message wait about so long, for a reason that its timeline tells.
    pub(crate) fn put_off(now: Timestamp, pause: Duration, detail: &'static str) -> NotSent {
        NotSent {
            not_before: now + pause.mul_f64(0.5 + Self::jitter()),
            entry: TimelineEntry::new(now, Event::NotSent).with_detail(Some(detail)),
        }
    }

    /// Whether the whole line of a message's sender is slowed down because of this code, so that the
    /// message itself need not wait and keeps its turn.
    fn is_slowed_instead(&self, message: &Message, code: &str) -> bool {
        let pressure = self.provider.glossary().pressure(code);
        message.turn.is_some() && pressure == Some(Pressure::SlowDown)
    }

    fn backoff(&self, attempt: u32) -> Duration {
        let schedule = Schedule {
            initial: self.config.retry_initial,
            max: self.config.retry_max,
        };
        schedule.jittered(attempt, Self::jitter())
    }
}
