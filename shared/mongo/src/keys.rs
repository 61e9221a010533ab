use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::{self, Document, doc};
use mysms_core::domain::{ApiKey, Grant, KeyId, KeyName, MOST_KEYS, SecretHash, Timestamp, UserId};
use mysms_core::store::{Created, KEY_KEPT, Keys, Result, StoreError};
use serde::{Deserialize, Serialize};

use super::document::{date, read, stored, timestamp};
use super::{Mongo, STORE, answer, answer_unless_taken};

/// How often a place is looked for that others take meanwhile.
const TRIES: usize = 2 * MOST_KEYS;

/// The index on `forget_at` forgets it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeyDocument {
    #[serde(rename = "_id")]
    id: String,
    owner: bson::Uuid,
    /// One of so many as the owner may have keys; absent once it was ended. An index lets no two keys have
    /// the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<u32>,
    name: String,
    secret: String,
    grant: Grant,
    created_at: bson::DateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<bson::DateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_used: Option<bson::DateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    forget_at: Option<bson::DateTime>,
}

#[derive(Deserialize)]
struct PlaceDocument {
    place: u32,
}

#[async_trait]
impl Keys for Mongo {
    async fn create_key(&self, key: &ApiKey) -> Result<Created> {
        let mut document = KeyDocument::from(key);
        for _ in 0..TRIES {
            let Some(place) = self.free_place(key.owner).await? else {
                // Another try may have made it the last of them.
                return Ok(match self.whatever_is_left(&key.id).await? {
                    Some(_) => Created::Done,
                    None => Created::TooMany,
                });
            };
            document.place = Some(place);
            let insert = self.db.keys.insert_one(&document);
            if answer_unless_taken(insert).await?.is_some()
                || self.whatever_is_left(&key.id).await?.is_some()
            {
                return Ok(Created::Done);
            }
        }
        Err(StoreError::unavailable(STORE, "others took every place"))
    }

    async fn key(&self, id: &KeyId) -> Result<Option<ApiKey>> {
        let found = self.db.surely_one(&self.db.keys, good(by_id(id))).await?;
        found.map(ApiKey::try_from).transpose()
    }

    async fn keys_of(&self, owner: UserId) -> Result<Vec<ApiKey>> {
        let find = self.db.keys.find(good(of(owner)));
        let find = find.sort(doc! { "created_at": -1, "_id": 1 });
        let found = self
            .db
            .read(async { find.await?.try_collect::<Vec<_>>().await });
        found.await?.into_iter().map(ApiKey::try_from).collect()
    }

    async fn end_key(&self, owner: UserId, id: &KeyId, now: Timestamp) -> Result<bool> {
        let mut own = by_id(id);
        own.insert("owner", stored(owner.as_uuid()));
        answer(self.db.keys.update_one(good(own.clone()), end(now))).await?;
        Ok(self.db.surely_one(&self.db.keys, own).await?.is_some())
    }

    async fn end_keys(&self, owner: UserId, now: Timestamp) -> Result<()> {
        answer(self.db.keys.update_many(good(of(owner)), end(now))).await?;
        Ok(())
    }

    async fn note_use(&self, id: &KeyId, at: Timestamp) -> Result<()> {
        let later = doc! { "$max": { "last_used": date(at) } };
        answer(self.db.keys.update_one(good(by_id(id)), later)).await?;
        Ok(())
    }

    async fn forget_keys(&self, owner: UserId) -> Result<()> {
        answer(self.db.keys.delete_many(of(owner))).await?;
        Ok(())
    }
}

impl Mongo {
    /// A place that none of the owner's keys has; `None` if there is no more.
    async fn free_place(&self, owner: UserId) -> Result<Option<u32>> {
        let keys = self.db.keys.clone_with_type::<PlaceDocument>();
        let find = keys.find(good(of(owner))).projection(doc! { "place": 1 });
        let taken = self
            .db
            .read(async { find.await?.try_collect::<Vec<_>>().await });
        let taken: Vec<_> = taken.await?.into_iter().map(|key| key.place).collect();
        let mut all = 0..u32::try_from(MOST_KEYS).unwrap_or(u32::MAX);
        Ok(all.find(|place| !taken.contains(place)))
    }

    /// A key, whether it was ended or not.
    async fn whatever_is_left(&self, id: &KeyId) -> Result<Option<KeyDocument>> {
        self.db.surely_one(&self.db.keys, by_id(id)).await
    }
}

fn by_id(id: &KeyId) -> Document {
    doc! { "_id": id.as_str() }
}

fn of(owner: UserId) -> Document {
    doc! { "owner": stored(owner.as_uuid()) }
}

/// Only those that were not ended.
fn good(mut filter: Document) -> Document {
    filter.insert("place", doc! { "$exists": true });
    filter
}

/// What a key is good for is the user's data, and not needed any more.
fn end(now: Timestamp) -> Document {
    doc! {
        "$set": { "forget_at": date(now + KEY_KEPT) },
        "$unset": { "place": "", "grant.senders": "", "grant.recipients": "" },
    }
}

impl From<&ApiKey> for KeyDocument {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id.as_str().to_owned(),
            owner: stored(key.owner.as_uuid()),
            place: None,
            name: key.name.as_str().to_owned(),
            secret: key.secret.to_hex(),
            grant: key.grant.clone(),
            created_at: date(key.created_at),
            expires_at: key.expires_at.map(date),
            last_used: key.last_used.map(date),
            forget_at: key.expires_at.map(|end| date(end + KEY_KEPT)),
        }
    }
}

impl TryFrom<KeyDocument> for ApiKey {
    type Error = StoreError;

    fn try_from(document: KeyDocument) -> Result<Self> {
        let corrupt = |what: &str| StoreError::corrupt("a key", what.to_owned());
        Ok(Self {
            id: KeyId::parse(&document.id).ok_or_else(|| corrupt("its id"))?,
            owner: UserId::from_uuid(read(document.owner)),
            name: KeyName::restore(document.name),
            secret: SecretHash::from_hex(&document.secret).ok_or_else(|| corrupt("its secret"))?,
            grant: document.grant,
            created_at: timestamp(document.created_at),
            expires_at: document.expires_at.map(timestamp),
            last_used: document.last_used.map(timestamp),
        })
    }
}
