use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::Result;
use mongodb::options::IndexOptions;

use super::initial::index;

/// Tombstones are in it, because a deletion is a change too.
pub(super) async fn apply(database: &Database) -> Result<()> {
    let options = IndexOptions::builder().name("changes".to_owned());
    let keys = doc! { "owner": 1, "updated_at": 1, "_id": 1 };
    let messages = database.collection::<Document>("messages");
    messages.create_index(index(keys, options.build())).await?;
    Ok(())
}
