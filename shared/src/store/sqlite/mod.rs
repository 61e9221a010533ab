//! The ledger in a SQLite file, for a messenger that runs as one process.
//!
//! SQLite has one writer at a time, so an operation reads the row, lets the domain change the
//! message, and writes it back within one `BEGIN IMMEDIATE` transaction: the rules stand in the
//! domain alone. Changes of messages that come at the same time share a transaction.

mod accounts;
mod fact;
mod group;
mod history;
mod ledger;
mod operations;
mod row;
mod senders;
mod upkeep;

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite as Driver, Transaction};

use self::group::GroupCommit;
use super::{Result, StoreError};

const STORE: &str = "SQLite";

/// The version of `schema.sql`, kept in the file's `user_version`.
const SCHEMA_VERSION: i64 = 1;

/// Connections that read beside the one that writes.
const READERS: u32 = 4;

/// A ledger in a file. What it has answered survives the end of the process and of the machine.
pub struct Sqlite {
    writer: SqlitePool,
    group: GroupCommit,
    readers: SqlitePool,
}

impl Sqlite {
    /// Opens the file, making it and its tables if need be. Fails on a file of a later version.
    pub async fn open(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5));
        let pool = |size| {
            SqlitePoolOptions::new()
                .max_connections(size)
                .acquire_timeout(Duration::from_secs(10))
        };
        let writer = pool(1)
            .connect_with(options.clone())
            .await
            .map_err(unavailable)?;
        create_tables(&writer).await?;
        let readers = pool(READERS)
            .connect_with(options.read_only(true))
            .await
            .map_err(unavailable)?;
        Ok(Self {
            group: GroupCommit::new(writer.clone()),
            writer,
            readers,
        })
    }

    /// Closes the file; what is under way is finished first.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn begin(&self) -> Result<Transaction<'static, Driver>> {
        begin(&self.writer).await
    }
}

async fn begin(writer: &SqlitePool) -> Result<Transaction<'static, Driver>> {
    writer
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(unavailable)
}

async fn create_tables(pool: &SqlitePool) -> Result<()> {
    let mut transaction = begin(pool).await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut *transaction)
        .await
        .map_err(unavailable)?;
    match version {
        0 => {
            sqlx::raw_sql(include_str!("schema.sql"))
                .execute(&mut *transaction)
                .await
                .map_err(unavailable)?;
            sqlx::query("PRAGMA user_version = 1")
                .execute(&mut *transaction)
                .await
                .map_err(unavailable)?;
            commit(transaction).await
        }
        SCHEMA_VERSION => Ok(()),
        later => Err(StoreError::corrupt(
            "the data file",
            format!(
                "it has schema version {later}, this program knows {SCHEMA_VERSION}: \
                 run the program that made it"
            ),
        )),
    }
}

async fn commit(transaction: Transaction<'static, Driver>) -> Result<()> {
    transaction.commit().await.map_err(unavailable)
}

fn unavailable(source: sqlx::Error) -> StoreError {
    StoreError::unavailable(STORE, source)
}
