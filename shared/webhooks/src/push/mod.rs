//! Web Push: browsers are told of what came in although none of our pages is open there.
//!
//! What is told goes through the push service of the browser's maker, which only sees to whom it goes: it is
//! sealed for the browser (RFC 8291), and signed with the key of this installation (RFC 8292).

mod audience;
mod doorbell;
mod key;
mod notice;
mod sealing;
mod telling;

pub use doorbell::Doorbell;
