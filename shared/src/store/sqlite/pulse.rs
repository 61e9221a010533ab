//! Whether the file can be written, which nothing tells but a write.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::schema;
use super::writer::Writer;
use crate::store::Result;

/// How long an answer holds, so that any number of questions costs one write in this time.
const HOLDS: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Pulse(Mutex<Option<Answer>>);

struct Answer {
    at: Instant,
    written: Result<()>,
}

impl Pulse {
    /// Who asks while another's write is under way waits for its answer.
    pub(super) async fn feel(&self, writer: &Writer) -> Result<()> {
        let mut last = self.0.lock().await;
        if let Some(answer) = &*last
            && answer.at.elapsed() < HOLDS
        {
            return answer.written.clone();
        }
        let written = write(writer).await;
        *last = Some(Answer {
            at: Instant::now(),
            written: written.clone(),
        });
        written
    }
}

/// Goes all the way of every change: a page is written to the log, and waits for the disk.
async fn write(writer: &Writer) -> Result<()> {
    let mut transaction = writer.begin().await?;
    schema::write_version_again(&mut transaction).await?;
    transaction.commit().await
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
