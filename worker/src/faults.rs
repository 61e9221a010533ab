//! Faults on purpose, for tests: with the feature `faults` a text that asks for it makes the worker
//! that sends it panic. Without it nothing here does anything.

use mysms_core::domain::Body;

#[cfg(all(feature = "faults", not(debug_assertions)))]
compile_error!("the feature `faults` is for tests and must not be in a build that is deployed");

/// When to panic, as the text says it.
pub(crate) const BEFORE_POST: &str = "panic before the post";
pub(crate) const AFTER_POST: &str = "panic after the post";

pub(crate) fn panic_if_asked(body: &Body, moment: &str) {
    let asked = cfg!(feature = "faults") && body.as_str().starts_with(moment);
    assert!(!asked, "a text asked for it: {moment}");
}
