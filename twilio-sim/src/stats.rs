use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::Serialize;

/// Running totals since the start of this process.
#[derive(Default)]
pub(crate) struct Stats {
    pub(crate) requests: AtomicU64,
    pub(crate) creates: AtomicU64,
    pub(crate) lists: AtomicU64,
    pub(crate) fetches: AtomicU64,
    pub(crate) accepted: AtomicU64,
    pub(crate) media_lists: AtomicU64,
    pub(crate) media_fetches: AtomicU64,
    pub(crate) contents: AtomicU64,
    /// How often whoever asked for a content showed credentials, which are for the API alone.
    pub(crate) leaked_credentials: AtomicU64,
    pub(crate) callbacks_delivered: AtomicU64,
    pub(crate) callbacks_failed: AtomicU64,
    concurrent_creates: AtomicU64,
    peak_concurrent_creates: AtomicU64,
}

/// The totals at one moment, and how many callbacks are still owed.
#[derive(Serialize)]
pub(crate) struct Totals {
    requests: u64,
    creates: u64,
    lists: u64,
    fetches: u64,
    accepted: u64,
    media_lists: u64,
    media_fetches: u64,
    contents: u64,
    leaked_credentials: u64,
    messages: usize,
    callbacks_delivered: u64,
    callbacks_failed: u64,
    callbacks_pending: usize,
    concurrent_creates: u64,
    peak_concurrent_creates: u64,
}

/// One create request under way, until it is dropped.
pub(crate) struct UnderWay<'a> {
    stats: &'a Stats,
    /// How many there are, this one included.
    pub(crate) concurrent: u64,
}

impl Stats {
    pub(crate) fn begin_create(&self) -> UnderWay<'_> {
        self.creates.fetch_add(1, Relaxed);
        let concurrent = self.concurrent_creates.fetch_add(1, Relaxed) + 1;
        self.peak_concurrent_creates.fetch_max(concurrent, Relaxed);
        UnderWay {
            stats: self,
            concurrent,
        }
    }

    pub(crate) fn totals(&self, messages: usize, callbacks_pending: usize) -> Totals {
        Totals {
            requests: self.requests.load(Relaxed),
            creates: self.creates.load(Relaxed),
            lists: self.lists.load(Relaxed),
            fetches: self.fetches.load(Relaxed),
            accepted: self.accepted.load(Relaxed),
            media_lists: self.media_lists.load(Relaxed),
            media_fetches: self.media_fetches.load(Relaxed),
            contents: self.contents.load(Relaxed),
            leaked_credentials: self.leaked_credentials.load(Relaxed),
            messages,
            callbacks_delivered: self.callbacks_delivered.load(Relaxed),
            callbacks_failed: self.callbacks_failed.load(Relaxed),
            callbacks_pending,
            concurrent_creates: self.concurrent_creates.load(Relaxed),
            peak_concurrent_creates: self.peak_concurrent_creates.load(Relaxed),
        }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.stats.concurrent_creates.fetch_sub(1, Relaxed);
    }
}

/// Counts one more.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}
