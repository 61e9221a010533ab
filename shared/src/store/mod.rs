//! The ports to the ledger: what can be done with messages, users and senders, whatever stores them.
//!
//! Every method is one atomic business operation. Time, ids and lease tokens are arguments, so any
//! operation may be repeated with the same arguments after an unclear answer. A filter that does not
//! match is not an error: nothing happened, and the answer says so.

mod accounts;
mod acts;
mod batch;
mod changes;
mod conversations;
mod error;
mod filter;
mod history;
mod invites;
mod ledger;
#[cfg(feature = "mongodb")]
pub mod mongo;
mod operations;
mod opt_outs;
mod pulse;
mod quotas;
mod revocations;
mod senders;
mod sessions;
pub mod sqlite;
mod unwilling;
mod upkeep;

pub use accounts::{Accounts, PasswordChange, SignUp};
pub use acts::Acts;
pub use changes::{Changes, Place};
pub use conversations::{Conversation, Conversations, Received};
pub use error::{Result, StoreError};
pub use filter::{Filter, Needle};
pub use history::{Cancel, History, Order, Page, Part, SEARCHED};
pub use invites::{Invites, LISTED_INVITES};
pub use ledger::{Adoption, FactOutcome, Inserted, Ledger, NotSent, Settlement, SidOwner};
pub use operations::{Failure, Failures, LaneStanding, Operations, Standing};
pub use opt_outs::OptOuts;
pub use quotas::{
    Charge, Counter, NumberDigest, Quotas, REMEMBERED_RESERVATIONS, Reservation, Reserved,
};
pub use revocations::Revocations;
pub use senders::{Pause, SenderKey, Senders};
pub use sessions::{Renewed, Sessions};
pub use unwilling::Unwilling;
pub use upkeep::{Erased, Old, Overdue, Upkeep};
