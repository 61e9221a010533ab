//! Quiet hours that begin while a text waits.
//!
//! When a text may leave is decided when it is accepted, and again when it is due. It may be held up after
//! that, by what is ahead of it or by an outage, so it is looked at once more when it would leave.

use std::collections::HashMap;

use mysms_core::domain::{Message, MessageId, Registry, Timestamp, rests_until};
use mysms_core::pace::Settings;
use mysms_core::store::Result;

use crate::context::Context;

impl Context {
    /// Until when a message has to wait that would leave now, by its user's quiet hours and its sender's.
    pub(crate) fn rests_until(
        &self,
        message: &Message,
        registry: &Registry,
        settings: &Settings,
    ) -> Option<Timestamp> {
        let sender = registry.leaving(message.sender.as_deref());
        let of_user = settings.get(&message.owner);
        let of_user = of_user.and_then(|settings| settings.quiet_hours.as_ref());
        rests_until(message, of_user, sender, self.clock.now())
    }

    /// Lets messages that were just read wait for the end of quiet hours; returns those that do.
    pub(crate) async fn rest_in_quiet(
        &self,
        resting: Vec<(Message, Timestamp)>,
    ) -> Result<Vec<MessageId>> {
        if resting.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let open: HashMap<_, _> = resting.iter().map(|(it, open)| (it.id, *open)).collect();
        let messages = resting.into_iter().map(|(message, _)| message).collect();
        let waiting = self.ledger.wait_until(messages, &open, now).await?;
        self.announce(waiting.iter().map(|message| message.owner), now);
        Ok(waiting.into_iter().map(|message| message.id).collect())
    }
}
