//! Looks in the provider's list for texts to us that it could not tell us of, because nobody here answered,
//! and takes them as if it had.

mod listing;
mod round;
mod taking;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::{CatchUp, LeaseToken, Timestamp};
use mysms_core::store::{Kind, Result, Stored, editing};
use runtime::lifecycle::TaskResult;

use crate::context::{Context, log_store_error};

/// The pause between two looks whether there is something to do.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The same while the store is away, or something has to be listed that another worker may have begun.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// For how long nothing is sent, at most, by a worker that starts, or that could not reach the store: until
/// it is known who has said STOP meanwhile. That is longer than a worker's right to list, because one that
/// was killed keeps it.
const LISTENS_FIRST: Duration = Duration::from_secs(30);

/// Begins to catch up, if that is wanted; before it has, or has found that it cannot, nothing is sent.
pub(crate) fn start(context: &Arc<Context>) {
    if let Some(interval) = context.config.catch_up {
        context.gate.listen_first(LISTENS_FIRST);
        let running = run(Arc::clone(context), interval);
        context.lifecycle.spawn("catching-up", running);
    }
}

async fn run(context: Arc<Context>, interval: Duration) -> TaskResult {
    let mut catching_up = CatchingUp::new(Arc::clone(&context), interval);
    loop {
        catching_up.look().await;
        let pause = if catching_up.was_away || catching_up.wanted.is_some() {
            LOOK_AGAIN
        } else {
            LOOK_EVERY
        };
        if !context.pause_for(pause.min(interval)).await {
            return Ok(());
        }
    }
}

/// One worker's part in it.
pub(crate) struct CatchingUp {
    context: Arc<Context>,
    interval: Duration,
    /// This process, as the holder of leases.
    holder: LeaseToken,
    /// Something may have been missed: we have just started, and who knows for how long nobody was there,
    /// or the store was away.
    was_away: bool,
    /// A list that is older than this does not do.
    wanted: Option<Timestamp>,
}

/// Another worker lists.
struct NotHeld;

impl CatchingUp {
    pub(crate) fn new(context: Arc<Context>, interval: Duration) -> Self {
        Self {
            context,
            interval,
            holder: LeaseToken::generate(),
            was_away: true,
            wanted: None,
        }
    }

    /// Does what is due, if no other worker does.
    pub(crate) async fn look(&mut self) {
        // What is received now has a time that cannot be trusted, and so have leases.
        if !self.context.gate.knows_the_time() {
            return;
        }
        if let Err(error) = self.try_to().await {
            log_store_error(&error, !self.was_away);
            self.was_away = true;
            // It is back before we notice.
            self.context.gate.listen_first(LISTENS_FIRST);
        }
    }

    async fn try_to(&mut self) -> Result<()> {
        let (mut state, mut now) = self.read().await?;
        self.notice(&state, now);
        if state.is_due(self.interval, self.wanted, now) {
            if self.take().await? {
                self.round().await?;
            }
            (state, now) = self.read().await?;
            self.notice(&state, now);
        }
        self.report(&state, now);
        // What failed before we were away says nothing of what was received meanwhile.
        let has_tried = |wanted| state.failure().is_some_and(|failure| failure.at >= wanted);
        if self.wanted.is_none_or(has_tried) {
            self.context.gate.has_listened();
        }
        Ok(())
    }

    /// What is known about how far we are, and the time by the clock that all processes share.
    async fn read(&self) -> Result<(CatchUp, Timestamp)> {
        let account = &self.context.identity.account;
        let now = self.context.clock.now();
        let reading = self.context.records.record(Kind::CatchUp, account, now);
        let reading = reading.await?;
        let state = reading.record.as_ref().map(Stored::read).transpose()?;
        Ok((
            state.unwrap_or_else(|| CatchUp::begin(reading.at)),
            reading.at,
        ))
    }

    /// Takes note of what has to be listed because somebody was away.
    fn notice(&mut self, state: &CatchUp, now: Timestamp) {
        if std::mem::take(&mut self.was_away) {
            self.wanted = Some(now);
        }
        if self.wanted <= state.complete_at() {
            self.wanted = None;
        }
    }

    async fn take(&self) -> Result<bool> {
        let taken = self.edit(|state, now| state.lease(self.holder, now));
        Ok(taken.await?.is_some())
    }

    /// Changes what is known about how far we are; `None` if `change` does not want to.
    async fn edit(
        &self,
        change: impl Fn(&mut CatchUp, Timestamp) -> bool,
    ) -> Result<Option<CatchUp>> {
        let Context {
            records,
            identity,
            clock,
            ..
        } = &*self.context;
        let key = (Kind::CatchUp, identity.account.as_str());
        let edited = editing::edit_at(
            &**records,
            key,
            clock.now(),
            |stored: Option<CatchUp>, now| {
                let mut state = stored.unwrap_or_else(|| CatchUp::begin(now));
                if change(&mut state, now) {
                    Ok(state)
                } else {
                    Err(NotHeld)
                }
            },
        );
        Ok(edited.await?.ok())
    }

    fn report(&self, state: &CatchUp, now: Timestamp) {
        let failure = state.failure();
        let unlisted = failure.map(|failure| {
            format!(
                "what our numbers received cannot be listed: {}",
                failure.reason
            )
        });
        self.context.status.set_unlisted(unlisted);
        if let Some(at) = state.complete_at() {
            self.context.metrics.set_received_list_age(now.since(at));
        }
    }
}
