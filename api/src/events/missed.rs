//! What a client missed since an earlier stream.

use std::time::Duration;

use bytes::Bytes;
use mysms_core::domain::UserId;
use mysms_core::store::Place;

use crate::error::ApiError;
use crate::live::event::{self, Event};
use crate::live::{Cursor, MOST, News, OVERLAP};
use crate::state::AppState;

/// How old the last event of an earlier stream may be to go on from there.
const LONGEST_GAP: Duration = Duration::from_hours(1);

/// How far ahead of our clock that of another API process may be, and more.
const AHEAD: Duration = Duration::from_mins(1);

/// Changes that are read at a time, so that a client that does not read costs little.
const PART: usize = 50;

/// Tells a client what it missed, part by part, as it takes it.
pub(super) struct Missed {
    state: AppState,
    user: UserId,
    last: Cursor,
    now: Cursor,
    place: Place,
    told: usize,
    ended: bool,
}

impl Missed {
    /// From `last` on; `now` is when the client began to be told what changes.
    pub(super) fn new(state: &AppState, user: UserId, last: Cursor, now: Cursor) -> Self {
        Self {
            state: state.clone(),
            user,
            last,
            now,
            place: Place::before(last.0 - OVERLAP),
            told: 0,
            ended: false,
        }
    }

    /// The next part, ready to be sent; `None` when all is told. Only with the last event of the last
    /// part the client has got to `now`: until then it would begin again where it was.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Bytes>>, ApiError> {
        if self.ended {
            return Ok(None);
        }
        if !self.is_recent() {
            return Ok(Some(self.reset()));
        }
        let (last, now) = (self.last, self.now);
        let (user, place) = (self.user, self.place);
        let turn = self.state.reads.turn(user).await;
        let source = self.state.events.source();
        let changed = source.changed_after(user, place, PART).await?;
        let is_last = changed.len() < PART;
        let mut others = Vec::new();
        if is_last {
            let since = last.0 - OVERLAP;
            let disabled = source.disabled_since(user, since).await?;
            others.extend(disabled.iter().map(Event::disabled));
            let marked = source.marked_since(user, since).await?;
            others.extend(marked.map(|_| Event::marked()));
        }
        drop(turn);
        let mut news = News::new(self.state.glossary(), last.0 - OVERLAP);
        for message in &changed {
            news.add(message, false)?;
        }
        self.told += news.len();
        if self.told > MOST {
            return Ok(Some(self.reset()));
        }
        self.ended = is_last;
        if let Some(message) = changed.last() {
            self.place = Place::of(message);
        }
        let mut events = news.into_events();
        events.extend(others);
        let there = if self.ended { now } else { last };
        Ok(Some(if events.is_empty() {
            vec![event::heartbeat(there)]
        } else {
            event::write(&events, last, there)
        }))
    }

    fn is_recent(&self) -> bool {
        let recent = self.now.0 - LONGEST_GAP..=self.now.0 + AHEAD;
        recent.contains(&self.last.0)
    }

    /// Too long ago, or too much to be told one by one.
    fn reset(&mut self) -> Vec<Bytes> {
        self.ended = true;
        event::write(&[Event::reset()], self.last, self.now)
    }
}
