use std::time::Duration;

use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::Result;
use mongodb::options::IndexOptions;

use super::accounts::expiring;
use super::initial::{index, make_collection};

/// How long an invite that is over is still shown.
const SHOWN: Duration = Duration::from_hours(30 * 24);

pub(super) async fn apply(database: &Database) -> Result<()> {
    make_collection(database, "invites").await?;
    let invites = database.collection::<Document>("invites");
    invites.create_index(expiring("expires_at", SHOWN)).await?;
    // An invite makes one user.
    let options = IndexOptions::builder()
        .name("invite".to_owned())
        .unique(true)
        .partial_filter_expression(doc! { "invite": { "$exists": true } });
    let users = database.collection::<Document>("users");
    users
        .create_index(index(doc! { "invite": 1 }, options.build()))
        .await?;
    Ok(())
}
