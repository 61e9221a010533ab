//! A stream of events as its client gets it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream::unfold;
use mysms_core::chain::Chain;
use runtime::metrics::Metrics;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use super::missed::Missed;
use crate::auth::{Caller, Standing};
use crate::consent;
use crate::error::ApiError;
use crate::inbox;
use crate::live::event::{self, Event};
use crate::live::{Cursor, Piece, Seat};
use crate::network::Network;
use crate::opt_outs::Heard;
use crate::state::AppState;
use crate::tally::Held;

/// How long a stream is silent before it shows that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How often it is looked whether the token or the key has ended.
const TOKEN_CHECK: Duration = Duration::from_secs(1);

/// What a stream begins with.
pub(super) struct Opening {
    pub(super) begin: VecDeque<Bytes>,
    /// More of it, which is read when it is taken.
    pub(super) missed: Option<Missed>,
}

impl Opening {
    async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        while self.begin.is_empty()
            && let Some(missed) = &mut self.missed
        {
            match missed.next().await? {
                Some(more) => self.begin.extend(more),
                None => self.missed = None,
            }
        }
        Ok(self.begin.pop_front())
    }
}

/// One client's stream. It ends when its token does, when the process stops, and when the client is
/// too slow.
pub(super) struct Reader {
    opening: Opening,
    settled: Cursor,
    seat: Seat,
    _place: Option<Held<Network>>,
    caller: Caller,
    standing: Standing,
    state: AppState,
    closing: CancellationToken,
    checks: Interval,
    opt_outs: broadcast::Receiver<Heard>,
    /// It is told when what belongs to nobody changes.
    has_inbox: bool,
    beat_at: Instant,
    _open: Open,
}

impl Reader {
    pub(super) fn new(
        state: &AppState,
        caller: Caller,
        (seat, place): (Seat, Option<Held<Network>>),
        opening: Opening,
        settled: Cursor,
    ) -> Self {
        let mut checks = interval(TOKEN_CHECK);
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            opening,
            settled,
            seat,
            _place: place,
            caller,
            standing: state.standing(),
            state: state.clone(),
            closing: state.closing.clone(),
            checks,
            opt_outs: state.opt_outs.subscribe(),
            has_inbox: false,
            beat_at: Instant::now() + HEARTBEAT,
            _open: Open::new(Arc::clone(&state.metrics)),
        }
    }

    pub(super) fn into_body(self) -> Body {
        let parts = unfold(self, async |mut reader| {
            let bytes = reader.next().await?;
            reader.beat_at = Instant::now() + HEARTBEAT;
            Some((Ok::<_, Infallible>(bytes), reader))
        });
        Body::from_stream(parts)
    }

    /// `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        match self.opening.next().await {
            Ok(None) => {}
            Ok(Some(bytes)) => return self.may_show().await.then_some(bytes),
            // The client comes back with the event that it has.
            Err(error) => {
                tracing::warn!(error = %Chain(&error), "a stream ends: what was missed cannot be read");
                return None;
            }
        }
        loop {
            tokio::select! {
                biased;
                () = self.closing.cancelled() => return None,
                _ = self.checks.tick() => {
                    if self.standing.has_ended(&self.caller).await {
                        return None;
                    }
                    // An operator may let them at any time. What changed before is not told one by one.
                    if !self.has_inbox && self.sees_inbox().await {
                        self.has_inbox = true;
                        self.state.events.show_inbox(&self.seat);
                        return self.may_show().await.then(event::inbox);
                    }
                }
                piece = self.seat.pieces.recv() => {
                    let Piece { bytes, settled } = piece?;
                    let about_inbox = settled.is_none();
                    self.settled = settled.unwrap_or(self.settled);
                    if bytes.is_empty() || about_inbox && !self.sees_inbox().await {
                        continue;
                    }
                    return self.may_show().await.then_some(bytes);
                }
                heard = self.opt_outs.recv() => {
                    let told = self.tell(heard).await?;
                    if !told.is_empty() {
                        return self.may_show().await.then_some(told);
                    }
                }
                () = sleep_until(self.beat_at) => return Some(event::heartbeat(self.settled)),
            }
        }
    }

    /// What people want has changed; `None` if that will not be known any more.
    async fn tell(&self, heard: Result<Heard, RecvError>) -> Option<Bytes> {
        let told = match heard {
            Ok(heard) => consent::tell(&self.state, &self.caller, &heard).await,
            Err(RecvError::Lagged(_)) => Ok(None),
            Err(RecvError::Closed) => return None,
        };
        Some(match told {
            Ok(Some(told)) => told.into(),
            // Also if it is not known what this client may be told.
            Ok(None) | Err(_) => event::write(&[Event::reset()], self.settled, self.settled)
                .concat()
                .into(),
        })
    }

    /// Whether what belongs to nobody may be shown at this moment.
    async fn sees_inbox(&self) -> bool {
        let open = inbox::is_open_to(&self.state, &self.caller).await;
        open.unwrap_or(false)
    }

    /// Whether token or key are still good. If that cannot be known, nothing is shown.
    async fn may_show(&self) -> bool {
        matches!(self.standing.holds(&self.caller).await, Ok(true))
    }
}

/// Counts a stream for as long as it is open.
struct Open(Arc<Metrics>);

impl Open {
    fn new(metrics: Arc<Metrics>) -> Self {
        metrics.event_streams.inc();
        Self(metrics)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.event_streams.dec();
    }
}
