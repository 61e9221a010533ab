use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::action::Find;
use mongodb::bson::{self, Bson, doc};
use mysms_core::domain::{
    ANSWERED_WITHIN, Address, Direction, Exchange, Inbound, MOST_EXCHANGED, Message, MessageId,
    Position, Receiver, Status, UserId,
};
use mysms_core::store::{
    Among, Conversation, Conversations, Excerpt, Order, Overview, Received, Result, With,
};
use serde::Deserialize;

use super::document::{self, MessageDocument, StoredMessage, date, stored};
use super::filter::{all_of, among, unread_of};
use super::index::Index;
use super::{Collections, Mongo, answer_unless_taken, stored_for_good};

#[async_trait]
impl Conversations for Mongo {
    async fn receive(&self, inbound: &Inbound) -> Result<Received> {
        let owner = match inbound.receiver {
            Receiver::User(user) => user,
            Receiver::Holder | Receiver::Claimer => self.db.surely_owned_by(inbound).await?,
        };
        let message = inbound.clone().message_for(owner);
        let documents = self.db.messages.clone_with_type::<StoredMessage<'_>>();
        let insert = documents.insert_one(StoredMessage::from(&message));
        if answer_unless_taken(insert.into_future()).await?.is_some() {
            return Ok(Received {
                message,
                known: false,
            });
        }
        // It was told before, or is being told to another process, whose insert may yet be rolled back.
        let known = self.db.with_sid(&inbound.sid).await?;
        let message = stored_for_good(known)?;
        let known = message.id != inbound.id;
        Ok(Received { message, known })
    }

    async fn conversations(&self, owner: UserId, wanted: &Overview) -> Result<Vec<Conversation>> {
        let newest = self.db.newest_of_each(owner, wanted).await?;
        let ids: Vec<_> = newest.iter().map(|newest| newest.last).collect();
        let numbers: Vec<_> = newest
            .into_iter()
            .map(|newest| newest.counterpart)
            .collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut of_page = all_of(owner);
        of_page.insert("_id", among(&ids));
        let find = self
            .db
            .messages
            .find(of_page)
            .hint(Index::Made.hint())
            .projection(doc! { "timeline": 0 });
        let (messages, unread) =
            tokio::try_join!(self.db.all(find), self.db.unread(owner, &numbers))?;
        let mut conversations: Vec<_> = messages
            .into_iter()
            .filter_map(|last| {
                let counterpart = last.counterpart.clone()?;
                let unread = unread.get(&counterpart).copied().unwrap_or_default();
                Some(Conversation {
                    counterpart,
                    last,
                    unread,
                })
            })
            .collect();
        conversations.sort_by_key(|conversation| std::cmp::Reverse(conversation.last.position()));
        Ok(conversations)
    }

    async fn last_positions(
        &self,
        owner: UserId,
        counterparts: &[Address],
    ) -> Result<Vec<(Address, Position)>> {
        self.db.last_positions(owner, counterparts).await
    }

    async fn counterparts(&self, owner: UserId, with: &With) -> Result<Vec<Address>> {
        self.db.counterparts(owner, with).await
    }

    async fn exchanged(&self, owner: UserId, wanted: &Excerpt) -> Result<Vec<Message>> {
        // MongoDB takes 0 for no limit at all.
        if wanted.limit == 0 {
            return Ok(Vec::new());
        }
        let (beyond, direction) = match wanted.order {
            Order::OldestFirst => ("$gt", 1),
            Order::NewestFirst => ("$lt", -1),
        };
        let mut filter = all_of(owner);
        filter.insert("counterpart", wanted.counterpart.as_str());
        if let Some(after) = wanted.after {
            filter.insert("position", doc! { beyond: stored(after.as_uuid()) });
        }
        let find = self
            .db
            .messages
            .find(filter)
            .sort(doc! { "position": direction })
            .hint(Index::Conversation.hint())
            .limit(i64::try_from(wanted.limit).unwrap_or(i64::MAX))
            .batch_size(u32::try_from(wanted.limit).unwrap_or(u32::MAX))
            .projection(doc! { "timeline": 0 });
        self.db.all(find).await
    }
}

/// The newest message of a conversation.
#[derive(Deserialize)]
struct Newest {
    #[serde(rename = "_id")]
    counterpart: Address,
    #[serde(deserialize_with = "message_id")]
    last: MessageId,
}

fn message_id<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<MessageId, D::Error> {
    let id = bson::Uuid::deserialize(deserializer)?;
    Ok(MessageId::from_uuid(document::read(id)))
}

#[derive(Deserialize)]
struct Unread {
    #[serde(rename = "_id")]
    counterpart: Address,
    count: i64,
}

impl Collections {
    /// Whose a received text is by what was exchanged with its author, for good: no later look would find
    /// that it is another user's.
    async fn surely_owned_by(&self, inbound: &Inbound) -> Result<UserId> {
        let election = self.elections.latest();
        let exchanges = self.exchanged_with_author(inbound).await?;
        self.no_other_knows_more().await?;
        self.require_no_election_since(election)?;
        Ok(inbound.owner(exchanges))
    }

