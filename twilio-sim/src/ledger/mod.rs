use std::{
    collections::HashMap,
    io,
    path::Path,
    sync::{Mutex, MutexGuard},
};

use crate::{
    Direction,
    lock::lock,
    media::Medium,
    message::{Erased, Message},
    senders::Load,
};

mod book;
mod export;
mod journal;
mod opt_outs;
mod page;
mod phones;

pub use book::BookLine;
pub(crate) use page::{Page, Position, Selection};
pub(crate) use phones::{Phone, Text};

use journal::{Journal, Record};
use opt_outs::OptOuts;

/// Every message of the account, in the order in which they were accepted.
pub(crate) struct Ledger(Mutex<Books>);

#[derive(Default)]
struct Books {
    messages: Vec<Message>,
    by_sid: HashMap<String, usize>,
    by_medium: HashMap<String, usize>,
    by_recipient: HashMap<String, Vec<usize>>,
    /// What handsets sent.
    by_author: HashMap<String, Vec<usize>>,
    opt_outs: OptOuts,
    callbacks_pending: usize,
    journal: Journal,
}

impl Ledger {
    /// Reads what the file holds; without one the ledger begins empty and is kept in memory.
    pub(crate) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let mut books = Books::default();
        if let Some(path) = path {
            let (journal, records) = Journal::open(path)?;
            for record in records {
                books.replay(record);
            }
            books.journal = journal;
        }
        Ok(Self(Mutex::new(books)))
    }

    /// Writes the message down; once this returns, a killed process still knows it.
    pub(crate) fn accept(&self, message: Message) -> io::Result<usize> {
        let mut books = self.books();
        let record = Record::Accepted(Box::new(message));
        books.journal.append(&record)?;
        let index = books.messages.len();
        books.replay(record);
        Ok(index)
    }

    /// Notes that a callback was delivered, or given up.
    pub(crate) fn callback_done(
        &self,
        message: usize,
        callback: usize,
        failed: bool,
    ) -> io::Result<()> {
        let mut books = self.books();
        let record = Record::CallbackDone {
            sid: books.messages[message].sid.clone(),
            callback,
            failed,
        };
        let written = books.journal.append(&record);
        books.replay(record);
        written
    }

    /// Notes what is not shown of a message any more.
    pub(crate) fn erase(&self, message: usize, what: Erased) -> io::Result<()> {
        let mut books = self.books();
        let record = Record::Erased {
            sid: books.messages[message].sid.clone(),
            what,
        };
        books.journal.append(&record)?;
        books.replay(record);
        Ok(())
    }

    /// Reads one message.
    pub(crate) fn read<T>(&self, message: usize, read: impl FnOnce(&Message) -> T) -> T {
        read(&self.books().messages[message])
    }

    pub(crate) fn find(&self, sid: &str) -> Option<usize> {
        self.books().by_sid.get(sid).copied()
    }

    /// A file of any message.
    pub(crate) fn medium(&self, sid: &str) -> Option<Medium> {
        let books = self.books();
        let message = &books.messages[*books.by_medium.get(sid)?];
        let mut media = message.media.iter();
        media.find(|medium| medium.sid == sid).cloned()
    }

    /// Forgets a file of a message; false if it has none of that name.
    pub(crate) fn delete_medium(&self, message: &str, medium: &str) -> io::Result<bool> {
        let mut books = self.books();
        let of = books.by_medium.get(medium);
        if of.is_none() || of != books.by_sid.get(message) {
            return Ok(false);
        }
        let record = Record::MediumDeleted {
            message: message.to_owned(),
            medium: medium.to_owned(),
        };
        books.journal.append(&record)?;
        books.replay(record);
        Ok(true)
    }

    /// A message that the account has still.
    pub(crate) fn resource(&self, sid: &str) -> Option<usize> {
        let books = self.books();
        let message = books.by_sid.get(sid).copied();
        message.filter(|&index| books.messages[index].erased != Some(Erased::Record))
    }

    /// The messages that are owed callbacks, and when the first of them is due.
    pub(crate) fn owed(&self) -> Vec<(usize, i64)> {
        let books = self.books();
        let due = |message: &Message| message.owed().map(|(_, callback)| callback.due_ms);
        let messages = books.messages.iter().enumerate();
        messages
            .filter_map(|(n, message)| Some((n, due(message)?)))
            .collect()
    }

    /// What left, or will leave, from which sender, and when, in the order in which it was accepted.
    pub(crate) fn each_departure(&self, mut note: impl FnMut(&str, Load, i64)) {
        for message in &self.books().messages {
            if let Some((load, leaves_ms)) = message.departure() {
                note(message.sender(), load, leaves_ms);
            }
        }
    }

    /// How many messages there are, and how many callbacks are owed.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let books = self.books();
        (books.messages.len(), books.callbacks_pending)
    }

    /// Lets go of the file: from now on nothing is accepted.
    pub(crate) fn close(&self) {
        self.books().journal.close();
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        lock(&self.0)
    }
}

impl Books {
    fn replay(&mut self, record: Record) {
        match record {
            Record::Accepted(message) => {
                let index = self.messages.len();
                self.by_sid.insert(message.sid.clone(), index);
                for medium in &message.media {
                    self.by_medium.insert(medium.sid.clone(), index);
                }
                file(&mut self.by_recipient, &message.to, index);
                if message.direction == Direction::Inbound {
                    file(&mut self.by_author, &message.from, index);
                }
                if let Some(order) = &message.order {
                    self.opt_outs.obey(&message.from, order);
                }
                self.callbacks_pending += message.callbacks.len();
                self.messages.push(*message);
            }
            Record::MediumDeleted { message, medium } => {
                self.by_medium.remove(&medium);
                let index = self.by_sid.get(&message).copied();
                if let Some(message) = index.and_then(|index| self.messages.get_mut(index)) {
                    message.media.retain(|one| one.sid != medium);
                }
            }
            Record::Erased { sid, what } => {
                let index = self.by_sid.get(&sid).copied();
                let message = index.and_then(|index| self.messages.get_mut(index));
                if let Some(message) = message {
                    message.erased = message.erased.max(Some(what));
                }
            }
            Record::CallbackDone {
                sid,
                callback,
                failed,
            } => {
                let index = self.by_sid.get(&sid).copied();
                let message = index.and_then(|index| self.messages.get_mut(index));
                let callback = message.and_then(|message| message.callbacks.get_mut(callback));
                if let Some(callback) = callback.filter(|callback| !callback.done) {
                    callback.done = true;
                    callback.failed = failed;
                    self.callbacks_pending -= 1;
                }
            }
        }
    }
}

fn file(index: &mut HashMap<String, Vec<usize>>, number: &str, message: usize) {
    match index.get_mut(number) {
        Some(list) => list.push(message),
        None => drop(index.insert(number.to_owned(), vec![message])),
    }
}
