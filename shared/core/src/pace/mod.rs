//! Lines and turns over any store: what API and workers do with them.

mod desk;
mod feedback;
mod forecast;
mod lines;
mod settings;
mod watch;

pub use desk::{Desk, Entrant};
pub use feedback::{Feedback, Heeded, until_midnight};
pub use forecast::{Ahead, Expected, Outlook, Queue};
pub use lines::{Held, Lines, Opening, StoreTime};
pub use settings::{Settings, SettingsWatch};
pub use watch::SenderWatch;
