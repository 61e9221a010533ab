use super::Ledger;
use crate::message::Message;

/// Which messages a list shows.
pub(crate) struct Selection<'a> {
    pub(crate) to: Option<&'a str>,
    /// What else must hold.
    pub(crate) keep: &'a dyn Fn(&Message) -> bool,
}

/// Where a page begins. Lists run from the newest message to the oldest.
pub(crate) enum Position {
    /// After so many messages.
    Skip(usize),
    /// Behind a message, with the older ones.
    After(usize),
    /// Ahead of a message, with the newer ones.
    Before(usize),
}

/// A page: indices of messages, newest first.
pub(crate) struct Page {
    pub(crate) messages: Vec<usize>,
    /// Older ones follow.
    pub(crate) more: bool,
}

impl Ledger {
    /// Costs no more than the messages it walks over, which all have the wanted recipient if there
    /// is one.
    pub(crate) fn page(&self, selection: &Selection<'_>, from: &Position, size: usize) -> Page {
        let books = self.books();
        let all: Box<dyn DoubleEndedIterator<Item = usize>> = match selection.to {
            None => Box::new(0..books.messages.len()),
            Some(to) => match books.by_recipient.get(to) {
                Some(list) => Box::new(list.iter().copied()),
                None => Box::new(std::iter::empty()),
            },
        };
        let mut fitting = all.filter(|&index| (selection.keep)(&books.messages[index]));
        if let Position::Before(index) = from {
            let mut messages: Vec<usize> = fitting
                .skip_while(|other| other <= index)
                .take(size)
                .collect();
            messages.reverse();
            return Page {
                messages,
                more: true,
            };
        }
        let mut messages: Vec<usize> = match from {
            Position::Skip(count) => fitting.rev().skip(*count).take(size + 1).collect(),
            Position::After(index) => fitting
                .by_ref()
                .rev()
                .skip_while(|other| other >= index)
                .take(size + 1)
                .collect(),
            Position::Before(_) => Vec::new(),
        };
        let more = messages.len() > size;
        messages.truncate(size);
        Page { messages, more }
    }
}
