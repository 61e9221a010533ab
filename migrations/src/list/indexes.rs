//! The steps that make collections and indexes, in their order; each is a function of its own.

use std::time::Duration;

use mongodb::bson::{Document, doc};
use mongodb::error::Result;
use mongodb::options::IndexOptions;
use mongodb::{Database, IndexModel};

use super::initial::{index, make_collection};

/// Tombstones are in it, because in a partial index the server would look at every message of a user
/// to find the newest of each counterpart.
pub(super) async fn conversations(database: &Database) -> Result<()> {
    let options = IndexOptions::builder().name("conversation".to_owned());
    let index = IndexModel::builder()
        .keys(doc! { "owner": 1, "visible": 1, "counterpart": 1, "_id": -1 })
        .options(options.build());
    let messages = database.collection::<Document>("messages");
    messages.create_index(index.build()).await?;
    Ok(())
}

/// How long it is remembered that an erased user's tokens have ended.
const ERASED_KEPT: Duration = Duration::from_hours(2 * 24);

pub(super) async fn accounts(database: &Database) -> Result<()> {
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

/// Tombstones are in it, because a deletion is a change too.
pub(super) async fn changes(database: &Database) -> Result<()> {
    let options = IndexOptions::builder().name("changes".to_owned());
    let keys = doc! { "owner": 1, "updated_at": 1, "_id": 1 };
    let messages = database.collection::<Document>("messages");
    messages.create_index(index(keys, options.build())).await?;
    Ok(())
}

pub(super) async fn receiving(database: &Database) -> Result<()> {
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

pub(super) async fn opt_outs(database: &Database) -> Result<()> {
    make_collection(database, "opt_outs").await?;
    let options = IndexOptions::builder().name("noted_at".to_owned());
    let wishes = database.collection::<Document>("opt_outs");
    let noted = index(doc! { "sender": 1, "noted_at": 1 }, options.build());
    wishes.create_index(noted).await?;
    Ok(())
}

/// How long an invite that is over is still shown.
const INVITE_SHOWN: Duration = Duration::from_hours(30 * 24);

pub(super) async fn invites(database: &Database) -> Result<()> {
    make_collection(database, "invites").await?;
    let invites = database.collection::<Document>("invites");
    invites
        .create_index(expiring("expires_at", INVITE_SHOWN))
        .await?;
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

pub(super) async fn sessions(database: &Database) -> Result<()> {
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

pub(super) async fn taken(database: &Database) -> Result<()> {
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

/// Only those that have one are in each. A message is in the second once for each of its tags.
pub(super) async fn labels(database: &Database) -> Result<()> {
    let where_there = |name: &str, field: &str| {
        let options = IndexOptions::builder().name(name.to_owned());
        let there = doc! { field: { "$exists": true } };
        options.partial_filter_expression(there).build()
    };
    let messages = database.collection::<Document>("messages");
    messages
        .create_indexes([
            index(
                doc! { "owner": 1, "reference": 1, "_id": -1 },
                where_there("references", "reference"),
            ),
            index(
                doc! { "owner": 1, "tags": 1, "_id": -1 },
                where_there("tags", "tags"),
            ),
        ])
        .await?;
    Ok(())
}

/// Only what was deleted and has yet to be erased is in the first, and only what was tried in vain and waits in
/// the second.
pub(super) async fn erasing(database: &Database) -> Result<()> {
    let awaited = IndexOptions::builder()
        .name("erasing".to_owned())
        .partial_filter_expression(doc! { "erase_at": { "$exists": true } });
    let tried = IndexOptions::builder()
        .name("tried".to_owned())
        .partial_filter_expression(
            doc! { "status": "queued", "first_attempt_at": { "$exists": true } },
        );
    let messages = database.collection::<Document>("messages");
    messages
        .create_indexes([
            index(doc! { "account": 1, "erase_at": 1 }, awaited.build()),
            index(doc! { "account": 1, "recipient": 1 }, tried.build()),
        ])
        .await?;
    Ok(())
}

/// What leaves takes itself out of it, so it is as small as the backlog.
pub(super) async fn waiting(database: &Database) -> Result<()> {
    let waiting = IndexOptions::builder()
        .name("waiting".to_owned())
        .partial_filter_expression(doc! { "status": "queued" });
    let messages = database.collection::<Document>("messages");
    let key = doc! { "owner": 1, "visible": 1, "status": 1, "counterpart": 1 };
    messages.create_index(index(key, waiting.build())).await?;
    Ok(())
}

pub(super) async fn keys(database: &Database) -> Result<()> {
    make_collection(database, "keys").await?;
    let of_owner = IndexOptions::builder().name("of_owner".to_owned());
    // A user has so many places, and each is one key's until it is ended.
    let place = IndexOptions::builder()
        .name("place".to_owned())
        .unique(true)
        .partial_filter_expression(doc! { "place": { "$exists": true } });
    let indexes = [
        index(doc! { "owner": 1, "created_at": -1 }, of_owner.build()),
        index(doc! { "owner": 1, "place": 1 }, place.build()),
        expiring("forget_at", Duration::ZERO),
    ];
    let keys = database.collection::<Document>("keys");
    keys.create_indexes(indexes).await?;
    Ok(())
}

pub(super) async fn uploads(database: &Database) -> Result<()> {
    make_collection(database, "uploads").await?;
    make_collection(database, "upload_parts").await?;
    let named = |name: &str| IndexOptions::builder().name(name.to_owned()).build();
    let uploads = database.collection::<Document>("uploads");
    uploads
        .create_indexes([
            index(doc! { "owner": 1 }, named("owner")),
            index(doc! { "kept_until": 1 }, named("kept_until")),
        ])
        .await?;
    Ok(())
}
