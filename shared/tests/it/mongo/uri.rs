//! Also a part of the tests of other crates, so that no two look elsewhere.

/// The MongoDB of the tests: the one that `MONGO_URI` names, or the one that `make services` starts.
pub(crate) fn mongo_uri() -> String {
    std::env::var("MONGO_URI").unwrap_or_else(|_| "mongodb://127.0.0.1:27117".to_owned())
}
