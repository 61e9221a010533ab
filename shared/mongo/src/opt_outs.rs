use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::action::Find;
use mongodb::bson;
use mongodb::bson::{Document, doc};
use mongodb::options::Hint;
use mysms_core::domain::{Address, Consent, Standing, Timestamp, Wish};
use mysms_core::store::{OptOuts, Result};
use serde::{Deserialize, Serialize};

use super::document::{date, timestamp};
use super::{Collections, Mongo, stored_for_good};

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
    /// When they may have meant that they want no texts, if nothing they said since tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    maybe_at: Option<bson::DateTime>,
}

#[async_trait]
impl OptOuts for Mongo {
    async fn note_all(&self, wishes: &[Wish], now: Timestamp) -> Result<()> {
        let each = wishes.iter().flat_map(|wish| {
            let senders = wish.senders.iter();
            senders.map(move |sender| (sender.as_str(), wish))
        });
        let each: Vec<_> = each.collect();
        if each.is_empty() {
            return Ok(());
        }
        let statements = each.iter().map(|(sender, wish)| match wish.consent {
            Consent::Maybe => flag(sender, wish, now),
            Consent::Withdrawn | Consent::Given => note(sender, wish, now),
        });
        let reply = self.db.update("opt_outs", statements.collect(), false);
        // A wish as new or newer does not match, and its id refuses the insert.
        for place in reply.await?.refused_as_duplicates()? {
            let (sender, wish) = each[place];
            self.db.is_noted(sender, wish).await?;
        }
        Ok(())
    }

    async fn withdrawn(&self, senders: &[&str], recipients: &[Address]) -> Result<Vec<Address>> {
        let ids = senders
            .iter()
            .flat_map(|sender| recipients.iter().map(|recipient| id(sender, recipient)));
        let ids: Vec<_> = ids.collect();
        let mut unwilling = self.db.unwilling(withdrawn(&ids)).await?;
        unwilling.sort_unstable();
        unwilling.dedup();
        Ok(unwilling)
    }

    async fn opted_out_since(&self, sender: &str, since: Timestamp) -> Result<Vec<Address>> {
        let noted = doc! { "$gte": date(since) };
        let wishes = doc! { "sender": sender, "noted_at": noted, "opted_out": true };
        self.db.unwilling(wishes).await
    }

    async fn noted_since(
        &self,
        sender: &str,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<Standing>> {
        let noted = doc! { "sender": sender, "noted_at": { "$gte": date(since) } };
        let find = self.db.opt_outs.find(noted);
        let find = find
            .hint(Hint::Name("noted_at".to_owned()))
            .limit(i64::try_from(limit).unwrap_or(i64::MAX));
        self.db.standing(find).await
    }

    async fn refused_senders(&self, wish: &Wish) -> Result<Vec<String>> {
        let ids = wish
            .senders
            .iter()
            .map(|sender| id(sender, &wish.recipient));
        let found = self.db.wishes(withdrawn(&ids.collect::<Vec<_>>())).await?;
        Ok(found.into_iter().map(|wish| wish.sender).collect())
    }

    async fn standings(&self, recipient: &Address) -> Result<Vec<Standing>> {
        let of_recipient = doc! { "recipient": recipient.as_str() };
        let find = self
            .db
            .opt_outs
            .find(of_recipient)
            .sort(doc! { "sender": 1 });
        let find = find.hint(Hint::Name("recipient".to_owned()));
        self.db.standing(find).await
    }

    async fn standing_with(
        &self,
        sender: &str,
        consent: Consent,
        after: Option<&Address>,
        limit: usize,
    ) -> Result<Vec<Standing>> {
        let is_open = doc! { "$gt": ["$maybe_at", "$at"] };
        let (mut filter, index) = match consent {
            Consent::Withdrawn => (doc! { "opted_out": true }, "standing"),
            Consent::Given => (
                doc! { "opted_out": false, "$expr": { "$not": [is_open] } },
                "standing",
            ),
            Consent::Maybe => (
                doc! { "opted_out": false, "maybe_at": { "$exists": true }, "$expr": is_open },
                "flagged",
            ),
        };
        filter.insert("sender", sender);
        if let Some(after) = after {
            filter.insert("recipient", doc! { "$gt": after.as_str() });
        }
        let find = self.db.opt_outs.find(filter).sort(doc! { "recipient": 1 });
        let find = find
            .hint(Hint::Name(index.to_owned()))
            .limit(i64::try_from(limit).unwrap_or(i64::MAX));
        self.db.standing(find).await
    }
}

/// What was said later than the wish stays open.
fn note(sender: &str, wish: &Wish, now: Timestamp) -> Document {
    let at = date(wish.at);
    let is_later = doc! { "$gt": ["$maybe_at", at] };
    let still_open = doc! { "$cond": [is_later, "$maybe_at", "$$REMOVE"] };
    let mut earlier = vec![doc! { "at": { "$lt": at } }];
    if wish.consent == Consent::Withdrawn {
        earlier.push(doc! { "at": at, "opted_out": false });
    }
    doc! {
        "q": { "_id": id(sender, &wish.recipient), "$or": earlier },
        "u": [{ "$set": {
            "sender": { "$literal": sender },
            "recipient": { "$literal": wish.recipient.as_str() },
            "opted_out": wish.consent == Consent::Withdrawn,
            "at": at,
            "noted_at": date(now),
            "maybe_at": still_open,
        } }],
        "upsert": true,
    }
}

/// Whoever has said nothing else wants texts, as of the beginning of time.
fn flag(sender: &str, wish: &Wish, now: Timestamp) -> Document {
    let at = date(wish.at);
    doc! {
        "q": {
            "_id": id(sender, &wish.recipient),
            "at": { "$lt": at },
            "maybe_at": { "$not": { "$gte": at } },
        },
        "u": {
            "$set": { "maybe_at": at, "noted_at": date(now) },
            "$setOnInsert": {
                "sender": sender,
                "recipient": wish.recipient.as_str(),
                "opted_out": false,
                "at": date(Timestamp::EPOCH),
            },
        },
        "upsert": true,
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
        let as_new = doc! { "$gte": date(wish.at) };
        let known = match wish.consent {
            Consent::Withdrawn => vec![
                doc! { "at": { "$gt": date(wish.at) } },
                doc! { "at": date(wish.at), "opted_out": true },
            ],
            Consent::Given => vec![doc! { "at": as_new }],
            Consent::Maybe => vec![doc! { "at": as_new.clone() }, doc! { "maybe_at": as_new }],
        };
        let noted = doc! { "_id": id(sender, &wish.recipient), "$or": known };
        stored_for_good(self.read(self.opt_outs.find_one(noted)).await?)?;
        Ok(())
    }

    async fn unwilling(&self, wishes: Document) -> Result<Vec<Address>> {
        let found = self.wishes(wishes).await?;
        Ok(found.into_iter().map(|wish| wish.recipient).collect())
    }

    async fn standing(&self, find: Find<'_, WishDocument>) -> Result<Vec<Standing>> {
        let found = async { find.await?.try_collect::<Vec<_>>().await };
        let found = self.read(found).await?;
        Ok(found.into_iter().map(Standing::from).collect())
    }

    async fn wishes(&self, filter: Document) -> Result<Vec<WishDocument>> {
        let find = self.opt_outs.find(filter);
        self.read(async { find.await?.try_collect().await }).await
    }
}

impl From<WishDocument> for Standing {
    fn from(document: WishDocument) -> Self {
        Self::of(
            document.recipient,
            document.sender,
            (document.opted_out, timestamp(document.at)),
            document.maybe_at.map(timestamp),
        )
    }
}
