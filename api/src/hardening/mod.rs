//! What people try who mean no good, against the whole API.

mod inputs;
mod properties;
mod strangers;
