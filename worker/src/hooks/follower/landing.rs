//! What came of calls.

use std::time::Duration;

use mysms_core::domain::{DisabledBy, Refusal};
use mysms_core::post::Posted;
use mysms_core::store::Result;
use runtime::metrics::WebhookOutcome;
use tokio::task::JoinError;

use super::super::desk::Desk;
use super::super::telling::Landed;
use super::{Ending, Follower};

/// An endpoint that takes longer to answer is called less at once, so that it does not use up what others
/// need.
const SLOW: Duration = Duration::from_secs(5);

impl Follower {
    /// Takes what came back.
    pub(super) fn take(&mut self, landed: std::result::Result<Landed, JoinError>) {
        match landed {
            Ok(landed) => self.landed.push(landed),
            Err(error) => {
                // What it was about is told again by whoever takes the endpoint next.
                tracing::error!(endpoint.id = %self.held.id(), %error, "a call broke off");
                self.ending = Some(Ending::Lost);
            }
        }
    }

    /// Takes note of all that came back: first of what was taken, then the place may move.
    pub(super) async fn land(&mut self) -> Result<()> {
        while let Some(landed) = self.flying.try_join_next() {
            self.take(landed);
        }
        for landed in std::mem::take(&mut self.landed) {
            if let Some(posted) = landed.posted {
                self.judge(&landed, &posted);
            } else {
                self.busy.remove(&landed.message());
                self.put_back(landed.message());
            }
        }
        self.note_told().await?;
        if let Some(by) = self.disabling {
            self.held.disable(by).await?;
            self.disabling = None;
        }
        Ok(())
    }

    fn judge(&mut self, landed: &Landed, posted: &Posted) {
        self.slow = landed.duration > SLOW;
        self.held.note(landed.attempt(posted));
        let metrics = &self.desk.metrics;
        metrics.webhook_called(WebhookOutcome::from(posted.answer));
        if posted.answer.is_taken() {
            let late = self.desk.clock.now().since(landed.telling.changed_at);
            metrics.webhook_taken(late);
            self.untold.push(landed.telling);
            return;
        }
        self.refused(landed, posted);
        if posted.answer.is_gone() {
            self.disabling = Some(DisabledBy::Gone);
        } else if self.held.progress.is_given_up(self.desk.clock.now()) {
            self.disabling = Some(DisabledBy::Failing);
        }
        if self.disabling.is_some() {
            self.ending.get_or_insert(Ending::Over);
        }
    }

    fn refused(&mut self, landed: &Landed, posted: &Posted) {
        let now = self.desk.clock.now();
        let message = landed.message();
        self.busy.remove(&message);
        let was_down = self.held.progress.is_down();
        let refused = landed.refused(posted);
        let refusal = self
            .held
            .progress
            .refused(refused, landed.probe, now, Desk::jitter());
        match refusal {
            Refusal::Pending => self.dealt_with(message),
            Refusal::Aside => {
                self.desk.metrics.webhooks_set_aside.inc();
                self.dealt_with(message);
            }
            Refusal::NoRoom => self.put_back(message),
        }
        if !was_down && self.held.progress.is_down() {
            tracing::warn!(endpoint.id = %self.held.id(), answer = ?posted.answer,
                "an endpoint takes nothing, and is only tried now and then");
        }
    }

    /// If the store does not answer they are noted later, and nothing moves meanwhile.
    async fn note_told(&mut self) -> Result<()> {
        if self.untold.is_empty() {
            return Ok(());
        }
        let now = self.desk.clock.now();
        let told = &self.desk.told;
        told.note_told(self.held.id(), &self.untold, now).await?;
        for telling in std::mem::take(&mut self.untold) {
            let message = telling.message;
            self.busy.remove(&message);
            self.held.progress.taken(message, now);
            self.dealt_with(message);
        }
        Ok(())
    }
}
