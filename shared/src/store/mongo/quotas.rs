use async_trait::async_trait;
use mongodb::bson::{self, Document, doc};
use serde::Deserialize;

use super::document::{date, stored};
use super::{Mongo, STORE, answer, answer_unless_taken};
use crate::domain::{Timestamp, UserId};
use crate::store::quotas::day;
use crate::store::{Quotas, REMEMBERED_RESERVATIONS, Reservation, Reserved, Result, StoreError};

/// How long a day's count is kept after the day.
const KEPT: std::time::Duration = std::time::Duration::from_hours(24);

/// Losing this many races in a row against others of the same user does not happen.
const TRIES: u32 = 8;

/// What a user has spent on a day, and the latest parts of it.
#[derive(Deserialize)]
pub(super) struct QuotaDocument {
    spent: i64,
    reservations: Vec<ReservationDocument>,
}

#[derive(Deserialize)]
struct ReservationDocument {
    id: bson::Uuid,
}

#[async_trait]
impl Quotas for Mongo {
    async fn reserve(&self, reservation: &Reservation, limit: u32) -> Result<Reserved> {
        let (limit, segments) = (i64::from(limit), i64::from(reservation.segments));
        if segments > limit {
            return Ok(Reserved::Exceeded);
        }
        let key = key(reservation.user, reservation.day);
        let id = stored(reservation.id);
        let filter = doc! {
            "_id": &key,
            "spent": { "$lte": limit - segments },
            "reservations.id": { "$ne": id },
        };
        let latest = doc! {
            "$each": [{ "id": id, "segments": segments }],
            "$slice": -i64::try_from(REMEMBERED_RESERVATIONS).unwrap_or(i64::MAX),
        };
        let update = doc! {
            "$inc": { "spent": segments },
            "$push": { "reservations": latest },
            "$setOnInsert": { "until": date(reservation.day_ends() + KEPT) },
        };
        for _ in 0..TRIES {
            let count = self.db.quotas.update_one(filter.clone(), update.clone());
            if answer_unless_taken(count.upsert(true)).await?.is_some() {
                return Ok(Reserved::Granted);
            }
            // There is a document, and the filter did not match it.
            let find = self.db.quotas.find_one(doc! { "_id": &key });
            let Some(known) = self.db.read(find).await? else {
                continue;
            };
            if known.reservations.iter().any(|known| known.id == id) {
                return Ok(Reserved::Granted);
            }
            if known.spent + segments > limit {
                return Ok(Reserved::Exceeded);
            }
            // Somebody else made the document at the same time, or gave segments back.
        }
        Err(StoreError::unavailable(
            STORE,
            "the count changes all the time",
        ))
    }

    async fn reduce(&self, reservation: &Reservation, used: u32) -> Result<()> {
        if used >= reservation.segments {
            return Ok(());
        }
        let (segments, used) = (i64::from(reservation.segments), i64::from(used));
        let whole = doc! { "id": stored(reservation.id), "segments": segments };
        let filter = doc! {
            "_id": key(reservation.user, reservation.day),
            "reservations": { "$elemMatch": whole },
        };
        let update = doc! {
            "$inc": { "spent": used - segments },
            "$set": { "reservations.$.segments": used },
        };
        answer(self.db.quotas.update_one(filter, update)).await?;
        Ok(())
    }

    async fn spent(&self, user: UserId, at: Timestamp) -> Result<u64> {
        let find = doc! { "_id": key(user, day(at)) };
        let found = self.db.read(self.db.quotas.find_one(find)).await?;
        Ok(found.map_or(0, |known| u64::try_from(known.spent).unwrap_or(0)))
    }
}

fn key(user: UserId, day: i64) -> Document {
    doc! { "user": stored(user.as_uuid()), "day": day }
}
