//! The steps of the model, by name.

use std::fmt;

use mysms_core::domain::Status;

use super::provider::Shown;
use super::senders::Sender;
use super::state::{Phase, Task, Write};

/// One step from a state to the next. Messages and SIDs are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A worker reads a message in order to claim it.
    Read {
        task: Task,
    },
    /// A task's write, and what becomes of it.
    Write {
        task: Task,
        answer: Answer,
    },
    /// Two messages claimed with one statement and one token.
    ClaimTwo {
        messages: [u8; 2],
        answer: Answer,
    },
    /// A worker finds its start window open, some time before it writes.
    Check {
        message: u8,
    },
    /// A worker makes a request.
    Post {
        message: u8,
        end: PostEnd,
    },
    /// A worker stops waiting for the provider's answer.
    AnswerMissed {
        message: u8,
    },
    /// A worker reads the provider's list.
    List {
        message: u8,
        complete: bool,
    },
    /// A worker counts the identical texts in doubt.
    CountTwins {
        message: u8,
    },
    /// A worker reads who owns the SIDs of its list.
    ReadOwners {
        message: u8,
    },
    /// A worker asks the provider for a status, or fails to.
    Poll {
        message: u8,
        answered: bool,
    },

    /// The provider takes a request; its answer reaches the worker if one still waits.
    Take {
        message: u8,
        from: Sender,
        shown: Shown,
    },
    /// What was taken appears in the list.
    Show {
        sid: u8,
    },
    Progress {
        sid: u8,
        status: Status,
    },

    WindowPasses {
        message: u8,
    },
    LeaseEnds {
        message: u8,
    },
    Ages {
        message: u8,
    },
    /// Somebody finds a queued message expired.
    Expire {
        message: u8,
    },

    Callback {
        sid: u8,
        status: Status,
    },
    /// The recipient says that they want no texts, and somebody takes note.
    OptOut,
    /// The workers hear of it.
    HearOfOptOut,
    /// Whoever took note ends what waits to be sent.
    RefuseQueued,
    Cancel {
        message: u8,
    },
    Delete {
        message: u8,
    },
    /// A client repeats its request to send a message that was deleted without a trace.
    Repeat {
        message: u8,
    },
    /// An operator moves a message to another sender.
    Move {
        message: u8,
        to: Sender,
    },
    /// A worker has the provider erase what was deleted.
    Erase {
        sid: u8,
    },
    Crash {
        task: Task,
    },
    /// The database applies a write that its worker has given up on or repeated meanwhile.
    LateWrite {
        task: Task,
    },
}

/// What becomes of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Arrives,
    /// It was applied, but the worker does not know and repeats it.
    Lost,
    /// The worker does not hear of it and repeats it; the first one may be applied at any time.
    Late,
    /// A primary that was cut off applied it, and it was rolled back. The worker repeats it, unless it
    /// believes what no majority knows.
    RolledBack,
}

/// How a request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PostEnd {
    /// It is under way and will be taken.
    UnderWay,
    /// It is lost, and the worker does not know.
    Lost,
    /// The worker knows that nothing was sent.
    NotSent,
    Rejected,
}

impl Step {
    /// Whether the system takes it by itself, sooner or later: no user, no callback, no fault. What
    /// begins with a row that was found due needs the alarm besides.
    pub(crate) fn is_systems_own(self) -> bool {
        match self {
            Self::Write { answer, .. } => answer == Answer::Arrives,
            Self::ClaimTwo { .. }
            | Self::Callback { .. }
            | Self::OptOut
            | Self::HearOfOptOut
            | Self::RefuseQueued
            | Self::Cancel { .. }
            | Self::Delete { .. }
            | Self::Repeat { .. }
            | Self::Move { .. }
            | Self::Crash { .. }
            | Self::LateWrite { .. } => false,
            _ => true,
        }
    }

