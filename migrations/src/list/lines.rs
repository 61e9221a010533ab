//! What lines need: records, queues and turns, and an index of what waits in them.

use std::time::Duration;

use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::Result;
use mongodb::options::IndexOptions;

use super::indexes::expiring;
use super::initial::{index, make_collection};

/// For how long the end of a user's turns is remembered, as it was when this step was made.
const ENDS_KEPT: Duration = Duration::from_hours(40 * 24);

pub(super) async fn apply(database: &Database) -> Result<()> {
    for collection in ["records", "queues", "turns"] {
        make_collection(database, collection).await?;
    }
    let messages = database.collection::<Document>("messages");
    // Only what waits is in it. The status is a key as well, for it to tell the senders by itself.
    let waiting = doc! { "status": "queued", "turn": { "$exists": true } };
    let options = IndexOptions::builder()
        .name("turns".to_owned())
        .partial_filter_expression(waiting);
    let keys = doc! { "account": 1, "status": 1, "sender": 1, "class": 1, "turn": 1 };
    messages.create_index(index(keys, options.build())).await?;
    let reach = IndexOptions::builder().name("reach".to_owned());
    let keys = doc! { "_id.line": 1, "_id.class": 1, "end": 1 };
    let turns = database.collection::<Document>("turns");
    turns
        .create_indexes([index(keys, reach.build()), expiring("moved_at", ENDS_KEPT)])
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_keeps_ends_for_as_long_as_other_stores_do() {
        assert_eq!(ENDS_KEPT, mysms_core::store::ENDS_KEPT);
    }
}
