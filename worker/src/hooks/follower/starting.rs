//! Beginning to tell what is to be told.

use std::collections::HashMap;

use mysms_core::domain::{Message, MessageId, Progress};
use mysms_core::store::Result;

use super::super::telling::{decide, known, tell};
use super::Follower;

/// Calls of one endpoint at once, and of one that took long to answer.
const AT_ONCE: usize = 16;
const AT_ONCE_IF_SLOW: usize = 2;

impl Follower {
    /// Begins to tell as much as may be told at once. Returns whether some needed not be told, so that there
    /// may be more to begin.
    pub(super) async fn start(&mut self) -> Result<bool> {
        let now = self.desk.clock.now();
        let progress = &self.held.progress;
        if progress.rests(now) {
            return Ok(false);
        }
        if progress.is_down() {
            let may = self.flying.is_empty() && progress.may_probe(now);
            return if may { self.probe().await } else { Ok(false) };
        }
        // What is pending is read anew when it is told. What is being told was read already.
        let needless = |id| progress.is_pending(id) && !self.busy.contains(&id);
        self.near.pass_over(needless);
        self.far.pass_over(needless);
        let most = if self.slow { AT_ONCE_IF_SLOW } else { AT_ONCE };
        let room = most.saturating_sub(self.flying.len());
        let mut batch = progress.due(now);
        batch.retain(|id| !self.busy.contains(id));
        batch.truncate(room);
        let busy = &self.busy;
        for look in [&mut self.near, &mut self.far] {
            let free = |id| !busy.contains(&id) && !batch.contains(&id);
            let taken = look.take(room - batch.len(), free);
            batch.extend(taken);
        }
        self.tell_each(&batch, false).await
    }

    /// Tries an endpoint that is down with one event.
    async fn probe(&mut self) -> Result<bool> {
        let progress = &self.held.progress;
        let chosen = progress.probe();
        let is_fresh = |id| !progress.is_pending(id);
        let chosen = chosen.or_else(|| self.near.take_last(is_fresh));
        if let Some(message) = chosen.or_else(|| longest_untried(&self.held.progress)) {
            return self.tell_each(&[message], true).await;
        }
        self.held.progress.nothing_to_try();
        Ok(false)
    }

    async fn tell_each(&mut self, batch: &[MessageId], probe: bool) -> Result<bool> {
        let told = self.begin(batch, probe).await;
        if told.is_err() {
            for message in batch {
                if !self.busy.contains(message) {
                    self.put_back(*message);
                }
            }
        }
        told
    }

    /// Each as it is by now.
    async fn begin(&mut self, batch: &[MessageId], probe: bool) -> Result<bool> {
        if batch.is_empty() {
            return Ok(false);
        }
        let messages = self.desk.ledger.read(batch);
        // Whichever comes first: what another worker notes meanwhile is told twice at worst.
        let known = known(&self.desk, &self.held, batch);
        let (messages, known) = tokio::try_join!(messages, known)?;
        let messages: HashMap<MessageId, Message> = messages
            .into_iter()
            .map(|message| (message.id, message))
            .collect();
        let mut any_needless = false;
        for id in batch {
            let again = self.held.progress.is_asked_for(*id);
            let told = known.get(id);
            let event = messages
                .get(id)
                .and_then(|message| Some((message, decide(&self.held, message, told, again)?)));
            if let Some((message, event)) = event {
                let call = tell(&self.desk, &self.held, message, event, probe)?;
                self.busy.insert(*id);
                self.flying.spawn(call);
            } else {
                self.held.progress.settled(*id);
                self.dealt_with(*id);
                any_needless = true;
            }
        }
        Ok(any_needless)
    }
}

fn longest_untried(progress: &Progress) -> Option<MessageId> {
    let pending = progress.pending.iter();
    let longest = pending.min_by_key(|pending| pending.tried_at);
    longest.map(|pending| pending.message)
}
