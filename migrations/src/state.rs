use futures_util::TryStreamExt;
use mongodb::Database;
use mongodb::bson::doc;
use mongodb::options::ReadConcern;
use serde::Deserialize;

use crate::SchemaError;
use crate::list::{MAJOR, MIGRATIONS};

/// The collection of what was done.
pub(crate) const RECORDS: &str = "migrations";

/// How the schema of a database stands to what this program knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// It is the one that this program was made for.
    Current,
    /// Something has yet to be done, which `mysms-migrate` does.
    Behind {
        /// The numbers of the migrations, in their order.
        missing: Vec<i32>,
    },
    /// A newer version was here. It is `compatible` if this program may still use the database.
    Ahead { compatible: bool },
}

/// A migration that was applied, by whatever version.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Record {
    #[serde(rename = "_id")]
    pub(crate) id: i32,
    /// The version from which on programs can live with it.
    pub(crate) major: i32,
}

/// Compares the schema of a database with what this program knows. Changes nothing.
pub async fn check(database: &Database) -> Result<SchemaState, SchemaError> {
    Ok(compare(&records(database).await?))
}

/// Fails unless this program may use the database. To be called before anything else is done with
/// it; the error says what to do.
pub async fn require(database: &Database) -> Result<(), SchemaError> {
    match check(database).await? {
        SchemaState::Current | SchemaState::Ahead { compatible: true } => Ok(()),
        SchemaState::Behind { missing } => Err(SchemaError::Behind { missing }),
        SchemaState::Ahead { compatible: false } => Err(SchemaError::Ahead),
    }
}

pub(crate) async fn records(database: &Database) -> Result<Vec<Record>, SchemaError> {
    let records = database.collection::<Record>(RECORDS);
    // A record that a majority does not know may yet be rolled back with what it stands for.
    let find = records.find(doc! {}).read_concern(ReadConcern::majority());
    let read = async { find.await?.try_collect().await };
    read.await.map_err(SchemaError::Unreadable)
}

fn compare(records: &[Record]) -> SchemaState {
    let is_known = |record: &Record| MIGRATIONS.iter().any(|known| known.id == record.id);
    let unknown = || records.iter().filter(|record| !is_known(record));
    if unknown().any(|record| record.major > MAJOR) {
        return SchemaState::Ahead { compatible: false };
    }
    let missing: Vec<_> = MIGRATIONS
        .iter()
        .map(|known| known.id)
        .filter(|id| records.iter().all(|record| record.id != *id))
        .collect();
    if !missing.is_empty() {
        return SchemaState::Behind { missing };
    }
    match unknown().next() {
        Some(_) => SchemaState::Ahead { compatible: true },
        None => SchemaState::Current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Record> {
        let record = |known: &crate::list::Migration| Record {
            id: known.id,
            major: known.major,
        };
        MIGRATIONS.iter().map(record).collect()
    }

    #[test]
    fn migrations_are_numbered_from_one_and_never_fall_back_to_an_earlier_major_version() {
        let numbers: Vec<_> = MIGRATIONS.iter().map(|known| known.id).collect();
        let expected: Vec<_> = (1..).take(MIGRATIONS.len()).collect();
        assert_eq!(numbers, expected);
        assert!(MIGRATIONS.is_sorted_by_key(|known| known.major));
        assert_eq!(MIGRATIONS.last().unwrap().major, MAJOR);
    }

    #[test]
    fn a_newer_schema_is_usable_within_the_major_version() {
        let with = |id, major| [known(), vec![Record { id, major }]].concat();
        assert_eq!(compare(&known()), SchemaState::Current);
        let newer = SchemaState::Ahead { compatible: true };
        assert_eq!(compare(&with(1000, MAJOR)), newer);
        let foreign = SchemaState::Ahead { compatible: false };
        assert_eq!(compare(&with(1000, MAJOR + 1)), foreign);
    }

    #[test]
    fn what_is_missing_has_to_be_done_unless_the_schema_is_foreign() {
        let missing = MIGRATIONS.iter().map(|known| known.id).collect();
        assert_eq!(compare(&[]), SchemaState::Behind { missing });
        let foreign = Record {
            id: 1000,
            major: MAJOR + 1,
        };
        assert_eq!(
            compare(&[foreign]),
            SchemaState::Ahead { compatible: false }
        );
    }
}
