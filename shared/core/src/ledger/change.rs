//! Reading, changing and swapping, repeated while others change the same message.

use std::slice;
use std::time::Duration;

use rand::RngExt;
use tokio::time::{Instant, sleep};

use super::leaving::{Note, Parties};
use super::line::Place;
use super::{LEDGER, Ledger};
use crate::domain::{Message, MessageId};
use crate::schedule::Schedule;
use crate::store::{MessageStore, Result, StoreError, Swap, Swapped};

/// For how long a change is tried again after others came between. One more read is enough, except where
/// it does not show yet what a majority is about to have.
pub(super) const CONFLICTS_WITHIN: Duration = Duration::from_secs(2);

/// The pauses between them.
const PAUSES: Schedule = Schedule {
    initial: Duration::from_millis(1),
    max: Duration::from_millis(50),
};

/// What became of a change of one message.
#[derive(Debug)]
pub(super) enum Changed {
    /// The message as it is now.
    Done(Box<Message>),
    /// Its condition does not hold for the message as it is now; `None` if there is no such message.
    Refused(Option<Box<Message>>),
    /// The SID that it was given is another message's.
    SidTaken,
}

impl Changed {
    pub(super) fn message(self) -> Option<Message> {
        match self {
            Self::Done(message) => Some(*message),
            Self::Refused(_) | Self::SidTaken => None,
        }
    }
}

impl Ledger {
    /// Lets `step` change a message, which returns false if its condition does not hold.
    pub(super) async fn change(
        &self,
        id: MessageId,
        step: impl Fn(&mut Message) -> bool + Send,
    ) -> Result<Changed> {
        let mut conflicts = Conflicts::within(CONFLICTS_WITHIN);
        loop {
            let Some(mut message) = self.store.read(&[id]).await?.pop() else {
                return Ok(Changed::Refused(None));
            };
            let (seen, place) = (message.version, Place::of(&message));
            let (erasable, parties) = (self.erasing.before(&message), Parties::of(&message));
            if !step(&mut message) {
                return Ok(Changed::Refused(Some(Box::new(message))));
            }
            if message.version == seen {
                return Ok(Changed::Done(Box::new(message)));
            }
            self.erasing.after(erasable, &mut message);
            self.leaving.note(parties.left(&message).as_slice()).await?;
            let swap = Swap {
                seen,
                after: message,
            };
            match swap_one(&*self.store, &swap).await? {
                Swapped::Written => {
                    self.give_back(place, slice::from_ref(&swap.after)).await;
                    return Ok(Changed::Done(Box::new(swap.after)));
                }
                Swapped::SidTaken => return Ok(Changed::SidTaken),
                Swapped::Conflict if conflicts.pause().await => {}
                Swapped::Conflict => return Err(kept_changing()),
            }
        }
    }

    /// Lets `step` change each of some messages that were just read; returns those that it changed, as
    /// they are now. A message that others changed meanwhile is read again.
    pub(super) async fn change_each(
        &self,
        messages: Vec<Message>,
        step: impl Fn(&mut Message) -> bool + Send,
    ) -> Result<Vec<Message>> {
        let conflicts = Conflicts::within(CONFLICTS_WITHIN);
        let (changed, left) = self.change_most(messages, step, conflicts).await?;
        if left.is_empty() {
            Ok(changed)
        } else {
            Err(kept_changing())
        }
    }

    /// The same, but returns the ids of those that were not changed for certain instead of failing, unless
    /// none was.
    pub(super) async fn change_most(
        &self,
        messages: Vec<Message>,
        step: impl Fn(&mut Message) -> bool + Send,
        conflicts: Conflicts,
    ) -> Result<(Vec<Message>, Vec<MessageId>)> {
        let mut places = Vec::new();
        let change = self.change_while(messages, step, conflicts, &mut places);
        let (changed, left) = change.await?;
        self.give_back(places, &changed).await;
        Ok((changed, left))
    }

    /// Adds the places that the messages had in their lines.
    async fn change_while(
        &self,
        mut messages: Vec<Message>,
        step: impl Fn(&mut Message) -> bool + Send,
        mut conflicts: Conflicts,
        places: &mut Vec<Place>,
    ) -> Result<(Vec<Message>, Vec<MessageId>)> {
        let mut changed = Vec::new();
        loop {
            let (mut swaps, mut left) = (Vec::new(), Vec::new());
            for mut message in messages {
                let (seen, place) = (message.version, Place::of(&message));
                let (erasable, parties) = (self.erasing.before(&message), Parties::of(&message));
                if !step(&mut message) {
                    continue;
                }
                places.extend(place);
                if message.version == seen {
                    changed.push(message);
                } else {
                    self.erasing.after(erasable, &mut message);
                    left.extend(parties.left(&message));
                    let after = message;
                    swaps.push(Swap { seen, after });
                }
            }
            let wanted: Vec<_> = swaps.iter().map(|swap| swap.after.id).collect();
            let left = match self.swap_each(swaps, &left, &mut changed).await {
                Ok(not_written) => not_written,
                // Who has won some does not lose them because of the others.
                Err(_) if !changed.is_empty() => return Ok((changed, wanted)),
                Err(error) => return Err(error),
            };
            if left.is_empty() || !conflicts.pause().await {
                return Ok((changed, left));
            }
            messages = match self.store.read(&left).await {
                Ok(messages) => messages,
                Err(_) if !changed.is_empty() => return Ok((changed, left)),
                Err(error) => return Err(error),
            };
        }
    }

    /// Notes what is `left` of messages, then adds what was written to `changed`; returns the ids of the others.
    async fn swap_each(
        &self,
        swaps: Vec<Swap>,
        left: &[Note],
        changed: &mut Vec<Message>,
    ) -> Result<Vec<MessageId>> {
        if swaps.is_empty() {
            return Ok(Vec::new());
        }
        self.leaving.note(left).await?;
        let outcomes = self.store.swap(&swaps).await?;
        let mut not_written = Vec::new();
        for (Swap { after, .. }, outcome) in swaps.into_iter().zip(outcomes) {
            match outcome {
                Swapped::Written => changed.push(after),
                Swapped::Conflict | Swapped::SidTaken => not_written.push(after.id),
            }
        }
        Ok(not_written)
    }
}

pub(super) async fn swap_one(store: &dyn MessageStore, swap: &Swap) -> Result<Swapped> {
    let outcome = store.swap(std::slice::from_ref(swap)).await?.pop();
    outcome.ok_or_else(|| StoreError::corrupt("the answer to a swap", "it is empty"))
}

/// The conflicts that one operation meets.
#[derive(Debug)]
pub(super) struct Conflicts {
    within: Duration,
    first: Option<Instant>,
    met: u32,
}

impl Conflicts {
    /// An operation that tries again for this long.
    pub(super) fn within(within: Duration) -> Self {
        Self {
            within,
            first: None,
            met: 0,
        }
    }

    /// Waits before the next try, each time longer; returns false once it has been tried for too long.
    pub(super) async fn pause(&mut self) -> bool {
        let first = *self.first.get_or_insert_with(Instant::now);
        if first.elapsed() >= self.within {
            return false;
        }
        self.met += 1;
        let pause = PAUSES.jittered(self.met, rand::rng().random_range(0.5..=1.0));
        sleep(pause).await;
        true
    }
}

/// Nothing is known to have been done: the caller may repeat it.
pub(super) fn kept_changing() -> StoreError {
    StoreError::unavailable(LEDGER, "the message kept changing")
}
