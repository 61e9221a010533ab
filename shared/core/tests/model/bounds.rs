//! How much of the world a run looks at.

use mysms_core::domain::{Erasure, Status};

use super::moves::number;
use super::provider::{Listed, Shown, Sid};
use super::senders::Sender;
use super::state::{Lease, LeaseKind, Message, Requests, State, Token};

/// The size of a run and what may happen in it.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each part of the world is switched by itself"
)]
pub(crate) struct Bounds {
    /// One message for each; equal numbers are identical texts.
    pub(crate) texts: &'static [u8],
    /// How many of the messages were claimed once by a worker that died, at a moment of its own: the
    /// request may never have been made, be under way, be taken, or be taken and listed. The others
    /// have just been stored.
    pub(crate) in_doubt: usize,
    /// How often a message may be claimed.
    pub(crate) attempts: u8,
    /// How often all messages together may be claimed.
    pub(crate) claims: u8,
    /// How many tasks all workers together have at a time.
    pub(crate) tasks: usize,
    pub(crate) crashes: u8,
    /// How many answers of the database are lost, so that a worker repeats what was done.
    pub(crate) lost_answers: u8,
    /// How many writes the database applies late, after the worker repeated or gave up.
    pub(crate) late_writes: u8,
    /// How many writes are applied by a primary that is cut off, and rolled back.
    pub(crate) rollbacks: u8,
    /// How often an operator moves a message to the other sender. If at all, workers claim for both
    /// senders, some time after they read the message.
    pub(crate) moves: u8,
    /// Some workers know but the one sender, and take for it what is to leave from the other.
    pub(crate) strangers: bool,
    pub(crate) timing: Timing,
    pub(crate) clocks: Clocks,
    /// The list shows SIDs from before the first attempt too.
    pub(crate) wide_window: bool,
    /// Two messages may be claimed with one token.
    pub(crate) batches: bool,
    /// Users cancel and delete.
    pub(crate) users: bool,
    /// What the provider is made to erase of messages that users delete.
    pub(crate) erasure: Option<Erasure>,
    /// The recipient may say that they want no texts.
    pub(crate) opt_outs: bool,
    /// The provider may refuse a text for good.
    pub(crate) rejections: bool,
    /// A request may come back as certainly not sent.
    pub(crate) not_sent: bool,
    /// Callbacks arrive: early, late, in any order, any number of times, or not.
    pub(crate) callbacks: bool,
    /// The provider reports more than that it took a text, and is asked for it.
    pub(crate) later_statuses: bool,
    /// The list may be unavailable.
    pub(crate) list_fails: bool,
    /// Messages expire, and doubts are given up.
    pub(crate) expiry: bool,
    /// Bodies in the list may be redacted.
    pub(crate) unreadable: bool,
    /// Bodies in the list may be rewritten.
    pub(crate) rewritten: bool,
    /// Messages with other texts have the same words and other files, or files alone: the list shows all
    /// alike.
    pub(crate) files: Option<Files>,
}

/// What the list shows of messages with files beside how many those are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Files {
    WithWords,
    Alone,
}

/// How the lease compares with how late a request may still be taken or listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timing {
    /// `W + T + P + F + D + e <= L`: it is over only when that is past.
    QuietAtFirstLook,
    /// `W + T + P + F + D + e <= L + R`: at the first look a request may still be under way, at the
    /// second it is not.
    QuietAtSecondLook,
    /// Neither: nothing is known.
    Never,
}

/// What the clocks of some processes show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clocks {
    /// The time, but for what the timing inequality allows.
    Right,
    /// A later time: every lease looks over.
    Ahead,
    /// An earlier time: a lease granted by it is over at once.
    Behind,
}

impl Bounds {
    /// Two workers, two attempts and nothing else but what always may happen: pauses of any length,
    /// jobs lost and doubled, requests and answers lost on their way to and from the provider.
    pub(crate) const PLAIN: Self = Self {
        texts: &[0],
        in_doubt: 0,
        attempts: 2,
        claims: u8::MAX,
        tasks: 2,
        crashes: 0,
        lost_answers: 0,
        late_writes: 0,
        rollbacks: 0,
        moves: 0,
        strangers: false,
        timing: Timing::QuietAtFirstLook,
        clocks: Clocks::Right,
        wide_window: false,
        batches: false,
        users: false,
        erasure: None,
        opt_outs: false,
        rejections: false,
        not_sent: false,
        callbacks: false,
        later_statuses: false,
        list_fails: false,
        expiry: false,
        unreadable: false,
        rewritten: false,
        files: None,
    };

    /// The states in which the run may begin.
    pub(crate) fn beginnings(&self) -> Vec<State> {
        let mut beginnings = vec![State {
            messages: self.texts.iter().copied().map(Message::new).collect(),
            tasks: Vec::new(),
            sids: Vec::new(),
            late_write: None,
            crashes_left: self.crashes,
            lost_answers_left: self.lost_answers,
            late_writes_left: self.late_writes,
            rollbacks_left: self.rollbacks,
            moves_left: self.moves,
            ghosts: 0,
            opted_out: false,
            heard: false,
        }];
        for message in 0..self.in_doubt {
            let all = beginnings.iter();
            beginnings = all
                .flat_map(|state| self.in_doubt(state, message))
                .collect();
        }
        beginnings
    }

    /// How the list may show a text.
    pub(crate) fn shown(&self) -> Vec<Shown> {
        let unreadable = self.unreadable.then_some(Shown::Unreadable);
        let rewritten = self.rewritten.then_some(Shown::Rewritten);
        let otherwise = unreadable.into_iter().chain(rewritten);
        [Shown::AsSent].into_iter().chain(otherwise).collect()
    }

    /// Whether a list can show something that may be a message and is no match.
    pub(crate) fn list_may_be_unclear(&self) -> bool {
        self.unreadable
            || self.erasure == Some(Erasure::Content)
            || self.rewritten
            || self.files == Some(Files::Alone)
            || self.texts.iter().any(|text| *text != self.texts[0])
    }

    /// What a worker that died may have left behind of its attempt to send this message.
    fn in_doubt(&self, state: &State, message: usize) -> Vec<State> {
        let name = number(message);
        let mut never_made = state.clone();
        let row = &mut never_made.messages[message];
        row.status = Status::Sending;
        row.attempts = 1;
        row.lease = Some(Lease {
            token: Some(Token(name)),
            kind: LeaseKind::Claim,
            over: false,
        });
        let mut under_way = never_made.clone();
        under_way.messages[message].in_flight[0] = Requests { timely: 1, late: 0 };
        let mut left = vec![never_made.clone(), under_way];
        for shown in self.shown() {
            for listed in [Listed::Soon, Listed::Now] {
                let mut taken = never_made.clone();
                taken.sids.push(Sid {
                    origin: name,
                    from: Sender::Home,
                    listed,
                    shown,
                    status: Status::Accepted,
                    owner: None,
                });
                left.push(taken);
            }
        }
        left
    }
}
