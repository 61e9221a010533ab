use mysms_core::domain::{Address, Message, MessageId, Timestamp};
use mysms_core::provider::Glossary;
use mysms_core::store::{Result, StoreError};

use super::event::Event;

/// What is told of messages that changed, in the order in which they did. That a conversation was read is
/// told once, and not of each of its texts.
pub(crate) struct News {
    glossary: Glossary,
    /// Of texts that came before this it was told that they are there.
    known: Timestamp,
    events: Vec<Event>,
    /// What the last event says, if it is that somebody's texts were read.
    read: Option<(Address, MessageId)>,
}

impl News {
    pub(crate) fn new(glossary: Glossary, known: Timestamp) -> Self {
        Self {
            glossary,
            known,
            events: Vec::new(),
            read: None,
        }
    }

    /// `told`: it was told that the message is there.
    pub(crate) fn add(&mut self, message: &Message, told: bool) -> Result<()> {
        let since = message.only_seen_since();
        let only_seen = since.is_some_and(|since| told || since < self.known);
        if let Some(counterpart) = message.counterpart.as_ref().filter(|_| only_seen) {
            self.add_seen(counterpart, message.id);
        } else {
            let event = Event::of(message, self.glossary);
            self.push(event.map_err(|error| StoreError::corrupt("a message", error))?);
        }
        Ok(())
    }

    fn add_seen(&mut self, counterpart: &Address, id: MessageId) {
        let before = self.read.take().filter(|(whose, _)| whose == counterpart);
        if before.is_some() {
            self.events.pop();
        }
        let up_to = before.map_or(id, |(_, before)| before.max(id));
        self.events.push(Event::read(counterpart, up_to));
        self.read = Some((counterpart.clone(), up_to));
    }

    pub(crate) fn push(&mut self, event: Event) {
        self.events.push(event);
        self.read = None;
    }

    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    pub(crate) fn into_events(self) -> Vec<Event> {
        self.events
    }
}
