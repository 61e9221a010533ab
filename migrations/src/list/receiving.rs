use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::Result;
use mongodb::options::IndexOptions;

use super::initial::index;

pub(super) async fn apply(database: &Database) -> Result<()> {
    let named = |name: &str| IndexOptions::builder().name(name.to_owned());
    let correspondents = named("correspondents")
        .partial_filter_expression(doc! { "direction": "outbound" })
        .build();
    let unread = named("unread")
        .partial_filter_expression(doc! { "unread": true })
        .build();
    let messages = database.collection::<Document>("messages");
    messages
        .create_indexes([
            index(doc! { "counterpart": 1, "_id": -1 }, correspondents),
            index(doc! { "owner": 1, "counterpart": 1 }, unread),
        ])
        .await?;
    Ok(())
}
