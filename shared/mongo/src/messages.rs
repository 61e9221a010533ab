use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::{self, Bson, Document, doc};
use mysms_core::domain::{
    Address, Body, Class, Content, Direction, IdempotencyKey, Lane, Media, Message, MessageId,
    OwnError, PhoneNumber, Position, ProviderId, Restored, Status, Timestamp, UserId,
};
use mysms_core::store::{Inserted, MessageStore, Result, SidOwner, Swap, Swapped, Upkeep};
use serde::Deserialize;

use super::document::{date, read, stored, stored_text, timestamp};
use super::filter::{all_of, among, index_of, keyed, open_in, rung_in, unread_of};
use super::index::Index;
use super::{Collections, Mongo, STORE};

#[async_trait]
impl MessageStore for Mongo {
    async fn insert(&self, message: Message) -> Result<Inserted> {
        self.inserts.call(STORE, (), message).await?
    }

    async fn swap(&self, swaps: &[Swap]) -> Result<Vec<Swapped>> {
        self.db.swap(swaps).await
    }

    async fn read(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        let find = self.db.messages.find(doc! { "_id": among(ids) });
        match ids {
            [_] => self.db.all(find).await,
            _ => self.db.readable(find).await,
        }
    }

    async fn keyed(&self, owner: UserId, key: &IdempotencyKey) -> Result<Option<Message>> {
        self.db.first(keyed(owner, key)).await
    }

    async fn with_sid(&self, sid: &ProviderId) -> Result<Option<Message>> {
        self.db.with_sid(sid).await
    }

    async fn owners(&self, sids: &[ProviderId]) -> Result<Vec<SidOwner>> {
        let sids: Vec<_> = sids.iter().map(ProviderId::as_str).collect();
        let messages = self.db.messages.clone_with_type::<OwnerDocument>();
        let find = messages
            .find(doc! { "provider.sid": { "$in": sids } })
            .projection(doc! { "provider": 1 });
        let owners = self.db.read(async { find.await?.try_collect().await });
        let owners: Vec<_> = owners.await?;
        Ok(owners.into_iter().map(OwnerDocument::into).collect())
    }

    async fn confirm_absence(&self) -> Result<()> {
        self.db.no_other_knows_more().await
    }

    async fn due(
        &self,
        account: &str,
        lane: Lane,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        let rung = rung_in(account, lane, now);
        self.db.ids(rung, index_of(lane), limit).await
    }

    async fn being_sent(&self, account: &str, to: &PhoneNumber) -> Result<Vec<Content>> {
        let mut sending = open_in(account, Lane::Resolve);
        sending.insert("recipient", to.as_str());
        self.db.contents(sending, Index::Lanes).await
    }

    async fn given_up(
        &self,
        account: &str,
        to: &PhoneNumber,
        since: Timestamp,
    ) -> Result<Vec<Content>> {
        let given_up = doc! {
            "direction": Direction::Outbound.as_str(),
            "counterpart": to.as_str(),
            "account": account,
            "error_code": OwnError::OutcomeUnknown.as_str(),
            "last_claim_at": { "$gte": date(since) },
        };
        self.db.contents(given_up, Index::Correspondents).await
    }

    async fn tried(&self, account: &str, to: &PhoneNumber, limit: usize) -> Result<Vec<Message>> {
        let has_begun = doc! { "$gte": date(Timestamp::EPOCH) };
        let mut sending = open_in(account, Lane::Resolve);
        sending.extend(doc! { "recipient": to.as_str(), "first_attempt_at": &has_begun });
        let waiting = doc! {
            "account": account,
            "recipient": to.as_str(),
            "status": Status::Queued.as_str(),
            "first_attempt_at": has_begun,
        };
        let mut tried = self.db.some(sending, Index::Lanes, limit).await?;
        let room = limit - tried.len();
        tried.extend(self.db.some(waiting, Index::Tried, room).await?);
        Ok(tried)
    }

    async fn has_twin_in_doubt(&self, message: &Message) -> Result<bool> {
        let (Some(recipient), Some(body)) = (&message.recipient, &message.body) else {
            return Ok(false);
        };
        let mut twin = open_in(&message.account, Lane::Resolve);
        twin.extend(doc! {
            "recipient": recipient.as_str(),
            // Null is what an empty one is: absent.
            "body": stored_text(Some(body)),
            "_id": { "$ne": stored(message.id.as_uuid()) },
        });
        let found = self.db.ids(twin, Index::Lanes, 1).await?;
        Ok(!found.is_empty())
    }

    async fn undeleted(&self, owner: UserId, limit: usize) -> Result<Vec<Message>> {
        self.db.some(all_of(owner), Index::History, limit).await
    }

