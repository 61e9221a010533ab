//! The provider: sending texts, looking for those in doubt, and reading its callbacks.

mod answer;
mod callback;
mod class;
mod client;
mod codes;
mod date;
mod error;
mod failure;
mod gate;
mod listing;
mod look;
mod received;
mod remote;
pub mod signature;
mod verdict;

pub use callback::{InvalidCallback, StatusCallback};
pub use class::{Class, CodeRule, Scope};
pub use client::{ClientError, OutgoingSms, Twilio};
pub use error::{OPTED_OUT, explain, rule};
pub use failure::{FetchFailure, ListFailure, ReadFailure};
pub use gate::StartDeadline;
pub use listing::{ListWindow, Listing};
pub use look::{Doubt, Finding, candidates, is_contested, judge};
pub use received::{InvalidText, ReceivedText};
pub use remote::RemoteMessage;
pub use verdict::{NotSentReason, Verdict};
