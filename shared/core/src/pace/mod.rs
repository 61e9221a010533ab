//! Lines and turns over any store: what API and workers do with them.

mod desk;
mod lines;
mod watch;

pub use desk::{Desk, Entrant};
pub use lines::{Held, Lines, Opening, StoreTime};
pub use watch::SenderWatch;
