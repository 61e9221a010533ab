use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::Result;
use mongodb::options::IndexOptions;

use super::initial::index;

pub(super) async fn apply(database: &Database) -> Result<()> {
    // Whoever gets the answers of a number is found among what reached it, which nobody can fill up
    // without sending.
    let options = IndexOptions::builder()
        .name("taken".to_owned())
        .partial_filter_expression(
            doc! { "direction": "outbound", "provider.at": { "$exists": true } },
        );
    let keys = doc! { "counterpart": 1, "provider.at": -1 };
    let messages = database.collection::<Document>("messages");
    messages.create_index(index(keys, options.build())).await?;
    Ok(())
}
