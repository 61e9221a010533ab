use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson;
use mongodb::bson::{Bson, Document, doc};
use serde::{Deserialize, Serialize};

use super::document::date;
use super::index::Index;
use super::statement::{self, among};
use super::{Collections, Mongo, answer, answer_unless_taken, stored_for_good};
use crate::domain::{Consent, Direction, PhoneNumber, Status, Timestamp, UserId, Wish};
use crate::store::{OptOuts, Result};

/// The latest wish of a recipient about a sender.
#[derive(Serialize, Deserialize)]
pub(super) struct WishDocument {
    /// Both, with a space between.
    #[serde(rename = "_id")]
    id: String,
    sender: String,
    recipient: PhoneNumber,
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

    async fn opted_out(
        &self,
        sender: &str,
        recipients: &[PhoneNumber],
    ) -> Result<Vec<PhoneNumber>> {
        let ids: Vec<_> = recipients.iter().map(|number| id(sender, number)).collect();
        self.db.unwilling(withdrawn(&ids)).await
    }

    async fn opted_out_since(&self, sender: &str, since: Timestamp) -> Result<Vec<PhoneNumber>> {
        let noted = doc! { "$gte": date(since) };
        let wishes = doc! { "sender": sender, "noted_at": noted, "opted_out": true };
        self.db.unwilling(wishes).await
    }

    async fn refuse_queued(
        &self,
        wish: &Wish,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<UserId>> {
        let senders = self.db.refused_senders(wish).await?;
        if senders.is_empty() {
            return Ok(Vec::new());
        }
        let mut senders: Vec<_> = senders.into_iter().map(Bson::from).collect();
        // A message of an earlier version does not tell from where it is to be sent.
        senders.push(Bson::Null);
        let find = self
            .db
            .messages
            .find(doc! {
                "counterpart": wish.recipient.as_str(),
                "direction": Direction::Outbound.as_str(),
                "status": Status::Queued.as_str(),
                "sender": { "$in": senders },
            })
            .hint(Index::Correspondents.hint())
            .limit(i64::try_from(limit).unwrap_or(i64::MAX).max(1))
            .projection(doc! { "timeline": 0 });
        let waiting = self.db.all(find).await?;
        let ids: Vec<_> = waiting.iter().map(|message| message.id).collect();
        if !ids.is_empty() {
            let refused = statement::refuse_opted_out(among(&ids), now);
            answer(self.db.messages.update_many(refused.filter, refused.update)).await?;
        }
        Ok(waiting.into_iter().map(|message| message.owner).collect())
    }
}

fn id(sender: &str, recipient: &PhoneNumber) -> String {
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

    async fn unwilling(&self, wishes: Document) -> Result<Vec<PhoneNumber>> {
        let found = self.wishes(wishes).await?;
        Ok(found.into_iter().map(|wish| wish.recipient).collect())
    }

    /// Those of a wish's senders from which its recipient wants no texts.
    async fn refused_senders(&self, wish: &Wish) -> Result<Vec<String>> {
        let ids = wish
            .senders
            .iter()
            .map(|sender| id(sender, &wish.recipient));
        let found = self.wishes(withdrawn(&ids.collect::<Vec<_>>())).await?;
        Ok(found.into_iter().map(|wish| wish.sender).collect())
    }

    async fn wishes(&self, filter: Document) -> Result<Vec<WishDocument>> {
        let find = self.opt_outs.find(filter);
        self.read(async { find.await?.try_collect().await }).await
    }
}
