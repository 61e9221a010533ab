use mongodb::bson::{Document, doc};
use mongodb::error::Result;
use mongodb::options::IndexOptions;
use mongodb::{Database, IndexModel};

/// Tombstones are in it, because in a partial index the server would look at every message of a user
/// to find the newest of each counterpart.
pub(super) async fn apply(database: &Database) -> Result<()> {
    let options = IndexOptions::builder().name("conversation".to_owned());
    let index = IndexModel::builder()
        .keys(doc! { "owner": 1, "visible": 1, "counterpart": 1, "_id": -1 })
        .options(options.build());
    let messages = database.collection::<Document>("messages");
    messages.create_index(index.build()).await?;
    Ok(())
}
