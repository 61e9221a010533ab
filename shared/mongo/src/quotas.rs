use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{self, Binary, Document, doc};
use mysms_core::domain::Timestamp;
use mysms_core::store::{
    Charge, Counter, NumberDigest, Quotas, REMEMBERED_RESERVATIONS, Reservation, Reserved, Result,
    StoreError,
};
use serde::Deserialize;

use super::document::{date, stored};
use super::{Collections, Mongo, STORE};

/// Losing this many races in a row against others of the same counter does not happen.
const TRIES: u32 = 8;

/// What was counted in an hour or a day, and the latest parts of it.
#[derive(Deserialize)]
pub(super) struct QuotaDocument {
    #[serde(rename = "_id")]
    key: Document,
    spent: i64,
    reservations: Vec<ReservationDocument>,
}

#[derive(Deserialize)]
struct ReservationDocument {
    id: bson::Uuid,
}

/// What became of some charges, as far as it is known.
#[derive(Default)]
struct Judged<'a> {
    granted: Vec<&'a Charge>,
    exceeded: Vec<&'a Charge>,
    open: Vec<&'a Charge>,
}

#[async_trait]
impl Quotas for Mongo {
    async fn reserve(&self, reservation: &Reservation) -> Result<Reserved> {
        let all = reservation.charges.iter();
        let (open, hopeless): (Vec<_>, Vec<_>) = all.partition(|charge| charge.fits(0));
        if !hopeless.is_empty() {
            return Ok(exceeded(&hopeless));
        }
        let mut judged = Judged {
            open,
            ..Judged::default()
        };
        for _ in 0..TRIES {
            judged = self.db.count(reservation, judged).await?;
            if !judged.exceeded.is_empty() {
                break;
            }
            if judged.open.is_empty() {
                return Ok(Reserved::Granted);
            }
            // Somebody else made the document at the same time, or gave something back.
        }
        // It is forgotten altogether, so that a repeat of it counts whatever is granted then.
        self.db.take_out(reservation, &judged.granted).await?;
        if judged.exceeded.is_empty() {
            return Err(StoreError::unavailable(
                STORE,
                "the count changes all the time",
            ));
        }
        Ok(exceeded(&judged.exceeded))
    }

    async fn give_back(&self, reservation: &Reservation) -> Result<()> {
        let nothing = doc! { "$set": { "reservations.$.segments": 0 } };
        let all: Vec<_> = reservation.charges.iter().collect();
        self.db.reduce(reservation, &all, &nothing).await
    }

    async fn spent(&self, counters: &[Counter], at: Timestamp) -> Result<Vec<u64>> {
        let keys: Vec<_> = counters.iter().map(|counter| key(*counter, at)).collect();
        let known = self.db.counted(&keys).await?;
        let spent = |key: &Document| {
            let known = known.iter().find(|known| known.key == *key);
            known.map_or(0, QuotaDocument::spent)
        };
        Ok(keys.iter().map(spent).collect())
    }
}

