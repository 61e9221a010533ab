//! What changes for users, as it happens, for whoever watches.

mod cursor;
pub(crate) mod event;
mod hub;
mod news;
pub(crate) mod source;

pub(crate) use self::cursor::{Cursor, LastEventId};
pub(crate) use self::hub::{Hub, MOST, OVERLAP, Piece, Seat};
pub(crate) use self::news::News;
pub(crate) use self::source::Source;
