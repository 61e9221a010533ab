use std::time::Duration;

use mongodb::bson::{Document, doc};
use mongodb::error::Result;
use mongodb::options::IndexOptions;
use mongodb::{Database, IndexModel};

use super::initial::{index, make_collection};

/// How long it is remembered that an erased user's tokens have ended.
const ERASED_KEPT: Duration = Duration::from_hours(2 * 24);

pub(super) async fn apply(database: &Database) -> Result<()> {
    make_collection(database, "revocations").await?;
    make_collection(database, "quotas").await?;
    let indexes = [
        ("users", user_indexes()),
        ("revocations", revocation_indexes()),
        ("quotas", vec![expiring("until", Duration::ZERO)]),
    ];
    for (collection, indexes) in indexes {
        let collection = database.collection::<Document>(collection);
        collection.create_indexes(indexes).await?;
    }
    Ok(())
}

fn user_indexes() -> Vec<IndexModel> {
    let revoked = IndexOptions::builder()
        .name("revoked_at".to_owned())
        .partial_filter_expression(doc! { "revoked_at": { "$exists": true } });
    let to_be_erased = IndexOptions::builder()
        .name("to_be_erased".to_owned())
        .partial_filter_expression(doc! { "to_be_erased": true });
    vec![
        index(doc! { "revoked_at": 1 }, revoked.build()),
        index(doc! { "closed_at": 1 }, to_be_erased.build()),
        expiring("erased_at", ERASED_KEPT),
    ]
}

fn revocation_indexes() -> Vec<IndexModel> {
    let revoked = IndexOptions::builder().name("revoked_at".to_owned());
    vec![
        index(doc! { "revoked_at": 1 }, revoked.build()),
        expiring("until", Duration::ZERO),
    ]
}

/// Removes documents a while after the time in a field; those without it stay.
pub(super) fn expiring(field: &str, after: Duration) -> IndexModel {
    let options = IndexOptions::builder()
        .name(field.to_owned())
        .expire_after(after);
    index(doc! { field: 1 }, options.build())
}
