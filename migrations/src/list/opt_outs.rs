use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::Result;
use mongodb::options::IndexOptions;

use super::initial::{index, make_collection};

pub(super) async fn apply(database: &Database) -> Result<()> {
    make_collection(database, "opt_outs").await?;
    let options = IndexOptions::builder().name("noted_at".to_owned());
    let wishes = database.collection::<Document>("opt_outs");
    let noted = index(doc! { "sender": 1, "noted_at": 1 }, options.build());
    wishes.create_index(noted).await?;
    Ok(())
}
