//! What the messenger is tried with as a whole: real servers, real processes, real HTTP.
//!
//! [`messenger`] starts the programs on servers of the [`lab`]; [`torture`] tries whether a text is
//! ever lost, sent twice or shown with a wrong status while everything is being killed; [`backlog`]
//! shows what waiting messages cost, [`speed`] how fast it all is, and [`pace`] whether senders keep
//! their rates and users their turns.

pub mod backlog;
pub mod messenger;
pub mod pace;
mod server;
pub mod speed;
pub mod torture;