    async fn undeleted_with(
        &self,
        owner: UserId,
        counterpart: &Address,
        up_to: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let mut filter = all_of(owner);
        filter.insert("counterpart", counterpart.as_str());
        if let Some(last) = up_to {
            filter.insert("position", doc! { "$lte": stored(last.as_uuid()) });
        }
        self.db.some(filter, Index::Conversation, limit).await
    }

    async fn unread(
        &self,
        owner: UserId,
        counterpart: &Address,
        up_to: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let mut filter = unread_of(owner);
        filter.insert("counterpart", counterpart.as_str());
        // What was received stands at its id.
        if let Some(last) = up_to {
            filter.insert("_id", doc! { "$lte": stored(last.as_uuid()) });
        }
        self.db.some(filter, Index::Unread, limit).await
    }

    async fn queued_to(
        &self,
        recipient: &Address,
        senders: &[String],
        limit: usize,
    ) -> Result<Vec<Message>> {
        let mut senders: Vec<_> = senders.iter().cloned().map(Bson::from).collect();
        // A message of an earlier version does not tell from where it is to be sent.
        senders.push(Bson::Null);
        let filter = doc! {
            "counterpart": recipient.as_str(),
            "direction": Direction::Outbound.as_str(),
            "status": Status::Queued.as_str(),
            "sender": { "$in": senders },
        };
        self.db.some(filter, Index::Correspondents, limit).await
    }

    async fn waiting(
        &self,
        account: &str,
        senders: &[&str],
        class: Class,
        limit: usize,
    ) -> Result<Vec<Message>> {
        self.db.heads(account, senders, class, limit).await
    }

    async fn waited_for(&self, account: &str) -> Result<Vec<String>> {
        self.db.senders_with_turns(account).await
    }

    async fn open_from(
        &self,
        account: &str,
        sender: &str,
        status: Status,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let open = doc! {
            "account": account,
            "status": status.as_str(),
            "wake_at": { "$gte": date(Timestamp::EPOCH) },
            "sender": sender,
        };
        self.db.some(open, Index::Lanes, limit).await
    }

    async fn made_within(
        &self,
        after: MessageId,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        let bound = |id: MessageId| stored(id.as_uuid());
        let end = bound(MessageId::boundary(before));
        let within = doc! { "_id": { "$gt": bound(after), "$lt": end } };
        self.db.ids(within, Index::Made, limit).await
    }

    async fn doubtful(&self, restored: Restored, limit: usize) -> Result<Vec<Message>> {
        let queued = doc! {
            "status": Status::Queued.as_str(),
            "not_before": { "$lte": date(restored.until) },
        };
        let sending = doc! {
            "status": Status::Sending.as_str(),
            "last_claim_at": { "$lt": date(restored.now) },
        };
        let mut found = Vec::new();
        for account in self.open_accounts().await? {
            for mut open in [queued.clone(), sending.clone()] {
                open.insert("account", &account);
                let room = limit - found.len();
                found.extend(self.db.some(open, Index::Lanes, room).await?);
            }
        }
        Ok(found)
    }
}

impl Collections {
    pub(super) async fn with_sid(&self, sid: &ProviderId) -> Result<Option<Message>> {
        self.first(doc! { "provider.sid": sid.as_str() }).await
    }

    /// At most `limit` messages that an index lists.
    async fn some(&self, filter: Document, index: Index, limit: usize) -> Result<Vec<Message>> {
        // MongoDB takes 0 for no limit at all.
        if limit == 0 {
            return Ok(Vec::new());
        }
        let find = self
            .messages
            .find(filter)
            .hint(index.hint())
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .batch_size(u32::try_from(limit).unwrap_or(u32::MAX));
        self.readable(find).await
    }

    /// The ids of at most `limit` messages that an index lists, in its order.
    /// What messages say and bring.
    async fn contents(&self, filter: Document, index: Index) -> Result<Vec<Content>> {
        let messages = self.messages.clone_with_type::<ContentDocument>();
        let find = messages
            .find(filter)
            .hint(index.hint())
            .projection(doc! { "body": 1, "media": 1 });
        let found = self.read(async { find.await?.try_collect().await });
        let found: Vec<ContentDocument> = found.await?;
        Ok(found.into_iter().map(ContentDocument::content).collect())
    }

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
struct ContentDocument {
    body: Option<Body>,
    #[serde(default)]
    media: Media,
}

impl ContentDocument {
    fn content(self) -> Content {
        let Self { body, media } = self;
        let body = body.unwrap_or_else(Body::empty);
        Content { body, media }
    }
}

#[derive(Deserialize)]
struct OwnerDocument {
    #[serde(rename = "_id")]
    id: bson::Uuid,
    provider: ProviderDocument,
}

#[derive(Deserialize)]
struct ProviderDocument {
    sid: ProviderId,
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
