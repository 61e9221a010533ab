//! A look along the changes of a user's messages, part by part.

use std::collections::VecDeque;

use mysms_core::domain::{Message, MessageId, Place};

/// Messages that are read at a time, and how many may wait in a look before more are read.
pub(super) const PART: usize = 64;
const ENOUGH: usize = 16;

/// A look along the changes: what was read and is not dealt with yet, in its order.
#[derive(Debug)]
pub(super) struct Look {
    /// Up to where it was read.
    read_to: Place,
    /// Nothing more was there.
    ended: bool,
    slots: VecDeque<Slot>,
}

#[derive(Debug)]
struct Slot {
    place: Place,
    message: MessageId,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waits,
    /// It is being told.
    Busy,
    Done,
}

impl Look {
    pub(super) fn from(place: Place) -> Self {
        Self {
            read_to: place,
            ended: false,
            slots: VecDeque::new(),
        }
    }

    pub(super) fn read_to(&self) -> Place {
        self.read_to
    }

    /// Whether more should be read.
    pub(super) fn wants_more(&self) -> bool {
        let waiting = self.slots.iter().filter(|slot| slot.state == State::Waits);
        waiting.count() < ENOUGH && self.has_room()
    }

    /// Whether more may be read.
    pub(super) fn has_room(&self) -> bool {
        !self.ended && self.slots.len() <= 4 * PART
    }

    /// Takes what was read; `wanted` are those that may have to be told. `more`: there may be more.
    pub(super) fn read(&mut self, part: &[(&Message, bool)], more: bool) {
        for (message, wanted) in part {
            let place = Place::of(message);
            self.read_to = self.read_to.max(place);
            let state = if *wanted { State::Waits } else { State::Done };
            self.slots.push_back(Slot {
                place,
                message: message.id,
                state,
            });
        }
        self.ended = !more;
    }

    /// Something may have changed since it was read to the end.
    pub(super) fn go_on(&mut self) {
        self.ended = false;
    }

    /// Reads again from an earlier place, once all that was read is dealt with.
    pub(super) fn rewind(&mut self, place: Place) {
        if self.slots.is_empty() {
            self.read_to = self.read_to.min(place);
            self.ended = false;
        }
    }

    /// The next messages to be told, at most `limit`, which now are.
    pub(super) fn take(
        &mut self,
        limit: usize,
        free: impl Fn(MessageId) -> bool,
    ) -> Vec<MessageId> {
        let mut taken: Vec<MessageId> = Vec::new();
        for slot in &mut self.slots {
            if taken.len() >= limit {
                break;
            }
            let again = taken.contains(&slot.message);
            if slot.state == State::Waits && !again && free(slot.message) {
                slot.state = State::Busy;
                taken.push(slot.message);
            }
        }
        taken
    }

    /// The latest that waits to be told, which now is.
    pub(super) fn take_last(&mut self, free: impl Fn(MessageId) -> bool) -> Option<MessageId> {
        let mut waiting = self.slots.iter_mut().rev();
        let slot = waiting.find(|slot| slot.state == State::Waits && free(slot.message))?;
        slot.state = State::Busy;
        Some(slot.message)
    }

    /// What needs not be told any more is dealt with.
    pub(super) fn pass_over(&mut self, needless: impl Fn(MessageId) -> bool) {
        for slot in &mut self.slots {
            if slot.state == State::Waits && needless(slot.message) {
                slot.state = State::Done;
            }
        }
    }

    /// A message was dealt with.
    pub(super) fn done(&mut self, message: MessageId) {
        self.put(message, State::Done);
    }

    /// A message was not dealt with, and waits again.
    pub(super) fn put_back(&mut self, message: MessageId) {
        self.put(message, State::Waits);
    }

    fn put(&mut self, message: MessageId, state: State) {
        let those = self.slots.iter_mut().filter(|slot| slot.message == message);
        for slot in those.filter(|slot| slot.state == State::Busy) {
            slot.state = state;
        }
    }

    /// Up to where everything is dealt with, if that is further than it was.
    pub(super) fn settle(&mut self) -> Option<Place> {
        let mut settled = None;
        while self
            .slots
            .front()
            .is_some_and(|slot| slot.state == State::Done)
        {
            settled = self.slots.pop_front().map(|slot| slot.place);
        }
        settled
    }

    /// Everything that was there was read and dealt with.
    pub(super) fn is_over(&self) -> bool {
        self.ended && self.slots.is_empty()
    }
}
