//! The ports to the stores: what can be done with messages, users and senders, whatever stores them.
//!
//! Every method is atomic. Time, ids and tokens are arguments, so any operation may be repeated with
//! the same arguments after an unclear answer. A condition that does not hold is not an error: nothing
//! happened, and the answer says so. What is done with messages is not here but in [`crate::ledger`]:
//! a store only finds and swaps them.

mod accounts;
mod acts;
mod batch;
mod changes;
mod consents;
mod conversations;
pub mod editing;
mod error;
mod filter;
mod history;
mod invites;
mod keys;
mod messages;
mod operations;
mod opt_outs;
mod pauses;
mod pulse;
mod quotas;
mod records;
#[cfg(any(test, feature = "testing"))]
pub mod relay;
mod revocations;
mod sessions;
mod told;
mod turns;
mod unwilling;
mod upkeep;
mod uploads;

pub use crate::domain::Place;
pub use accounts::{Accounts, PasswordChange, SignUp};
pub use acts::Acts;
pub use batch::Batches;
pub use changes::Changes;
pub use consents::Consents;
pub use conversations::{Among, Conversation, Conversations, Excerpt, Overview, Received, With};
pub use error::{Result, StoreError};
pub use filter::{Filter, Lead, Needle, Ways};
pub use history::{History, Order, Page, Part, SEARCHED};
pub use invites::{Invites, LISTED_INVITES};
pub use keys::{Created, KEY_KEPT, Keys};
pub use messages::{Inserted, MessageStore, SidOwner, Swap, Swapped};
pub use operations::{Failure, Failures, LaneStanding, Operations, Standing};
pub use opt_outs::OptOuts;
pub use pauses::{Pause, Pauses, SenderKey};
pub use pulse::Pulse;
pub use quotas::{
    Charge, Counter, NumberDigest, Quotas, REMEMBERED_RESERVATIONS, Reservation, Reserved,
};
pub use records::{Kind, Reading, Records, Stored, first_version, written};
pub use revocations::Revocations;
pub use sessions::{Renewed, Sessions};
pub use told::Told;
pub use turns::{ENDS_KEPT, LISTED_USERS, Mover, QueueId, QueueStanding, Reach, Turns};
pub use unwilling::Unwilling;
pub use upkeep::{Ends, Overdue, Upkeep};
pub use uploads::{Hold, Uploads};
