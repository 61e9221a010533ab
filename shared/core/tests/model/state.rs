//! What a state of the model is: the ledger's rows, what the workers are at, what the provider knows.

use mysms_core::domain::Status;

use super::claiming::Claiming;
use super::provider::Sid;
use super::senders::Sender;

/// Everything there is at one moment.
#[derive(Debug, Clone, Hash)]
pub(crate) struct State {
    pub(crate) messages: Vec<Message>,
    /// What the workers are busy with. A process that works on three messages is three tasks.
    pub(crate) tasks: Vec<Task>,
    /// In the order in which the provider made them.
    pub(crate) sids: Vec<Sid>,
    /// A write that the database may still apply, although its worker has stopped waiting for it.
    pub(crate) late_write: Option<Task>,
    /// How many tasks may still die.
    pub(crate) crashes_left: u8,
    /// How many answers of the database may still be lost.
    pub(crate) lost_answers_left: u8,
    /// How many writes may still be applied late.
    pub(crate) late_writes_left: u8,
    /// How many writes may still be rolled back.
    pub(crate) rollbacks_left: u8,
    /// How often an operator may still move a message to the other sender.
    pub(crate) moves_left: u8,
    /// The SIDs that got an owner by a write that is rolled back, a set of bits. Who reads what no
    /// majority has sees them owned, which only a broken protocol does.
    pub(crate) ghosts: u8,
    /// The recipient of all messages wants none any more, and that is stored.
    pub(crate) opted_out: bool,
    /// The workers have heard of it, which only a broken protocol asks.
    pub(crate) heard: bool,
}

/// A row of the ledger, and the requests made for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Message {
    /// Messages with the same text are twins; text 1 ends with text 0. All go to one number.
    pub(crate) text: u8,
    pub(crate) status: Status,
    pub(crate) presence: Presence,
    /// From where it is to leave; once it was claimed, from where the latest attempt was made.
    pub(crate) sender: Sender,
    /// `wake_at` is set. When it rings is left open.
    pub(crate) alarm: bool,
    pub(crate) lease: Option<Lease>,
    pub(crate) attempts: u8,
    /// A look since the last claim was fruitless (at least one; more make no difference).
    pub(crate) unseen: bool,
    /// How many SIDs were older than the first attempt: they are outside its list window.
    pub(crate) window: u8,
    /// How many SIDs there were when the lease of the last claim ended, if it has.
    pub(crate) horizon: Option<u8>,
    pub(crate) sid: Option<OwnSid>,
    pub(crate) age: Age,
    /// Why we ended it ourselves, where that matters.
    pub(crate) ended: Option<Ended>,
    /// Requests that the provider is going to take, by the sender that they name.
    pub(crate) in_flight: [Requests; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Lease {
    /// `None` between two looks.
    pub(crate) token: Option<Token>,
    pub(crate) kind: LeaseKind,
    pub(crate) over: bool,
}

/// What a lease began with, which is what its end says about the requests of its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum LeaseKind {
    Claim,
    /// A look, or the pause after one. The lease of the claim had ended before.
    Look,
    /// Its end says nothing, which only a broken protocol grants: it began although the lease of the
    /// claim had not ended, or by a clock that was wrong. The worker may be at its request.
    Stray,
}

/// Tokens are only ever compared, so that a number nobody has is as good as a fresh one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Token(pub(crate) u8);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OwnSid {
    pub(crate) number: u8,
    /// It came from a list.
    pub(crate) adopted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Ended {
    /// As `outcome_unknown`.
    GivenUp,
    /// As `recipient_opted_out`.
    Refused,
}

/// What a delete leaves of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Presence {
    Visible,
    /// Deleted, but its SID stays taken.
    Tombstone,
    /// As if it had never been, which only a broken protocol does.
    Gone,
}

/// How far `expires_at` lies back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Age {
    Valid,
    Expired,
    /// So long that a doubt is given up.
    Hopeless,
}

/// Requests under way, by when they were begun.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Requests {
    /// Begun within the start window, so that the timing inequality speaks of them.
    pub(crate) timely: u8,
    /// Begun after it, which only a broken protocol does.
    pub(crate) late: u8,
}

