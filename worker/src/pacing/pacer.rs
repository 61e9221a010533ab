//! The loop that sends what waits for one sender.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use mysms_core::domain::{MessageId, SenderAddress};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::draw::Next;
use crate::context::{Context, log_store_error};

/// For how long a text is passed over that could not be claimed, so that it does not keep others waiting.
const PASSED_OVER: Duration = Duration::from_secs(5);

/// The longest part of a wait that is added to it by chance, so that workers do not ask for a line at the
/// same moment.
const JITTER: Duration = Duration::from_millis(20);

/// Sends what waits for one sender, slot by slot.
pub(crate) struct Pacer {
    pub(super) context: Arc<Context>,
    pub(super) sender: SenderAddress,
    wake: Arc<Notify>,
    /// What could not be claimed, and until when it is passed over.
    passed_over: HashMap<MessageId, Instant>,
}

impl Pacer {
    pub(crate) fn new(context: Arc<Context>, sender: SenderAddress) -> Self {
        Self {
            wake: context.pacers.wake_of(&sender),
            context,
            sender,
            passed_over: HashMap::new(),
        }
    }

    /// Runs until its sender is paced no more, or the soft stop.
    pub(crate) async fn run(mut self) {
        let stop = self.context.stop();
        // A draw is never cut off: a claim dropped on its way would have to be looked up later.
        while !stop.is_cancelled() {
            let next = self.draw().await.unwrap_or_else(|error| {
                log_store_error(&error, true);
                Next::After(self.context.config.sweep_interval)
            });
            match next {
                Next::Again => {}
                Next::After(wait) => {
                    let wait = wait.min(self.context.config.sweep_interval);
                    let jitter = JITTER.mul_f64(Context::jitter());
                    self.context.pause_for(wait + jitter).await;
                }
                Next::Idle => {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = self.wake.notified() => {}
                    }
                }
                Next::Gone => break,
            }
        }
    }

    /// Passes over what could not be claimed, for a while.
    pub(super) fn pass_over(&mut self, ids: impl IntoIterator<Item = MessageId>) {
        let now = Instant::now();
        self.passed_over.retain(|_, until| *until > now);
        let until = now + PASSED_OVER;
        self.passed_over
            .extend(ids.into_iter().map(|id| (id, until)));
    }

    pub(super) fn passes_over(&self, id: MessageId) -> bool {
        let until = self.passed_over.get(&id);
        until.is_some_and(|until| *until > Instant::now())
    }
}
