//! A scriptable stand-in for Twilio's Messages API.
//!
//! It takes, lists and fetches messages as Twilio documents it, moves them through their statuses
//! and reports these by signed callbacks, and nothing ever leaves the machine.
//! It shares no code with its callers, signatures included, so that it can judge them.
//!
//! # Twilio's side
//!
//! Everything lives under `/2010-04-01/Accounts/{AccountSid}`: `POST` and `GET /Messages.json`, and
//! `GET /Messages/{Sid}.json`; and for the files of a message `GET /Messages/{Sid}/Media.json`, and `GET` and
//! `DELETE /Messages/{Sid}/Media/{Sid}`. A text needs a `Body` or a `MediaUrl`, which is noted and not fetched;
//! content templates, schedules, updates and deletes of messages are not simulated, and fields it does not know are ignored, as Twilio does.
//! Twilio's magic numbers work, and the sender must be one of the account's: those of [`Options::senders`],
//! [`Options::messaging_service_sid`], [`Options::terms`], and whatever was added since. What the carriers let each of
//! them do is in its [`Terms`].
//!
//! # The phones' side
//!
//! A text from a handset is a message of the account and is posted, signed, to
//! [`Settings::inbound_url`]. An answer in plain text goes back as a text, as Twilio has it; verbs
//! of `TwiML` are not simulated. STOP, START, HELP and their like do what they do at Twilio: the
//! handset gets a confirmation that the account does not see, and after a STOP texts to it are
//! refused with 21610, be it for one number or for the Messaging Service, for which the first number
//! sends.
//!
//! A file that a handset sends is where Twilio has it: `GET /Messages/{Sid}/Media/{Sid}` wants the account's
//! credentials and leads elsewhere, to the content host, which counts who shows them there too.
//!
//! # Callbacks
//!
//! `StatusCallback` and [`Settings::inbound_url`] may carry Twilio's overrides `#rc=…&rp=…&rt=…&tt=…`; `ct` stays at its default
//! of five seconds. Repetitions follow after 100 ms, doubling. The callbacks of one message are sent
//! one after the other, in the order in which they are due.
//!
//! # Our side
//!
//! | call | does |
//! |---|---|
//! | `GET /healthz` | answers 200 |
//! | `GET /sim` | the page on which the phones are seen and written on, and faults switched |
//! | `POST /sim/faults` | scripts a [`Fault`]; 201 `{"id"}` |
//! | `GET /sim/faults` | the faults that still have something to do |
//! | `DELETE /sim/faults`, `DELETE /sim/faults/{id}` | drops all of them, or one |
//! | `GET`, `PUT /sim/settings` | shows or changes the [`Settings`]; what is left out stays as it is |
//! | `GET /sim/senders` | the senders: a list of [`SenderState`] |
//! | `PUT /sim/senders/{address}` | adds a sender or gives it other [`Terms`]; its [`SenderState`] |
//! | `DELETE /sim/senders/{address}` | removes a sender |
//! | `GET /sim/book?after=` | up to ten thousand [`BookLine`]s behind a place, as lines of JSON |
//! | `GET /content/{Sid}` | the content host |
//! | `POST /sim/inbound` | lets a handset write: `{"from", "to", "body", "media"}`; without `to` to the number that wrote last |
//! | `GET /sim/phones`, `GET /sim/phones/{number}` | the handsets, and what is on one of them |
//! | `POST /sim/messages` | puts a message into the account as if other software had sent it |
//! | `GET /sim/messages?to=` | the ledger: everything ever accepted, oldest first |
//! | `GET /sim/stats` | counts |
//!
//! A fault that has everybody's next two requests refused, and one that cuts the connection after a
//! text to one number was accepted:
//!
//! ```json
//! {"fault": {"kind": "throttle"}, "times": 2}
//! {"fault": {"kind": "reset_after"}, "to": "+14155550100", "times": 1}
//! ```
//!
//! # The ledger
//!
//! With [`Options::ledger`] every accepted message is in a file before its request is answered, and
//! so is every finished callback: a simulator that was killed forgets no message and no opt-out, and
//! pays the callbacks that it owes when it comes back. It also knows which texts wait for their sender, and what each
//! sender's day had; faults, settings and senders that were not in its [`Options`] are forgotten.

mod account;
mod api;
mod auth;
mod callback;
mod clock;
mod control;
mod error;
mod faults;
mod handset;
mod host;
mod keyword;
mod ledger;
mod lock;
mod media;
mod message;
mod options;
mod page;
mod plan;
mod reporting;
mod segments;
mod senders;
mod settings;
mod signature;
mod simulator;
mod state;
mod stats;
mod wire;

pub use account::{ServiceSetup, Setup, Shelf};
pub use faults::{Fault, Kind};
pub use ledger::BookLine;
pub use message::{Direction, Status};
pub use options::Options;
pub use senders::{OverQueue, OverRate, SenderKind, SenderState, Terms};
pub use settings::{Settings, SettingsChange};
pub use signature::sign;
pub use simulator::Simulator;

/// The account of the fixed pair of test credentials.
pub const TEST_ACCOUNT_SID: &str = "AC5104e1a70c0d4a4f9b0e6d3c2b1a0f9e";

/// The auth token of the fixed pair of test credentials. No secret: it opens nothing but simulators.
pub const TEST_AUTH_TOKEN: &str = "5104e1a7000000000000000000000001";

/// The sender that a simulator accepts unless told otherwise: Twilio's own magic number.
pub const TEST_SENDER: &str = "+15005550006";

/// The Messaging Service that a simulator accepts unless told otherwise.
pub const TEST_MESSAGING_SERVICE_SID: &str = "MG5104e1a70c0d4a4f9b0e6d3c2b1a0f9e";
