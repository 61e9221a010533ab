//! Sending in turn, where senders have rates: one pacer for each sender, in every worker.
//!
//! Jobs and the sweeper only tell which senders have something waiting. What leaves next, and when, is
//! chosen by whichever worker has the sender's line to itself for a moment.

mod counting;
mod draw;
mod due;
mod hints;
mod pacer;
mod slot;
mod standing;
mod supervisor;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mysms_core::domain::{MessageId, Registry, SenderAddress};
use tokio::sync::Notify;
use tokio::time::Instant;
use tracing::Span;

use hints::Traces;
use standing::Standings;

pub(crate) use counting::waiting;
pub(crate) use due::sweep;
pub(crate) use hints::take as take_hints;
pub(crate) use standing::report;
pub(crate) use supervisor::run;
#[cfg(test)]
pub(crate) use {draw::Next, pacer::Pacer, supervisor::look};

/// What the pacers of a worker share with those who wake them.
#[derive(Default)]
pub(crate) struct Pacers(Mutex<State>);

#[derive(Default)]
struct State {
    wakes: HashMap<SenderAddress, Arc<Notify>>,
    /// From where queued texts are to leave that no sender is known for: the environment's takes them.
    strays: Vec<String>,
    traces: Traces,
    /// When slots of senders were taken last, until the counts of their queues have been checked.
    last_slots: HashMap<SenderAddress, Instant>,
    standings: Standings,
}

impl Pacers {
    /// What wakes the pacer of a sender.
    fn wake_of(&self, sender: &SenderAddress) -> Arc<Notify> {
        let mut state = self.lock();
        Arc::clone(state.wakes.entry(sender.clone()).or_default())
    }

    /// Tells a pacer that something may wait for it.
    fn wake(&self, sender: &SenderAddress) {
        self.wake_of(sender).notify_one();
    }

    fn wake_all(&self) {
        for wake in self.lock().wakes.values() {
            wake.notify_one();
        }
    }

    /// Takes note from where texts wait to leave, and wakes the pacers that they wait for.
    fn note_waiting(&self, senders: Vec<String>, registry: &Registry) {
        for sender in &senders {
            self.wake(&registry.leaving(Some(sender)).address);
        }
        let is_stray = |sender: &String| registry.get(sender).is_none();
        self.lock().strays = senders.into_iter().filter(is_stray).collect();
    }

    /// From where the texts are to leave that a sender takes beside its own.
    fn strays_of(&self, sender: &SenderAddress, registry: &Registry) -> Vec<String> {
        if registry.environment().address != *sender {
            return Vec::new();
        }
        self.lock().strays.clone()
    }

    fn note_slot(&self, sender: &SenderAddress) {
        self.lock()
            .last_slots
            .insert(sender.clone(), Instant::now());
    }

    /// The senders of which slots were taken some time ago, and none since; tells each once.
    fn rested(&self) -> Vec<SenderAddress> {
        let mut state = self.lock();
        let rested = state
            .last_slots
            .extract_if(|_, last| counting::rests(*last));
        rested.map(|(sender, _)| sender).collect()
    }

    /// What the sending of a message is logged in: under the trace of its request, if that is known.
    fn span(&self, id: MessageId) -> Span {
        self.lock().traces.take(id).unwrap_or_else(Span::none)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
