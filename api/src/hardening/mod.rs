//! What people try who mean no good, against the whole API.

mod inputs;
mod ownership;
mod properties;
