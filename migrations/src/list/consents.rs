//! What people said about our texts.

use futures_util::TryStreamExt;
use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::Result;
use mongodb::options::IndexOptions;

use super::initial::{index, make_collection};

/// Everything is found by who said it. What is known from before gets an entry of its own; another run finds
/// that it is there.
pub(super) async fn apply(database: &Database) -> Result<()> {
    make_collection(database, "consents").await?;
    let named = |name: &str| IndexOptions::builder().name(name.to_owned());
    let said = doc! { "recipient": 1, "said_at": 1, "_id": 1 };
    let consents = database.collection::<Document>("consents");
    consents
        .create_index(index(said, named("said").build()))
        .await?;
    let flagged = named("flagged")
        .partial_filter_expression(doc! { "maybe_at": { "$exists": true } })
        .build();
    let standing = doc! { "sender": 1, "opted_out": 1, "recipient": 1 };
    let wishes = database.collection::<Document>("opt_outs");
    wishes
        .create_indexes([
            index(doc! { "recipient": 1 }, named("recipient").build()),
            index(standing, named("standing").build()),
            index(doc! { "sender": 1, "recipient": 1 }, flagged),
        ])
        .await?;
    let consent = doc! { "$cond": ["$opted_out", "withdrawn", "given"] };
    let kept = wishes.aggregate([
        // One that only tells of something unclear was stored by a program that keeps what was said.
        doc! { "$match": { "maybe_at": { "$exists": false } } },
        doc! { "$project": {
            "_id": { "$concat": ["earlier ", "$_id"] },
            "recipient": 1,
            "sender": 1,
            "consent": consent,
            "source": { "$literal": "earlier" },
            "said_at": "$at",
            "noted_at": 1,
        } },
        doc! { "$merge": {
            "into": "consents", "on": "_id",
            "whenMatched": "keepExisting", "whenNotMatched": "insert",
        } },
    ]);
    kept.await?.try_collect::<Vec<_>>().await?;
    Ok(())
}
