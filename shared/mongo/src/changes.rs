use async_trait::async_trait;
use mongodb::bson::{self, Bson, Document, doc};
use mysms_core::domain::{Message, UserId};
use mysms_core::store::{Changes, Place, Result};
use uuid::Uuid;

use super::Mongo;
use super::document::{date, stored};
use super::index::Index;

#[async_trait]
impl Changes for Mongo {
    async fn changed_after(
        &self,
        owner: UserId,
        place: Place,
        limit: usize,
    ) -> Result<Vec<Message>> {
        // MongoDB takes 0 for no limit at all.
        if limit == 0 {
            return Ok(Vec::new());
        }
        let owner = stored(owner.as_uuid());
        // Bounds of the index, because of a condition on two fields at once the server makes none.
        let end = doc! { "owner": owner, "updated_at": Bson::MaxKey, "_id": Bson::MaxKey };
        let find = self
            .db
            .messages
            .find(doc! { "owner": owner })
            .min(first_after(owner, place))
            .max(end)
            .sort(Index::Changes.order())
            .hint(Index::Changes.hint())
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .batch_size(u32::try_from(limit).unwrap_or(u32::MAX))
            .projection(doc! { "timeline": 0 });
        self.db.all(find).await
    }
}

/// The least key of the index after a place.
fn first_after(owner: bson::Uuid, place: Place) -> Document {
    let next = place.id.as_uuid().as_u128().saturating_add(1);
    let id = stored(Uuid::from_u128(next));
    doc! { "owner": owner, "updated_at": date(place.at), "_id": id }
}
