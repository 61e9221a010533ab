use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::{self, Document, doc};
use serde::Deserialize;

use super::document::{date, read, timestamp};
use super::index::Index;
use super::statement::{self, among, held_among, named, open_in};
use super::{Collections, Mongo, STORE, answer, answer_unless_taken};
use crate::domain::{
    Body, Claim, Claimant, Fact, IdempotencyKey, Lane, LeaseToken, Message, MessageId, MessageSid,
    NewMessage, NextPoll, PhoneNumber, Timestamp, UserId,
};
use crate::store::{
    Adoption, FactOutcome, Inserted, Ledger, Result, Settlement, SidOwner, StoreError,
};

#[async_trait]
impl Ledger for Mongo {
    async fn insert(&self, new: NewMessage) -> Result<Inserted> {
        self.inserts.call(STORE, Message::from(new)).await?
    }

    async fn keyed(&self, owner: UserId, key: &IdempotencyKey) -> Result<Option<Message>> {
        self.db.first(statement::keyed(owner, key)).await
    }

    async fn read(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        self.db
            .all(self.db.messages.find(doc! { "_id": among(ids) }))
            .await
    }

    async fn due(
        &self,
        account: &str,
        lane: Lane,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        let statuses = lane.statuses().iter().map(|status| status.as_str());
        let filter = doc! {
            "account": account,
            "status": { "$in": statuses.collect::<Vec<_>>() },
            "wake_at": { "$lte": date(now) },
        };
        self.db.ids(filter, Index::Lanes, limit).await
    }

    async fn claim(
        &self,
        ids: &[MessageId],
        by: Claimant<'_>,
        claim: Claim,
    ) -> Result<Vec<Message>> {
        let claimed = statement::claim(ids, by, claim);
        answer(self.db.messages.update_many(claimed.filter, claimed.update)).await?;
        self.db.held(ids, claim.token).await
    }

    async fn expire(&self, id: MessageId, now: Timestamp) -> Result<bool> {
        self.db.change(statement::expire(id, now)).await
    }

    async fn settle(
        &self,
        id: MessageId,
        token: LeaseToken,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<bool> {
        self.db
            .change(statement::settle(id, token, &settlement, now))
            .await
    }

    async fn apply_fact(&self, fact: &Fact) -> Result<FactOutcome> {
        self.facts.call(STORE, fact.clone()).await?
    }

    async fn take_resolve(&self, id: MessageId, claim: Claim) -> Result<Option<Message>> {
        let taken = self.db.changed(statement::take_resolve(id, claim)).await?;
        match taken {
            Some(message) => Ok(Some(message)),
            None => Ok(self.db.held(&[id], claim.token).await?.pop()),
        }
    }

    async fn adopt(&self, id: MessageId, token: LeaseToken, fact: &Fact) -> Result<Adoption> {
        let adoption = statement::adopt(id, token, fact);
        let update = self
            .db
            .messages
            .update_one(adoption.filter, adoption.update);
        Ok(match answer_unless_taken(update).await? {
            Some(done) if done.matched_count == 1 => Adoption::Adopted,
            Some(_) => Adoption::NotHeld,
            None => Adoption::SidTaken,
        })
    }

    async fn take_poll(
        &self,
        id: MessageId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Message>> {
        self.db.changed(statement::take_poll(id, now, until)).await
    }

    async fn next_poll(&self, id: MessageId, next: NextPoll) -> Result<bool> {
        self.db.change(statement::next_poll(id, next)).await
    }

    async fn owners(&self, sids: &[MessageSid]) -> Result<Vec<SidOwner>> {
        let sids: Vec<_> = sids.iter().map(MessageSid::as_str).collect();
        let messages = self.db.messages.clone_with_type::<OwnerDocument>();
        let find = messages
            .find(doc! { "provider.sid": { "$in": sids } })
            .projection(doc! { "provider": 1 });
        let owners = self.db.read(async { find.await?.try_collect().await });
        let owners: Vec<_> = owners.await?;
        Ok(owners.into_iter().map(OwnerDocument::into).collect())
    }

    async fn being_sent(&self, account: &str, to: &PhoneNumber) -> Result<Vec<Body>> {
        let mut sending = open_in(account, Lane::Resolve);
        sending.insert("recipient", to.as_str());
        let messages = self.db.messages.clone_with_type::<BodyDocument>();
        let find = messages
            .find(sending)
            .hint(Index::Lanes.hint())
            .projection(doc! { "body": 1 });
        let found = self.db.read(async { find.await?.try_collect().await });
        let found: Vec<_> = found.await?;
        Ok(found
            .into_iter()
            .filter_map(|document| document.body)
            .collect())
    }
}

impl Collections {
    /// Answers an insert whose id or idempotency key is there already.
    pub(super) async fn stored_before(&self, message: &Message) -> Result<Inserted> {
        if let Some(known) = self.first(named(message.id)).await?
            && known.is_same_request(message)
        {
            return Ok(Inserted::Stored);
        }
        if let Some(idempotency) = &message.idempotency {
            let first = statement::keyed(message.owner, &idempotency.key);
            if let Some(first) = self.first(first).await? {
                return Ok(Inserted::KeyUsed(Box::new(first)));
            }
        }
        // What was in the way is gone or is another request's: the caller may repeat.
        Err(StoreError::unavailable(STORE, "the id is taken"))
    }

    /// Those of `ids` that `token` holds.
    async fn held(&self, ids: &[MessageId], token: LeaseToken) -> Result<Vec<Message>> {
        self.all(self.messages.find(held_among(ids, token))).await
    }

    /// The ids of at most `limit` messages that an index lists, in its order.
    pub(super) async fn ids(
        &self,
        filter: Document,
        index: Index,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        // MongoDB takes 0 for no limit at all.
        if limit == 0 {
            return Ok(Vec::new());
        }
        let messages = self.messages.clone_with_type::<IdDocument>();
        let find = messages
            .find(filter)
            .sort(index.order())
            .hint(index.hint())
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .batch_size(u32::try_from(limit).unwrap_or(u32::MAX))
            .projection(doc! { "_id": 1 });
        let found = self.read(async { find.await?.try_collect().await });
        let found: Vec<_> = found.await?;
        Ok(found
            .into_iter()
            .map(|document| MessageId::from_uuid(read(document.id)))
            .collect())
    }
}

#[derive(Deserialize)]
struct IdDocument {
    #[serde(rename = "_id")]
    id: bson::Uuid,
}

#[derive(Deserialize)]
struct BodyDocument {
    body: Option<Body>,
}

#[derive(Deserialize)]
struct OwnerDocument {
    #[serde(rename = "_id")]
    id: bson::Uuid,
    provider: ProviderDocument,
}

#[derive(Deserialize)]
struct ProviderDocument {
    sid: MessageSid,
    at: bson::DateTime,
}

impl From<OwnerDocument> for SidOwner {
    fn from(document: OwnerDocument) -> Self {
        Self {
            sid: document.provider.sid,
            id: MessageId::from_uuid(read(document.id)),
            at: timestamp(document.provider.at),
        }
    }
}
