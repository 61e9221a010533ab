//! The MongoDB adapter where it differs from the others: documents, indexes, and servers that come
//! and go.

mod scratch;

pub(crate) use scratch::Scratch;
