//! What may happen next, in words.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Look {
    Near,
    Far,
    Again,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Decide(u8),
    Store(u8),
    Tick,
    Read(Look, u8),
    PassOver(Look, u8),
    Tell(u8),
    Refuse(u8),
    Note(u8),
    Move(u8),
    Save,
    Die,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Decide(message) => write!(f, "a change of {message} is decided"),
            Self::Store(message) => write!(f, "the change of {message} is stored"),
            Self::Tick => f.write_str("time goes on"),
            Self::Read(look, message) => write!(f, "{look}: {message} is to be told"),
            Self::PassOver(look, message) => write!(f, "{look}: {message} needs not be told"),
            Self::Tell(message) => write!(f, "the receiver takes {message}"),
            Self::Refuse(message) => write!(f, "the receiver refuses {message}"),
            Self::Note(message) => write!(f, "it is noted that {message} was taken"),
            Self::Move(message) => write!(f, "the worker goes on after {message}"),
            Self::Save => f.write_str("the place is stored"),
            Self::Die => f.write_str("the worker dies, and another takes over"),
        }
    }
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Near => "the look that moves the place",
            Self::Far => "the second look",
            Self::Again => "what was refused",
        })
    }
}
