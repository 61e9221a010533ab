//! What the messenger is tried with as a whole: real servers, real processes, real HTTP.
//!
//! [`lab`] starts, harms and ends the processes; [`torture`] tries whether a text is ever lost, sent
//! twice or shown with a wrong status while everything is being killed.

pub mod lab;
pub mod torture;
