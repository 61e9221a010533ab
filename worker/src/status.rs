//! What a worker says about itself, for `/readyz` and operators.

use std::sync::{Arc, Mutex, PoisonError};

/// A line for each thing that keeps a worker from doing all its work.
#[derive(Debug, Clone, Default)]
pub struct WorkerStatus(Arc<Mutex<Lines>>);

#[derive(Debug, Default)]
struct Lines {
    paused: Option<String>,
    senders: Vec<String>,
    throttled: Option<String>,
    list_refused: Option<String>,
    account: Vec<String>,
    unlisted: Option<String>,
    foreign_accounts: usize,
}

impl WorkerStatus {
    /// Everything that is wrong, in plain sentences; empty when all is well.
    pub fn troubles(&self) -> Vec<String> {
        let lines = self.lines();
        let foreign = (lines.foreign_accounts > 0).then(|| {
            format!(
                "messages of {} other provider account(s) wait for a worker with those accounts",
                lines.foreign_accounts
            )
        });
        let known = [
            &lines.paused,
            &lines.throttled,
            &lines.list_refused,
            &lines.unlisted,
            &foreign,
        ];
        let known = known.into_iter().flatten();
        let all = known.chain(&lines.senders).chain(&lines.account);
        all.cloned().collect()
    }

    pub(crate) fn set_paused(&self, reason: Option<String>) {
        self.lines().paused = reason;
    }

    /// What keeps single senders from sending all they are given.
    pub(crate) fn set_senders(&self, troubles: Vec<String>) {
        self.lines().senders = troubles;
    }

    pub(crate) fn set_throttled(&self, reason: Option<String>) {
        self.lines().throttled = reason;
    }

    pub(crate) fn set_list_refused(&self, reason: Option<String>) {
        self.lines().list_refused = reason;
    }

    /// What is wrong with how the account is set up at the provider; returns whether that changed.
    pub(crate) fn set_account(&self, troubles: Vec<String>) -> bool {
        let mut lines = self.lines();
        let changed = lines.account != troubles;
        lines.account = troubles;
        changed
    }

    /// Why it is not known what was received while nobody was there.
    pub(crate) fn set_unlisted(&self, reason: Option<String>) {
        self.lines().unlisted = reason;
    }

    /// Returns whether the number changed.
    pub(crate) fn set_foreign_accounts(&self, count: usize) -> bool {
        let mut lines = self.lines();
        let changed = lines.foreign_accounts != count;
        lines.foreign_accounts = count;
        changed
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
