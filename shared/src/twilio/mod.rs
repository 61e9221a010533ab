//! Twilio as our provider: sending texts, looking for those in doubt, and reading its callbacks.

mod answer;
mod callback;
mod class;
mod client;
mod codes;
mod date;
mod error;
mod gate;
mod listing;
mod look;
mod received;
mod resource;
pub mod signature;
mod verdict;

pub use callback::{InvalidCallback, StatusCallback};
pub use class::{Class, CodeRule};
pub use client::{ClientError, Twilio};
pub use error::{GLOSSARY, explain, rule};
pub use listing::{ListWindow, Listing};
pub use received::{InvalidText, ReceivedText};
pub use resource::Resource;
