//! Lines and turns over any store: what API and workers do with them.

mod desk;
mod forecast;
mod lines;
mod watch;

pub use desk::{Desk, Entrant};
pub use forecast::{Ahead, Expected, Outlook, Queue};
pub use lines::{Held, Lines, Opening, StoreTime};
pub use watch::SenderWatch;
