use mongodb::Database;
use mongodb::bson::{DateTime, doc};
use mongodb::error::Result;
use mongodb::options::{
    Acknowledgment, DatabaseOptions, ReadPreference, SelectionCriteria, UpdateModifications,
    WriteConcern,
};
use mysms_core::domain::Timestamp;

use crate::SchemaError;
use crate::list::{MIGRATIONS, Migration};
use crate::state::{RECORDS, SchemaState, check};

/// A migration that this call applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    pub id: i32,
    /// Programs of earlier versions may not use the database any more.
    pub begins_major: bool,
    pub name: &'static str,
}

/// Does what is missing and tells what that was. Refuses a database whose newer schema this program
/// cannot share. `now` is only what the records say.
pub async fn migrate(
    database: &Database,
    now: Timestamp,
) -> std::result::Result<Vec<Applied>, SchemaError> {
    let missing = match check(database).await? {
        SchemaState::Current | SchemaState::Ahead { compatible: true } => Vec::new(),
        SchemaState::Behind { missing } => missing,
        SchemaState::Ahead { compatible: false } => return Err(SchemaError::Ahead),
    };
    let database = patient(database);
    let mut applied = Vec::new();
    for migration in MIGRATIONS
        .iter()
        .filter(|known| missing.contains(&known.id))
    {
        apply(&database, migration, now)
            .await
            .map_err(|source| SchemaError::Failed {
                id: migration.id,
                name: migration.name,
                source,
            })?;
        applied.push(Applied {
            id: migration.id,
            begins_major: begins_major(migration),
            name: migration.name,
        });
    }
    Ok(applied)
}

fn begins_major(migration: &Migration) -> bool {
    let mut before = MIGRATIONS.iter().filter(|known| known.id < migration.id);
    before
        .next_back()
        .is_some_and(|last| last.major < migration.major)
}

/// The same database, but writes wait for a majority for as long as an index takes to be built.
fn patient(database: &Database) -> Database {
    let options = DatabaseOptions::builder()
        .selection_criteria(SelectionCriteria::ReadPreference(ReadPreference::Primary))
        .write_concern(
            WriteConcern::builder()
                .w(Acknowledgment::Majority)
                .journal(true)
                .build(),
        )
        .build();
    database
        .client()
        .database_with_options(database.name(), options)
}

async fn apply(database: &Database, migration: &Migration, now: Timestamp) -> Result<()> {
    (migration.apply)(database).await?;
    // Only the first record stays, so it does not matter who else applied the same migration.
    let record = doc! { "$setOnInsert": {
        "major": migration.major,
        "name": migration.name,
        "applied_at": DateTime::from_millis(now.as_millis()),
    } };
    database
        .collection::<mongodb::bson::Document>(RECORDS)
        .update_one(
            doc! { "_id": migration.id },
            UpdateModifications::Document(record),
        )
        .upsert(true)
        .await?;
    Ok(())
}
