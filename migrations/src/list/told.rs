//! What endpoints were told of messages.

use std::time::Duration;

use mongodb::Database;
use mongodb::bson::Document;
use mongodb::error::Result;

use super::indexes::expiring;
use super::initial::make_collection;

/// For how long it is remembered, as it was when this step was made.
const TOLD_KEPT: Duration = Duration::from_hours(30 * 24);

pub(super) async fn apply(database: &Database) -> Result<()> {
    make_collection(database, "told").await?;
    let told = database.collection::<Document>("told");
    told.create_index(expiring("told_at", TOLD_KEPT)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_remembered_for_as_long_as_in_other_stores() {
        assert_eq!(TOLD_KEPT, mysms_core::domain::TOLD_KEPT);
    }
}
