//! The tables of the file, made step by step.

use mysms_core::store::{Result, StoreError};
use std::error::Error;
use std::sync::Arc;

use sqlx::SqliteConnection;

use super::unavailable;
use super::writer::Writer;

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
    include_str!("0008_numbers.sql"),
    include_str!("0009_invites.sql"),
    include_str!("0010_counters.sql"),
    include_str!("0011_known_networks.sql"),
    include_str!("0012_sessions.sql"),
    include_str!("0013_acts.sql"),
    include_str!("0014_taken.sql"),
    include_str!("0015_lines.sql"),
    include_str!("0016_labels.sql"),
    include_str!("0017_keys.sql"),
    include_str!("0018_told.sql"),
    include_str!("0019_receivers.sql"),
    include_str!("0020_consents.sql"),
    include_str!("0021_media.sql"),
    include_str!("0022_erasing.sql"),
    include_str!("0023_uploads.sql"),
    include_str!("0024_positions.sql"),
    include_str!("0025_cookies.sql"),
    include_str!("0026_waiting.sql"),
];

/// Takes the steps that the file lacks, all or none. Fails on a file of a later version.
pub(super) async fn bring_up_to_date(writer: &Writer) -> Result<()> {
    let mut transaction = writer.begin().await?;
    let version = version(&mut transaction).await?;
    let missing = usize::try_from(version)
        .ok()
        .and_then(|taken| STEPS.get(taken..))
        .ok_or_else(|| from_a_later_program(version))?;
    if missing.is_empty() {
        return transaction.commit().await;
    }
    for step in missing {
        sqlx::raw_sql(*step)
            .execute(&mut *transaction)
            .await
            .map_err(unavailable)?;
    }
    let taken = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    set_version(&mut transaction, taken).await?;
    transaction.commit().await
}

/// The least that can be written to the file: it stays as it is, but a page of it is written anew.
pub(super) async fn write_version_again(connection: &mut SqliteConnection) -> Result<()> {
    let version = version(connection).await?;
    set_version(connection, version).await
}

async fn version(connection: &mut SqliteConnection) -> Result<i64> {
    sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(connection)
        .await
        .map_err(unavailable)
}

async fn set_version(connection: &mut SqliteConnection, version: i64) -> Result<()> {
    let statement = format!("PRAGMA user_version = {version}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
        .execute(connection)
        .await
        .map_err(unavailable)?;
    Ok(())
}

fn from_a_later_program(version: i64) -> StoreError {
    let known = STEPS.len();
    let reason = format!(
        "it has schema version {version}, this program knows {known}: run the program that made it"
    );
    StoreError::Later {
        what: "the data file",
        source: Arc::from(Box::<dyn Error + Send + Sync>::from(reason)),
    }
}

#[cfg(test)]
mod tests {
    use sqlx::SqlitePool;

    use super::*;
    use crate::Sqlite;

    #[tokio::test]
    async fn a_file_of_a_later_program_is_refused_and_left_alone() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("ledger.db");
        let first = Sqlite::open(&path).await.expect("a new file");
        let mut transaction = first.begin().await.expect("a turn to write");
        set_version(&mut transaction, 1000)
            .await
            .expect("a later version");
        transaction.commit().await.expect("it is written");
        first.close().await;
        let refusal = Sqlite::open(&path).await.err().expect("a refusal");
        assert!(matches!(refusal, StoreError::Later { .. }), "{refusal:?}");
    }

    #[tokio::test]
    async fn what_an_earlier_program_stored_is_brought_up_to_date() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("ledger.db");
        let first = Sqlite::open(&path).await.expect("a new file");
        let before = "DELETE FROM opt_outs;
            DROP TABLE consents;
            DROP INDEX opt_outs_recipient;
            DROP INDEX opt_outs_standing;
            DROP INDEX opt_outs_flagged;
            ALTER TABLE opt_outs DROP COLUMN maybe_at;
            ALTER TABLE messages DROP COLUMN version;
            ALTER TABLE users DROP COLUMN known_networks;
            DROP TABLE sessions;
            DROP TABLE acts;
            DROP INDEX messages_taken;
            DROP INDEX messages_turns;
            ALTER TABLE messages DROP COLUMN class;
            ALTER TABLE messages DROP COLUMN turn;
            ALTER TABLE messages DROP COLUMN time_zone;
            DROP TABLE keys;
            DROP TABLE records;
            DROP TABLE queues;
            DROP TABLE turns;
            DROP TRIGGER messages_tagged;
            DROP TRIGGER messages_retagged;
            DROP TRIGGER messages_untagged;
            DROP INDEX messages_reference;
            DROP TABLE tagged;
            ALTER TABLE messages DROP COLUMN reference;
            ALTER TABLE messages DROP COLUMN tags;
            ALTER TABLE messages DROP COLUMN media;
            DROP INDEX messages_waiting;
            DROP INDEX messages_position;
            ALTER TABLE messages DROP COLUMN position;
            DROP INDEX messages_erasing;
            DROP INDEX messages_tried;
            ALTER TABLE messages DROP COLUMN erase_at;
            DROP TABLE told;
            DROP TABLE upload_parts;
            DROP TABLE uploads;
            DROP INDEX messages_assigned;
            ALTER TABLE messages DROP COLUMN assigned_at;
            CREATE TABLE quotas (user BLOB, day INTEGER, spent INTEGER);
            CREATE TABLE reservations (id BLOB);
            INSERT INTO quotas VALUES (x'01', 20000, 7);
            DROP TABLE counters;
            DROP TABLE charges;
            DROP TABLE invites;
            DROP INDEX users_invite;
            ALTER TABLE users DROP COLUMN invite;
            PRAGMA user_version = 6;
            INSERT INTO opt_outs VALUES ('+1500', '+5215512345678', 1, 2, 2),
                ('+1500', '+525512345678', 0, 1, 1), ('+1500', '+5215587654321', 1, 1, 1),
                ('+1500', '+5491112345678', 1, 2, 2), ('+1500', '+541112345678', 0, 1, 1);";
        first.close().await;
        let address = format!("sqlite://{}", path.display());
        let file = SqlitePool::connect(&address).await.expect("the file");
        let made = sqlx::raw_sql(before).execute(&file).await;
        made.expect("a file of an earlier program");
        file.close().await;
        let second = Sqlite::open(&path).await.expect("it is brought up to date");
        let wishes: Vec<(String, i64)> =
            sqlx::query_as("SELECT recipient, opted_out FROM opt_outs ORDER BY recipient")
                .fetch_all(&second.readers)
                .await
                .expect("wishes");
        let expected = [
            ("+525512345678", 1),
            ("+525587654321", 1),
            ("+541112345678", 1),
        ];
        assert_eq!(
            wishes,
            expected.map(|(number, out)| (number.to_owned(), out))
        );
        let kept: Vec<(String, String, String)> =
            sqlx::query_as("SELECT recipient, consent, source FROM consents ORDER BY recipient")
                .fetch_all(&second.readers)
                .await
                .expect("what they said");
        let earlier = |(number, _): &(String, i64)| {
            (number.clone(), "withdrawn".to_owned(), "earlier".to_owned())
        };
        assert_eq!(kept, wishes.iter().map(earlier).collect::<Vec<_>>());
        // What a user has spent today stays spent.
        let counted: Vec<(Vec<u8>, i64, i64)> =
            sqlx::query_as("SELECT key, period, spent FROM counters")
                .fetch_all(&second.readers)
                .await
                .expect("counters");
        assert_eq!(counted, [(vec![1], 20_000, 7)]);
        second.close().await;
    }
}
