//! The last moment at which a request may begin, kept where the request is written.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use mysms_core::provider::StartDeadline;

const WAITING: u8 = 0;
const RELEASED: u8 = 1;
const WITHDRAWN: u8 = 2;
const LATE: u8 = 3;

/// How far a request had come when it was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Its body was handed over to be written, so the provider may have it.
    Released,
    /// Its body never left and never will.
    Withheld,
    /// Its body was asked for too late, and refused.
    Late,
}

/// Decides once whether the body of a request goes out.
///
/// HTTP/1 needs the whole body before a request can be processed, and hyper asks for it right before
/// it writes the head and the body together. So while the gate has not released the body, the
/// provider cannot have processed anything, even if a head without its body should have got through.
/// A connection's task may outlive the caller's wait: whoever comes first, the writer or the caller
/// who gives up, settles the question for both.
#[derive(Clone)]
pub(super) struct Gate {
    state: Arc<AtomicU8>,
    deadline: StartDeadline,
}

impl Gate {
    pub(super) fn new(deadline: StartDeadline) -> Self {
        Self {
            state: Arc::new(AtomicU8::new(WAITING)),
            deadline,
        }
    }

    /// A body of known length that only this gate releases.
    pub(super) fn body(&self, content: String) -> GatedBody {
        GatedBody {
            gate: self.clone(),
            content: Bytes::from(content),
        }
    }

    /// Withholds the body from now on, unless it is out already.
    pub(super) fn withdraw(&self) -> Progress {
        match self.settle(WITHDRAWN) {
            RELEASED => Progress::Released,
            LATE => Progress::Late,
            _ => Progress::Withheld,
        }
    }

    fn release(&self) -> Result<(), Withheld> {
        let wish = if self.deadline.has_passed() {
            LATE
        } else {
            RELEASED
        };
        match self.settle(wish) {
            RELEASED => Ok(()),
            _ => Err(Withheld),
        }
    }

    /// Leaves the waiting state for `wish`, if nobody has left it before; tells the state.
    fn settle(&self, wish: u8) -> u8 {
        let order = Ordering::SeqCst;
        match self.state.compare_exchange(WAITING, wish, order, order) {
            Ok(_) => wish,
            Err(settled) => settled,
        }
    }
}

/// The gate did not release the body.
#[derive(Debug, thiserror::Error)]
#[error("the request was given up before it was written")]
pub(super) struct Withheld;

/// A request body that errs instead of being written when the gate is closed.
pub(super) struct GatedBody {
    gate: Gate,
    content: Bytes,
}

impl Body for GatedBody {
    type Data = Bytes;
    type Error = Withheld;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Withheld>>> {
        let content = std::mem::take(&mut self.content);
        if content.is_empty() {
            return Poll::Ready(None);
        }
        let frame = self.gate.release().map(|()| Frame::data(content));
        Poll::Ready(Some(frame))
    }

    fn is_end_stream(&self) -> bool {
        self.content.is_empty()
    }

    /// Exact, so that the request has a `Content-Length` and is not sent in chunks.
    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.content.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use mysms_core::clock::Clock;
    use mysms_core::clock::ManualClock;
    use mysms_core::domain::Timestamp;
    use tokio::time::Instant;

    const WINDOW: Duration = Duration::from_secs(5);
    const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn deadline(started: Instant) -> (StartDeadline, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at(START));
        let wall: Arc<dyn Clock> = clock.clone();
        (StartDeadline::new(WINDOW, started, START, wall), clock)
    }

    fn poll(body: &mut GatedBody) -> Option<Result<Frame<Bytes>, Withheld>> {
        let mut context = Context::from_waker(std::task::Waker::noop());
        match Pin::new(body).poll_frame(&mut context) {
            Poll::Ready(frame) => frame,
            Poll::Pending => panic!("the body never waits"),
        }
    }

    #[test]
    fn the_deadline_passes_by_either_clock() {
        let (fresh, clock) = deadline(Instant::now());
        assert!(!fresh.has_passed());
        clock.advance(Duration::from_secs(5));
        assert!(!fresh.has_passed());
        clock.advance(Duration::from_millis(1));
        assert!(fresh.has_passed(), "the wall clock went on in a suspend");

        let earlier = Instant::now().checked_sub(WINDOW * 2).unwrap();
        assert!(
            deadline(earlier).0.has_passed(),
            "the wall clock was set back"
        );
    }

    #[test]
    fn a_body_is_released_once_and_then_counts_as_written() {
        let gate = Gate::new(deadline(Instant::now()).0);
        let mut body = gate.body("To=x".to_owned());
        assert_eq!(body.size_hint().exact(), Some(4));
        let frame = poll(&mut body).unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "To=x");
        assert!(body.is_end_stream());
        assert!(poll(&mut body).is_none());
        assert_eq!(gate.withdraw(), Progress::Released);
    }

    #[test]
    fn a_body_asked_for_after_the_deadline_is_withheld() {
        let (deadline, clock) = deadline(Instant::now());
        let gate = Gate::new(deadline);
        let mut body = gate.body("To=x".to_owned());
        clock.advance(WINDOW * 2);
        assert!(poll(&mut body).unwrap().is_err());
        assert_eq!(gate.withdraw(), Progress::Late);
    }

    #[test]
    fn a_body_withdrawn_by_its_caller_is_never_written_afterwards() {
        let gate = Gate::new(deadline(Instant::now()).0);
        let mut body = gate.body("To=x".to_owned());
        assert_eq!(gate.withdraw(), Progress::Withheld);
        assert!(poll(&mut body).unwrap().is_err());
        assert_eq!(gate.withdraw(), Progress::Withheld);
    }
}
