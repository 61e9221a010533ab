//! Twilio as our provider: sending texts, looking for those in doubt, and reading its callbacks.

mod answer;
mod callback;
mod checkup;
mod class;
mod client;
mod codes;
mod consent;
mod date;
mod erasing;
mod error;
mod form;
mod gate;
mod inbox;
mod listing;
mod look;
mod media;
#[cfg(test)]
mod properties;
mod received;
mod resource;
mod sandbox;
mod sender;
pub mod sid;
pub mod signature;
mod status;
mod verdict;
mod webhooks;
mod wiring;

pub use class::{Class, CodeRule};
pub use client::{ClientError, Twilio};
pub use error::{GLOSSARY, explain, rule};
pub use listing::{ListWindow, Listing};
pub use resource::Resource;
pub use webhooks::{TwilioWebhooks, inbound_url};
pub use wiring::{callbacks, checkup, media, provider, sandbox};
