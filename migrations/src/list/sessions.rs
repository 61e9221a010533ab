use std::time::Duration;

use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::Result;
use mongodb::options::IndexOptions;

use super::accounts::expiring;
use super::initial::{index, make_collection};

pub(super) async fn apply(database: &Database) -> Result<()> {
    make_collection(database, "sessions").await?;
    let of_user = IndexOptions::builder().name("of_user".to_owned());
    let indexes = [
        index(doc! { "user": 1, "renewed_at": -1 }, of_user.build()),
        expiring("until", Duration::ZERO),
    ];
    let sessions = database.collection::<Document>("sessions");
    sessions.create_indexes(indexes).await?;
    Ok(())
}
