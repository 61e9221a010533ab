use mongodb::bson::{Document, doc};
use mongodb::error::Result;
use mongodb::options::IndexOptions;
use mongodb::{Database, IndexModel};

pub(super) async fn apply(database: &Database) -> Result<()> {
    let options = IndexOptions::builder()
        .name("conversation".to_owned())
        .partial_filter_expression(doc! { "visible": true });
    let index = IndexModel::builder()
        .keys(doc! { "owner": 1, "counterpart": 1, "_id": -1 })
        .options(options.build());
    let messages = database.collection::<Document>("messages");
    messages.create_index(index.build()).await?;
    Ok(())
}