/// One thing that a worker does with one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Task {
    pub(crate) message: u8,
    pub(crate) phase: Phase,
    pub(crate) token: Option<Token>,
    /// Of one that sends: from where. Those that only look or poll are at home.
    pub(crate) from: Sender,
}

/// How far a task is. Between any two phases a worker may pause for as long as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Phase {
    /// Has the claim, is about to check the start window and to send.
    Claimed(Window),
    /// Waits for the provider's answer.
    Posting { late: bool },
    /// Has the resolution lease, is about to ask for the list.
    Resolving,
    /// Has a list with these SIDs that had no owner when it was asked for (a set of bits), is about
    /// to count the identical texts in doubt.
    Listed(u8),
    /// Is about to read whose the SIDs are by now.
    Counted { sids: u8, twins: u8 },
    /// Is about to ask the provider for the status.
    Polling,
    /// Its write has not been answered.
    Writing(Write),
}

/// The start window of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Window {
    Open,
    /// It was open when the worker checked it, which does so again at the write unless the protocol
    /// is broken.
    Checked,
    Passed,
    /// It passed, but a repeated claim counted it anew, which only a broken protocol does.
    Reopened,
}

/// An operation of the ledger on one message, with the task's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Write {
    Claim(Claiming),
    /// The provider's yes.
    Accept(u8),
    Reject,
    /// The recipient wants no texts.
    Refuse,
    /// Nothing was sent: not written, throttled, or too late to begin.
    Requeue,
    /// Outdated once a lease was granted after the moment that it judges by.
    TakeResolve {
        outdated: bool,
    },
    Adopt(u8),
    LookAgain {
        absent: bool,
    },
    RequeueAbsent,
    GiveUp,
    TakePoll,
    NextPoll {
        at: bool,
    },
}

impl State {
    /// The smallest token that nobody has.
    pub(crate) fn fresh_token(&self) -> Token {
        let mut token = Token(0);
        while self.is_known(token) {
            token.0 += 1;
        }
        token
    }

    fn is_known(&self, token: Token) -> bool {
        let known = Some(token);
        self.messages.iter().any(|row| row.token() == known)
            || self.tasks.iter().any(|task| task.token == known)
            || self.late_write.is_some_and(|task| task.token == known)
    }

    /// The message that has this SID now.
    pub(crate) fn owner_of(&self, sid: u8) -> Option<usize> {
        self.messages.iter().position(|row| row.has_sid(sid))
    }

    /// A lease was granted: it runs longer than every moment by which a pending write judges.
    pub(crate) fn outdate_takes(&mut self, message: usize) {
        for task in self.tasks.iter_mut().chain(&mut self.late_write) {
            if let Phase::Writing(Write::TakeResolve { outdated }) = &mut task.phase {
                *outdated |= usize::from(task.message) == message;
            }
        }
    }

    pub(crate) fn text_of(&self, sid: Sid) -> u8 {
        self.messages[usize::from(sid.origin)].text
    }
}

impl Message {
    pub(crate) const fn new(text: u8) -> Self {
        Self {
            text,
            status: Status::Queued,
            presence: Presence::Visible,
            sender: Sender::Home,
            alarm: true,
            lease: None,
            attempts: 0,
            unseen: false,
            window: 0,
            horizon: None,
            sid: None,
            age: Age::Valid,
            ended: None,
            in_flight: [Requests { timely: 0, late: 0 }; 2],
        }
    }

    /// A client repeats its request, and nothing tells any more that it is the same one.
    pub(crate) fn store_again(&mut self) {
        let in_flight = self.in_flight;
        *self = Self {
            in_flight,
            ..Self::new(self.text)
        };
    }

    pub(crate) fn token(&self) -> Option<Token> {
        self.lease.and_then(|lease| lease.token)
    }

    pub(crate) fn has_sid(&self, sid: u8) -> bool {
        self.sid.is_some_and(|own| own.number == sid)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.is_visible() && matches!(self.status, Status::Accepted | Status::Sent)
    }

    pub(crate) fn is_visible(&self) -> bool {
        self.presence == Presence::Visible
    }
}
