//! The one connection that writes.
//!
//! When the disk fails it, SQLite ends a transaction by itself, and what is left of the connection is
//! in doubt: the driver goes on counting that transaction as open, and a connection that was opened
//! while the file could only be read never writes. So a connection is kept only after a transaction
//! in which nothing failed, and the next writer gets a fresh one in the place of any other.

use std::ops::{Deref, DerefMut};

use mysms_core::store::Result;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{Sqlite as Driver, SqliteConnection};

use super::{pool, unavailable};

/// Hands the connection to one writer at a time.
#[derive(Clone)]
pub(super) struct Writer(SqlitePool);

impl Writer {
    pub(super) async fn open(options: SqliteConnectOptions) -> Result<Self> {
        let pool = pool(1).connect_with(options).await;
        Ok(Self(pool.map_err(unavailable)?))
    }

    /// Waits until it is this writer's turn.
    pub(super) async fn begin(&self) -> Result<Transaction> {
        let connection = self.0.acquire().await.map_err(unavailable)?;
        let mut transaction = Transaction {
            connection,
            failed: false,
            committed: false,
        };
        sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut *transaction)
            .await
            .map_err(unavailable)?;
        Ok(transaction)
    }

    /// Empties the log, which until then has pages as they were before something was erased. False if
    /// somebody was reading them.
    pub(super) async fn empty_log(&self) -> Result<bool> {
        let mut connection = self.0.acquire().await.map_err(unavailable)?;
        let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut *connection)
            .await
            .map_err(unavailable)?;
        Ok(busy == 0)
    }

    pub(super) async fn close(&self) {
        self.0.close().await;
    }
}

/// A transaction of the one writer. Dropped before it is committed, it is rolled back by closing its
/// connection; one that wrote nothing is committed too, which spares the next writer a new one.
pub(super) struct Transaction {
    connection: PoolConnection<Driver>,
    failed: bool,
    committed: bool,
}

impl Transaction {
    pub(super) async fn commit(mut self) -> Result<()> {
        sqlx::query("COMMIT")
            .execute(&mut *self.connection)
            .await
            .map_err(unavailable)?;
        self.committed = true;
        Ok(())
    }

    /// Something failed, though what else was done is to be committed.
    pub(super) fn note_failure(&mut self) {
        self.failed = true;
    }

    /// Whether SQLite has ended the transaction by itself.
    pub(super) async fn is_over(&mut self) -> bool {
        // None can begin within another, and a deferred one does nothing to the file.
        let another = sqlx::query("BEGIN").execute(&mut *self.connection).await;
        another.is_ok()
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.failed || !self.committed {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for Transaction {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::BoxFuture;
    use tempfile::TempDir;

    use super::*;
    use crate::Sqlite;
    use mysms_core::domain::Timestamp;
    use mysms_core::store::{Pause, Pauses, SenderKey};

    async fn store() -> (Sqlite, TempDir) {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&directory.path().join("ledger.db")).await;
        (store.unwrap(), directory)
    }

    fn sender(name: &str) -> SenderKey {
        SenderKey::new(name, "+15005550006", "fingerprint")
    }

    fn pause(name: &str, reason: String) -> Pause {
        Pause {
            sender: sender(name),
            code: "20003".to_owned(),
            reason,
            since: Timestamp::EPOCH,
            probe_at: Timestamp::EPOCH,
            failures: 0,
            probing_until: None,
        }
    }

    /// More than fits into the pages that the file has.
    fn large() -> String {
        "x".repeat(1_000_000)
    }

    /// Lets the file grow no more, as a full disk does, for as long as this connection lasts.
    async fn fill(connection: &mut SqliteConnection) {
        let limited = sqlx::query("PRAGMA max_page_count = 1").execute(connection);
        limited.await.unwrap();
    }

    async fn full() -> (Sqlite, TempDir) {
        let (store, directory) = store().await;
        let mut transaction = store.begin().await.unwrap();
        fill(&mut transaction).await;
        transaction.commit().await.unwrap();
        (store, directory)
    }

    async fn stored(store: &Sqlite) -> Vec<SenderKey> {
        let paused = store.paused().await.unwrap();
        paused.into_iter().map(|pause| pause.sender).collect()
    }

    async fn revocations(store: &Sqlite) -> i64 {
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM revocations");
        count.fetch_one(&store.readers).await.unwrap()
    }

    #[tokio::test]
    async fn a_connection_on_which_all_went_well_is_kept() {
        let (store, _directory) = full().await;
        let refused = store.pause(pause("a", large())).await;
        assert!(refused.is_err(), "its limit holds for the next writer");
    }

    #[tokio::test]
    async fn after_a_write_that_failed_the_next_one_has_a_fresh_connection() {
        let (store, _directory) = full().await;
        store.pause(pause("a", large())).await.unwrap_err();
        store.pause(pause("b", large())).await.unwrap();
        assert_eq!(stored(&store).await, [sender("b")]);
    }

    #[tokio::test]
    async fn what_is_dropped_in_the_middle_is_undone_and_in_nobodys_way() {
        let (store, _directory) = store().await;
        let mut transaction = store.begin().await.unwrap();
        note(&mut transaction, vec![1]).await.unwrap();
        drop(transaction);
        store.pause(pause("a", large())).await.unwrap();
        assert_eq!(revocations(&store).await, 0);
    }

    fn note(connection: &mut SqliteConnection, token: Vec<u8>) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            sqlx::query("INSERT INTO revocations (token, until, revoked_at) VALUES (?, 0, 0)")
                .bind(token)
                .execute(connection)
                .await
                .map_err(unavailable)?;
            Ok(())
        })
    }

    fn fail(connection: &mut SqliteConnection) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            fill(connection).await;
            note(connection, large().into_bytes()).await
        })
    }

    #[tokio::test]
    async fn after_a_change_that_failed_the_next_one_has_a_fresh_connection() {
        let (store, _directory) = full().await;
        let twice = store.group.change(|connection| {
            Box::pin(async move {
                note(connection, vec![1]).await?;
                note(connection, vec![1]).await
            })
        });
        twice.await.unwrap_err();
        assert_eq!(revocations(&store).await, 1, "SQLite went on");
        store.pause(pause("a", large())).await.unwrap();
    }

    #[tokio::test]
    async fn changes_that_share_a_transaction_end_with_it() {
        let (store, _directory) = store().await;
        // Whatever comes before it is their turn is one batch.
        let turn = store.begin().await.unwrap();
        let (before, failing, after, ()) = tokio::join!(
            store.group.change(|connection| note(connection, vec![1])),
            store.group.change(fail),
            store.group.change(|connection| note(connection, vec![2])),
            async {
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
                turn.commit().await.unwrap();
            }
        );
        for refused in [before, failing, after] {
            let chain = format!("{:?}", refused.unwrap_err());
            assert!(chain.contains("full"), "each is told the reason: {chain}");
        }
        assert_eq!(revocations(&store).await, 0);
    }
}
