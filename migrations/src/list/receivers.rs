//! Who gets what is received.

use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::Result;
use mongodb::options::IndexOptions;

use super::initial::index;
use super::numbers::{ARGENTINIAN, shorten};

/// An answer finds the number that it is from, and who was given an earlier text of its author's.
pub(super) async fn apply(database: &Database) -> Result<()> {
    shorten(database, ARGENTINIAN).await?;
    let options = IndexOptions::builder()
        .name("assigned".to_owned())
        .partial_filter_expression(doc! { "assigned_at": { "$exists": true } });
    let keys = doc! { "counterpart": 1, "assigned_at": -1 };
    let messages = database.collection::<Document>("messages");
    messages.create_index(index(keys, options.build())).await?;
    Ok(())
}
