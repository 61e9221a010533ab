//! The MongoDB adapter where it differs from the others: documents, indexes, and servers that come
//! and go.

mod clock;
mod documents;
mod indexes;
mod outages;
mod profiler;
mod round_trips;
mod scratch;

pub(crate) use scratch::Scratch;
