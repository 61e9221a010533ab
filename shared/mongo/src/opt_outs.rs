use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson;
use mongodb::bson::{Document, doc};
use mysms_core::domain::{Address, Consent, Timestamp, Wish};
use mysms_core::store::{OptOuts, Result};
use serde::{Deserialize, Serialize};

use super::document::date;
use super::{Collections, Mongo, answer_unless_taken, stored_for_good};

/// The latest wish of a recipient about a sender.
#[derive(Serialize, Deserialize)]
pub(super) struct WishDocument {
    /// Both, with a space between.
    #[serde(rename = "_id")]
    id: String,
    sender: String,
    recipient: Address,
    opted_out: bool,
    at: bson::DateTime,
    noted_at: bson::DateTime,
}

#[async_trait]
impl OptOuts for Mongo {
    async fn note(&self, wish: &Wish, now: Timestamp) -> Result<()> {
        for sender in &wish.senders {
            let earlier =
                doc! { "_id": id(sender, &wish.recipient), "at": { "$lt": date(wish.at) } };
            let update = doc! { "$set": {
                "sender": sender,
                "recipient": wish.recipient.as_str(),
                "opted_out": wish.consent == Consent::Withdrawn,
                "at": date(wish.at),
                "noted_at": date(now),
            } };
            // A wish as new or newer does not match, and its id refuses the insert.
            let note = self.db.opt_outs.update_one(earlier, update).upsert(true);
            if answer_unless_taken(note).await?.is_none() {
                self.db.is_noted(sender, wish).await?;
            }
        }
        Ok(())
    }

    async fn opted_out(&self, sender: &str, recipients: &[Address]) -> Result<Vec<Address>> {
        let ids: Vec<_> = recipients
            .iter()
            .map(|recipient| id(sender, recipient))
            .collect();
        self.db.unwilling(withdrawn(&ids)).await
    }

    async fn opted_out_since(&self, sender: &str, since: Timestamp) -> Result<Vec<Address>> {
        let noted = doc! { "$gte": date(since) };
        let wishes = doc! { "sender": sender, "noted_at": noted, "opted_out": true };
        self.db.unwilling(wishes).await
    }

    async fn refused_senders(&self, wish: &Wish) -> Result<Vec<String>> {
        let ids = wish
            .senders
            .iter()
            .map(|sender| id(sender, &wish.recipient));
        let found = self.db.wishes(withdrawn(&ids.collect::<Vec<_>>())).await?;
        Ok(found.into_iter().map(|wish| wish.sender).collect())
    }
}

fn id(sender: &str, recipient: &Address) -> String {
    format!("{sender} {}", recipient.as_str())
}

fn withdrawn(ids: &[String]) -> Document {
    doc! { "_id": { "$in": ids }, "opted_out": true }
}

impl Collections {
    /// Fails if a majority does not have this wish or a later one.
    async fn is_noted(&self, sender: &str, wish: &Wish) -> Result<()> {
        let noted = doc! { "_id": id(sender, &wish.recipient), "at": { "$gte": date(wish.at) } };
        stored_for_good(self.read(self.opt_outs.find_one(noted)).await?)?;
        Ok(())
    }

    async fn unwilling(&self, wishes: Document) -> Result<Vec<Address>> {
        let found = self.wishes(wishes).await?;
        Ok(found.into_iter().map(|wish| wish.recipient).collect())
    }

    async fn wishes(&self, filter: Document) -> Result<Vec<WishDocument>> {
        let find = self.opt_outs.find(filter);
        self.read(async { find.await?.try_collect().await }).await
    }
}
