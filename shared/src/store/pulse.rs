//! Whether a store does its work, which nothing tells but some work. Anybody may ask that of a process, so
//! it must not cost the store more the more often it is asked.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::Result;

/// How long an answer holds, so that any number of questions costs one try in this time.
const HOLDS: Duration = Duration::from_secs(1);

/// The latest answer.
#[derive(Default)]
pub(super) struct Pulse(Mutex<Option<Answer>>);

struct Answer {
    at: Instant,
    worked: Result<()>,
}

impl Pulse {
    /// Tries some `work`, unless the latest answer holds. Who asks while another's try is under way waits
    /// for its answer.
    pub(super) async fn feel(&self, work: impl Future<Output = Result<()>>) -> Result<()> {
        let mut last = self.0.lock().await;
        if let Some(answer) = &*last
            && answer.at.elapsed() < HOLDS
        {
            return answer.worked.clone();
        }
        let worked = work.await;
        *last = Some(Answer {
            at: Instant::now(),
            worked: worked.clone(),
        });
        worked
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;
    use crate::store::Upkeep;
    use crate::store::sqlite::Sqlite;

    /// A page in the log, with its header.
    const FRAME: u64 = 4096 + 24;

    #[tokio::test]
    async fn any_number_of_questions_costs_one_write_a_second() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger.db");
        let store = Sqlite::open(&path).await.unwrap();
        let log = || {
            let log = std::fs::metadata(directory.path().join("ledger.db-wal"));
            log.unwrap().len()
        };
        let (before, began) = (log(), Instant::now());
        let answers = join_all((0..1000).map(|_| store.ping())).await;
        assert!(answers.iter().all(Result::is_ok));
        let written = (log() - before) / FRAME;
        assert!(written > 0, "nothing but a write tells");
        let most = began.elapsed().as_secs() + 1;
        assert!(written <= most, "{written} writes");
    }
}
