//! What the messenger is tried with as a whole: real servers, real processes, real HTTP.
//!
//! [`messenger`] starts the programs on servers of the [`lab`]; [`torture`] tries whether a text is
//! ever lost, sent twice or shown with a wrong status while everything is being killed; [`backlog`]
//! shows what waiting messages cost, and [`speed`] how fast it all is.

pub mod backlog;
pub mod messenger;
pub mod speed;
pub mod torture;
