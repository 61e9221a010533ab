//! The ledger in a SQLite file, for a messenger that runs as one process.
//!
//! SQLite has one writer at a time. Changes of messages that come at the same time share a transaction.

mod accounts;
mod acts;
mod changes;
mod consents;
mod conversations;
mod erasing;
mod group;
mod history;
mod invites;
mod keys;
mod messages;
mod operations;
mod opt_outs;
mod pauses;
mod quotas;
mod records;
mod revocations;
mod row;
mod schema;
mod sessions;
#[cfg(test)]
mod tests;
mod told;
mod turns;
mod upkeep;
mod uploads;
mod waiting;
mod writer;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mysms_core::chain::Chain;
use mysms_core::store::{Pulse, Result, StoreError};
use sqlx::Sqlite as Driver;
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};

use self::group::GroupCommit;
use self::writer::{Transaction, Writer};

const STORE: &str = "SQLite";

/// Connections that read beside the one that writes.
const READERS: u32 = 4;

/// Those for what changes are decided on, so that no reader of long lists keeps a change waiting.
const DECIDERS: u32 = 2;

/// A ledger in a file. What it has answered survives the end of the process and of the machine.
pub struct Sqlite {
    writer: Writer,
    group: GroupCommit,
    pulse: Pulse,
    readers: SqlitePool,
    deciders: SqlitePool,
    /// Something was erased that the log still has.
    erased: AtomicBool,
}

impl Sqlite {
    /// Opens the file, making it and its tables if need be. Fails on a file of a later version.
    pub async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // What was erased is overwritten, so that it is not found in what is free of the file.
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(5));
        let writer = Writer::open(options.clone()).await?;
        schema::bring_up_to_date(&writer).await?;
        let options = options.read_only(true);
        let readers = pool(READERS).connect_with(options.clone()).await;
        let deciders = pool(DECIDERS).connect_with(options).await;
        Ok(Self {
            group: GroupCommit::new(writer.clone()),
            writer,
            pulse: Pulse::default(),
            readers: readers.map_err(unavailable)?,
            deciders: deciders.map_err(unavailable)?,
            erased: AtomicBool::new(false),
        })
    }

    /// Closes the file; what is under way is finished first.
    pub async fn close(&self) {
        self.readers.close().await;
        self.deciders.close().await;
        self.writer.close().await;
    }

    /// What was erased is in the file no more, but in its log until [`Sqlite::empty_log_if_erased`].
    fn note_erasure(&self) {
        self.erased.store(true, Ordering::Relaxed);
    }

    /// What does not succeed now is tried again with the next erasure, and every minute.
    async fn empty_log_if_erased(&self) {
        if !self.erased.swap(false, Ordering::Relaxed) {
            return;
        }
        match self.writer.empty_log().await {
            Ok(true) => {}
            Ok(false) => self.note_erasure(),
            Err(error) => {
                self.note_erasure();
                tracing::warn!(error = %Chain(&error), "what was erased is still in the log");
            }
        }
    }

    async fn begin(&self) -> Result<Transaction> {
        self.writer.begin().await
    }

    /// One statement in a transaction of its own; tells how many rows it changed.
    async fn write(&self, statement: Query<'_, Driver, SqliteArguments>) -> Result<u64> {
        let mut transaction = self.begin().await?;
        let done = statement.execute(&mut *transaction).await;
        let done = done.map_err(unavailable)?;
        transaction.commit().await?;
        Ok(done.rows_affected())
    }
}

/// Connections that stay open: while one does, no other is the first to open what all of them share
/// of the file, perhaps in a moment in which it can only be read.
fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(10))
        .idle_timeout(None)
        .max_lifetime(None)
}

fn unavailable(source: sqlx::Error) -> StoreError {
    StoreError::unavailable(STORE, source)
}
