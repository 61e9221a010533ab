//! The MongoDB adapter where it differs from the others: documents, indexes, and servers that come
//! and go.

mod clock;
mod documents;
mod indexes;
mod labels;
mod lines;
mod outages;
mod profiler;
mod round_trips;
mod scratch;

use std::sync::Arc;

use mongo::Mongo;
use mysms_core::ledger::Ledger;

pub(crate) use scratch::Scratch;

/// What is done with the messages of an adapter.
fn ledger(mongo: &Mongo) -> Ledger {
    let mongo = Arc::new(mongo.clone());
    Ledger::new(mongo.clone(), mongo.clone(), mongo)
}
