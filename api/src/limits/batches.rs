//! How many batches this process accepts at a time.

use std::sync::Arc;

use mysms_core::domain::UserId;

use crate::tally::Tally;

/// The largest body of a batch, in bytes.
pub(crate) const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Batches that are accepted at the same time, and those of one user among them, so that nobody can
/// keep all others out.
const PLACES: usize = 4;
const PLACES_OF_USER: usize = 2;

/// A place is held while the texts are stored, and the memory of the body as long as it is there.
#[derive(Clone)]
pub(crate) struct Batches {
    pub(crate) places: Arc<Tally<UserId>>,
    /// In bytes.
    pub(crate) bodies: Arc<Tally<UserId>>,
}

impl Default for Batches {
    fn default() -> Self {
        Self {
            places: Tally::new(PLACES_OF_USER, PLACES),
            // One of the largest, so that it takes many users to fill up all of it.
            bodies: Tally::new(BODY_LIMIT, 2 * PLACES * BODY_LIMIT),
        }
    }
}