    /// What was exchanged with the author of a received text, as far as it is known. A message of an earlier
    /// version does not tell from where it was sent.
    async fn exchanged_with_author(&self, inbound: &Inbound) -> Result<Vec<Exchange>> {
        let since = inbound.at - ANSWERED_WITHIN;
        let to = doc! { "$in": inbound.senders() };
        let to_us = vec![doc! { "recipient": &to }, doc! { "sender": &to }];
        let authors = doc! { "$in": inbound.authors() };
        let mut senders: Vec<_> = inbound.senders().into_iter().map(Bson::from).collect();
        senders.push(Bson::Null);
        let written = self
            .messages
            .find(doc! {
                "counterpart": authors.clone(),
                "direction": Direction::Outbound.as_str(),
                "provider.at": { "$gte": date(since) },
                "status": { "$in": Exchange::TAKEN.map(Status::as_str).to_vec() },
                "sender": { "$in": senders },
            })
            .hint(Index::Taken.hint());
        let given = self
            .messages
            .find(doc! {
                "counterpart": authors.clone(),
                "assigned_at": { "$gte": date(since) },
                "$or": to_us.clone(),
            })
            .hint(Index::Assigned.hint());
        let (mut exchanges, given) = tokio::try_join!(
            self.exchanges(written.sort(Index::Taken.order())),
            self.exchanges(given.sort(Index::Assigned.order())),
        )?;
        exchanges.extend(given);
        let users: HashSet<_> = exchanges.iter().map(Exchange::user).collect();
        let users: Vec<_> = users
            .into_iter()
            .map(|user| stored(user.as_uuid()))
            .collect();
        // Whom only one user ever wrote to, only that user can have the answers of.
        if users.len() > 1 {
            let received = self
                .messages
                .find(doc! {
                    "owner": { "$in": users },
                    "visible": true,
                    "counterpart": authors,
                    "direction": Direction::Inbound.as_str(),
                    "$or": to_us,
                    "_id": { "$gte": stored(MessageId::boundary(since).as_uuid()) },
                })
                .hint(Index::Counterpart.hint());
            exchanges.extend(self.exchanges(received.sort(doc! { "_id": -1 })).await?);
        }
        Ok(exchanges)
    }

    /// What the newest messages of a search say of who exchanged texts.
    async fn exchanges(&self, find: Find<'_, MessageDocument>) -> Result<Vec<Exchange>> {
        let find = find
            .limit(i64::from(MOST_EXCHANGED))
            .projection(doc! { "timeline": 0, "body": 0, "media": 0 });
        let messages = self.all(find).await?;
        Ok(messages.iter().filter_map(Exchange::of).collect())
    }

    /// The server reads one key of the index for each counterpart.
    async fn newest_of_each(&self, owner: UserId, wanted: &Overview) -> Result<Vec<Newest>> {
        let mut shown = doc! { "_id": { "$ne": Bson::Null } };
        if let Some(part) = &wanted.number {
            shown.insert("number", doc! { "$regex": part.digits() });
        }
        let numbers = |listed: &[Address]| -> Vec<String> {
            listed.iter().map(|it| it.as_str().to_owned()).collect()
        };
        // Beside a part of a number, which is looked for in the same field.
        match &wanted.among {
            Among::All => {}
            Among::Only(listed) => {
                shown.insert("$and", [doc! { "number": { "$in": numbers(listed) } }]);
            }
            Among::Except(listed) => {
                shown.insert("$and", [doc! { "number": { "$nin": numbers(listed) } }]);
            }
        }
        if let Some(before) = wanted.before {
            shown.insert("position", doc! { "$lt": stored(before.as_uuid()) });
        }
        let newest = doc! {
            "_id": "$counterpart",
            "last": { "$first": "$_id" },
            "position": { "$first": "$position" },
            // A pattern for what is grouped by would be looked for first, in every key.
            "number": { "$first": "$counterpart" },
        };
        let pipeline = [
            doc! { "$match": all_of(owner) },
            doc! { "$sort": { "counterpart": 1, "position": -1 } },
            doc! { "$group": newest },
            doc! { "$match": shown },
            doc! { "$sort": { "position": -1 } },
            doc! { "$limit": i64::try_from(wanted.limit).unwrap_or(i64::MAX).max(1) },
        ];
        let aggregate = self.messages.aggregate(pipeline);
        let newest = aggregate
            .hint(Index::Conversation.hint())
            .with_type::<Newest>();
        self.read(async { newest.await?.try_collect().await }).await
    }

    /// How many messages of each counterpart a user has not seen.
    async fn unread(
        &self,
        owner: UserId,
        counterparts: &[Address],
    ) -> Result<HashMap<Address, u64>> {
        let mut filter = unread_of(owner);
        let numbers: Vec<_> = counterparts.iter().map(Address::as_str).collect();
        filter.insert("counterpart", doc! { "$in": numbers });
        let counted = self
            .messages
            .aggregate([
                doc! { "$match": filter },
                doc! { "$group": { "_id": "$counterpart", "count": { "$sum": 1_i64 } } },
            ])
            .hint(Index::Unread.hint())
            .with_type::<Unread>();
        let counted = self.read(async { counted.await?.try_collect().await });
        let counts: Vec<Unread> = counted.await?;
        Ok(counts
            .into_iter()
            .map(|unread| (unread.counterpart, unread.count.unsigned_abs()))
            .collect())
    }
}