impl Collections {
    /// Counts the charges that are open, in one command, and looks at those that were refused.
    async fn count<'a>(&self, reservation: &Reservation, before: Judged<'a>) -> Result<Judged<'a>> {
        let statements = before.open.iter();
        let statements = statements.map(|charge| statement(reservation, charge));
        let reply = self.update("quotas", statements.collect(), false).await?;
        let refused = reply.refused_as_duplicates()?;
        let mut judged = Judged {
            granted: before.granted,
            ..Judged::default()
        };
        let mut looked_at = Vec::new();
        for (place, charge) in before.open.into_iter().enumerate() {
            if refused.contains(&place) {
                looked_at.push((key(charge.counter, reservation.at), charge));
            } else {
                judged.granted.push(charge);
            }
        }
        if looked_at.is_empty() {
            return Ok(judged);
        }
        // There is a document, and the filter did not match it.
        let keys: Vec<_> = looked_at.iter().map(|(key, _)| key.clone()).collect();
        let known = self.counted(&keys).await?;
        let id = stored(reservation.id);
        for (key, charge) in looked_at {
            let known = known.iter().find(|known| known.key == key);
            match known {
                Some(known) if known.has(id) => judged.granted.push(charge),
                Some(known) if !charge.fits(known.spent()) => judged.exceeded.push(charge),
                _ => judged.open.push(charge),
            }
        }
        Ok(judged)
    }

    async fn take_out(&self, reservation: &Reservation, charges: &[&Charge]) -> Result<()> {
        let id = stored(reservation.id);
        let gone = doc! { "$pull": { "reservations": { "id": id } } };
        self.reduce(reservation, charges, &gone).await
    }

    /// Takes charges that are still whole off their counters, and does something to their entries.
    async fn reduce(
        &self,
        reservation: &Reservation,
        charges: &[&Charge],
        entry: &Document,
    ) -> Result<()> {
        if charges.is_empty() {
            return Ok(());
        }
        let statement = |charge: &&Charge| {
            let amount = i64::from(charge.amount);
            let whole = doc! { "id": stored(reservation.id), "segments": amount };
            let mut update = doc! { "$inc": { "spent": -amount } };
            update.extend(entry.clone());
            doc! {
                "q": {
                    "_id": key(charge.counter, reservation.at),
                    "reservations": { "$elemMatch": whole },
                },
                "u": update,
            }
        };
        let statements = charges.iter().map(statement).collect();
        self.update("quotas", statements, false)
            .await?
            .refused_as_duplicates()?;
        Ok(())
    }

    async fn counted(&self, keys: &[Document]) -> Result<Vec<QuotaDocument>> {
        let find = self.quotas.find(doc! { "_id": { "$in": keys.to_vec() } });
        self.read(async { find.await?.try_collect().await }).await
    }
}

impl QuotaDocument {
    fn has(&self, id: bson::Uuid) -> bool {
        self.reservations.iter().any(|known| known.id == id)
    }

    fn spent(&self) -> u64 {
        u64::try_from(self.spent).unwrap_or(0)
    }
}

fn exceeded(charges: &[&Charge]) -> Reserved {
    Reserved::Exceeded(charges.iter().map(|charge| charge.counter).collect())
}

/// Counts one charge, if it fits and is not counted yet. If not, there is a document that the filter does
/// not match, and the server refuses a second one as a duplicate.
fn statement(reservation: &Reservation, charge: &Charge) -> Document {
    let (amount, id) = (i64::from(charge.amount), stored(reservation.id));
    let latest = doc! {
        "$each": [{ "id": id, "segments": amount }],
        "$slice": -i64::try_from(REMEMBERED_RESERVATIONS).unwrap_or(i64::MAX),
    };
    doc! {
        "q": {
            "_id": key(charge.counter, reservation.at),
            "spent": { "$lte": i64::from(charge.limit) - amount },
            "reservations.id": { "$ne": id },
        },
        "u": {
            "$inc": { "spent": amount },
            "$push": { "reservations": latest },
            "$setOnInsert": { "until": date(charge.counter.kept_until(reservation.at)) },
        },
        "upsert": true,
    }
}

fn key(counter: Counter, at: Timestamp) -> Document {
    let window = counter.window(at);
    match counter {
        Counter::User(user) => doc! { "user": stored(user.as_uuid()), "day": window },
        Counter::Everybody => doc! { "all": "everybody", "day": window },
        Counter::Abroad => doc! { "all": "abroad", "day": window },
        Counter::Recipient(number) => doc! { "recipient": binary(number), "hour": window },
        Counter::Prefix(number) => doc! { "prefix": binary(number), "hour": window },
    }
}

fn binary(number: NumberDigest) -> Binary {
    Binary {
        subtype: BinarySubtype::Generic,
        bytes: number.0.to_vec(),
    }
}
