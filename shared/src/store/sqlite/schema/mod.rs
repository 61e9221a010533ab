//! The tables of the file, made step by step.

use sqlx::SqlitePool;

use super::{begin, commit, unavailable};
use crate::store::{Result, StoreError};

/// The steps in order. The file's `user_version` counts those that were taken. One that was released
/// is never changed; what has to change is done by a new one.
const STEPS: &[&str] = &[
    include_str!("0001_initial.sql"),
    include_str!("0002_scheduling_and_conversations.sql"),
    include_str!("0003_accounts.sql"),
    include_str!("0004_changes.sql"),
    include_str!("0005_receiving.sql"),
    include_str!("0006_opt_outs.sql"),
    include_str!("0007_versions.sql"),
];

/// Takes the steps that the file lacks, all or none. Fails on a file of a later version.
pub(super) async fn bring_up_to_date(pool: &SqlitePool) -> Result<()> {
    let mut transaction = begin(pool).await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut *transaction)
        .await
        .map_err(unavailable)?;
    let missing = usize::try_from(version)
        .ok()
        .and_then(|taken| STEPS.get(taken..))
        .ok_or_else(|| from_a_later_program(version))?;
    if missing.is_empty() {
        return Ok(());
    }
    for step in missing {
        sqlx::raw_sql(*step)
            .execute(&mut *transaction)
            .await
            .map_err(unavailable)?;
    }
    let taken = format!("PRAGMA user_version = {}", STEPS.len());
    sqlx::raw_sql(sqlx::AssertSqlSafe(taken))
        .execute(&mut *transaction)
        .await
        .map_err(unavailable)?;
    commit(transaction).await
}

fn from_a_later_program(version: i64) -> StoreError {
    let known = STEPS.len();
    StoreError::corrupt(
        "the data file",
        format!(
            "it has schema version {version}, this program knows {known}: \
             run the program that made it"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::Sqlite;

    #[tokio::test]
    async fn a_file_of_a_later_program_is_refused_and_left_alone() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("ledger.db");
        let first = Sqlite::open(&path).await.expect("a new file");
        sqlx::query("PRAGMA user_version = 1000")
            .execute(&first.writer)
            .await
            .expect("a later version");
        first.close().await;
        let refusal = Sqlite::open(&path).await.err().expect("a refusal");
        assert!(matches!(refusal, StoreError::Corrupt { .. }), "{refusal:?}");
    }
}