    /// The message that the step's task takes on, if it takes on one.
    pub(crate) fn takes_on(self) -> Option<usize> {
        match self {
            Self::Write { task, .. } => match task.phase {
                Phase::Writing(Write::Claim(_) | Write::TakeResolve { .. } | Write::TakePoll) => {
                    Some(usize::from(task.message))
                }
                _ => None,
            },
            Self::Read { task } => Some(usize::from(task.message)),
            Self::Expire { message } => Some(usize::from(message)),
            _ => None,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Read { task } => write!(f, "worker: reads {} to {task}", task.message),
            Self::Write { task, answer } => write!(f, "worker: {task}{answer}"),
            Self::ClaimTwo {
                messages: [a, b],
                answer,
            } => write!(f, "worker: claim {a} and {b} with one token{answer}"),
            Self::Post { message, end } => write!(f, "worker: POST {message}: {end:?}"),
            Self::AnswerMissed { message } => {
                write!(f, "worker: stops waiting for the answer about {message}")
            }
            Self::List {
                message,
                complete: true,
            } => write!(f, "worker: reads the list for {message}"),
            Self::List { message, .. } => write!(f, "worker: the list for {message} fails"),
            Self::CountTwins { message } => {
                write!(f, "worker: counts the texts in doubt like {message}")
            }
            Self::ReadOwners { message } => {
                write!(f, "worker: reads the owners in the list for {message}")
            }
            Self::Poll {
                message,
                answered: true,
            } => write!(f, "worker: asks for the status of {message}"),
            Self::Poll { message, .. } => write!(f, "worker: the poll of {message} fails"),
            Self::Take {
                message,
                from,
                shown,
            } => {
                write!(f, "provider: takes a request for {message}")?;
                if from == Sender::Other {
                    f.write_str(" from the other sender")?;
                }
                if shown != Shown::AsSent {
                    write!(f, ", to be listed {shown:?}")?;
                }
                Ok(())
            }
            Self::Show { sid } => write!(f, "provider: lists SID {sid}"),
            Self::Progress { sid, status } => write!(f, "provider: SID {sid} is {status}"),
            Self::Check { message } => {
                write!(f, "the sender of {message} finds its start window open")
            }
            Self::WindowPasses { message } => {
                write!(f, "time: the start window of a claim of {message} passes")
            }
            Self::LeaseEnds { message } => write!(f, "time: the lease of {message} ends"),
            Self::Ages { message } => write!(f, "time: {message} ages"),
            Self::Expire { message } => write!(f, "worker: expire {message}"),
            Self::Callback { sid, status } => {
                write!(f, "provider: callback: SID {sid} is {status}")
            }
            Self::OptOut => f.write_str("recipient: wants no texts any more"),
            Self::HearOfOptOut => f.write_str("workers: hear that the recipient wants none"),
            Self::RefuseQueued => f.write_str("what is queued is refused"),
            Self::Cancel { message } => write!(f, "user: cancels {message}"),
            Self::Delete { message } => write!(f, "user: deletes {message}"),
            Self::Repeat { message } => write!(f, "user: repeats the request to send {message}"),
            Self::Move { message, to } => {
                write!(f, "operator: moves {message} to the sender {to:?}")
            }
            Self::Erase { sid } => write!(f, "worker: has SID {sid} erased"),
            Self::Crash { task } => write!(f, "crash: of the worker with {}", task.message),
            Self::LateWrite { task } => write!(f, "database: applies late: {task}"),
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message;
        let Phase::Writing(write) = self.phase else {
            return write!(f, "{:?} of {message}", self.phase);
        };
        match write {
            Write::Claim(_) if self.from == Sender::Other => {
                write!(f, "claim {message} for the other sender")
            }
            Write::Claim(_) => write!(f, "claim {message}"),
            Write::Accept(sid) => write!(f, "settle {message}: accepted as SID {sid}"),
            Write::Reject => write!(f, "settle {message}: rejected"),
            Write::Refuse => write!(f, "settle {message}: its recipient wants none"),
            Write::Requeue => write!(f, "settle {message}: not sent, queue it again"),
            Write::TakeResolve { .. } => write!(f, "take {message} to look for it"),
            Write::Adopt(sid) => write!(f, "{message} adopts SID {sid}"),
            Write::LookAgain { absent: true } => write!(f, "{message} is absent, look again"),
            Write::LookAgain { absent: false } => {
                write!(f, "the list proves nothing for {message}")
            }
            Write::RequeueAbsent => write!(f, "{message} is absent again, queue it again"),
            Write::GiveUp => write!(f, "give up {message}"),
            Write::TakePoll => write!(f, "take {message} to ask for its status"),
            Write::NextPoll { at: true } => write!(f, "set the next poll of {message}"),
            Write::NextPoll { at: false } => write!(f, "{message} is polled no more"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arrives => Ok(()),
            Self::Lost => f.write_str(" (applied, the answer is lost)"),
            Self::Late => f.write_str(" (not applied yet, the answer is lost)"),
            Self::RolledBack => f.write_str(" (by a primary that is cut off, and rolled back)"),
        }
    }
}
