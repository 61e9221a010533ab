//! The schema of the MongoDB ledger: what has to be done to a database, step by step, before this
//! version of the messenger can use it.
//!
//! Every step is recorded in the collection `migrations`. A step may be repeated, and two processes
//! may take the same one at once: its work is idempotent, and its record has its number as the id.
//! Indexes are built without keeping anybody from reading or writing.
//!
//! A step that programs of an earlier version cannot live with begins a new major version. All
//! others leave the database usable by the programs that were there first, so that an upgrade goes:
//! run `mysms-migrate`, then replace the processes one by one.

mod apply;
mod list;
mod open;
mod state;

pub use apply::{Applied, migrate};
pub use open::{OpenError, exit, open};
pub use state::{SchemaState, check, require};

/// Why the schema could not be checked or changed.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error("the schema of the database cannot be read")]
    Unreadable(#[source] mongodb::error::Error),
    #[error("migration {id} failed: {name}")]
    Failed {
        id: i32,
        name: &'static str,
        #[source]
        source: mongodb::error::Error,
    },
    #[error("the database lacks migrations {missing:?}: run `mysms-migrate`")]
    Behind { missing: Vec<i32> },
    #[error(
        "the database was migrated by a newer version that this one cannot share it with: \
         run that version, with its own `mysms-migrate`"
    )]
    Ahead,
}
