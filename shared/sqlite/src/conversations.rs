use async_trait::async_trait;
use mysms_core::domain::{
    ANSWERED_WITHIN, Exchange, Inbound, MOST_EXCHANGED, Message, MessageId, Receiver, UserId,
};
use mysms_core::store::{Conversation, Conversations, Received, Result};
use sqlx::{QueryBuilder, Row, Sqlite as Driver, SqliteConnection};

use super::{Sqlite, row, unavailable};

#[async_trait]
impl Conversations for Sqlite {
    async fn receive(&self, inbound: &Inbound) -> Result<Received> {
        let mut transaction = self.begin().await?;
        if let Some(message) = row::with_sid(&mut *transaction, &inbound.sid).await? {
            transaction.commit().await?;
            let known = message.id != inbound.id;
            return Ok(Received { message, known });
        }
        let owner = match inbound.receiver {
            Receiver::User(user) => user,
            Receiver::Holder | Receiver::Claimer => {
                inbound.owner(exchanged_with_author(&mut transaction, inbound).await?)
            }
        };
        let message = inbound.clone().message_for(owner);
        row::insert(&mut transaction, &message).await?;
        transaction.commit().await?;
        Ok(Received {
            message,
            known: false,
        })
    }

    async fn conversations(
        &self,
        owner: UserId,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<Vec<Conversation>> {
        // One step through the index for each counterpart.
        let rows = sqlx::query(
            "WITH RECURSIVE counterparts (number) AS (
                 SELECT MIN(counterpart) FROM messages WHERE owner = ?1 AND visible = 1
                 UNION ALL
                 SELECT (SELECT MIN(counterpart) FROM messages
                         WHERE owner = ?1 AND visible = 1 AND counterpart > number)
                 FROM counterparts WHERE number IS NOT NULL
             ), newest (number, last) AS (
                 SELECT number, (SELECT MAX(id) FROM messages
                                 WHERE owner = ?1 AND visible = 1 AND counterpart = number)
                 FROM counterparts WHERE number IS NOT NULL
             )
             SELECT last, (SELECT COUNT(*) FROM messages
                           WHERE owner = ?1 AND unread = 1 AND counterpart = number)
             FROM newest WHERE ?2 IS NULL OR last < ?2 ORDER BY last DESC LIMIT ?3",
        )
        .bind(owner.as_uuid())
        .bind(before.map(MessageId::as_uuid))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await
        .map_err(unavailable)?;
        let mut conversations = Vec::new();
        for found in rows {
            let id = MessageId::from_uuid(found.get(0));
            let unread: i64 = found.get(1);
            // It may have been deleted since.
            if let Some(last) = self.shown(owner, id).await?
                && let Some(counterpart) = last.counterpart.clone()
            {
                conversations.push(Conversation {
                    counterpart,
                    last,
                    unread: unread.unsigned_abs(),
                });
            }
        }
        Ok(conversations)
    }
}

impl Sqlite {
    /// A message that its owner sees, without its timeline.
    async fn shown(&self, owner: UserId, id: MessageId) -> Result<Option<Message>> {
        let mut query = QueryBuilder::new(row::LIST.as_str());
        query.push_bind(owner.as_uuid());
        query.push(" AND visible = 1 AND id = ");
        query.push_bind(id.as_uuid());
        let found = query.build().fetch_optional(&self.readers).await;
        let found = found.map_err(unavailable)?;
        found.as_ref().map(row::message).transpose()
    }
}

/// What was exchanged with the author of a received text. A message of an earlier version does not tell
/// from where it was sent.
async fn exchanged_with_author(
    connection: &mut SqliteConnection,
    inbound: &Inbound,
) -> Result<Vec<Exchange>> {
    let since = inbound.at - ANSWERED_WITHIN;
    let mut written = QueryBuilder::new("SELECT * FROM messages WHERE counterpart");
    push_among(&mut written, inbound.authors());
    written.push(" AND direction = 'outbound' AND provider_sid IS NOT NULL AND provider_at >= ");
    written.push_bind(since.as_millis());
    written.push(" AND status");
    let taken = Exchange::TAKEN.map(|status| status.as_str().to_owned());
    push_among(&mut written, taken.into());
    written.push(" AND (sender IS NULL OR sender");
    push_among(&mut written, inbound.senders());
    written.push(") ORDER BY provider_at DESC LIMIT ");
    written.push_bind(MOST_EXCHANGED);
    let mut exchanges = self::exchanges(connection, written).await?;
    let mut given = QueryBuilder::new("SELECT * FROM messages WHERE counterpart");
    push_among(&mut given, inbound.authors());
    push_to_us(&mut given, inbound);
    given.push(" AND assigned_at >= ");
    given.push_bind(since.as_millis());
    given.push(" ORDER BY assigned_at DESC LIMIT ");
    given.push_bind(MOST_EXCHANGED);
    exchanges.extend(self::exchanges(connection, given).await?);
    let mut users: Vec<_> = exchanges.iter().map(Exchange::user).collect();
    users.sort_unstable();
    users.dedup();
    // Whom only one user ever wrote to, only that user can have the answers of.
    if users.len() > 1 {
        for user in users {
            let mut received = QueryBuilder::new("SELECT * FROM messages WHERE owner = ");
            received.push_bind(user.as_uuid());
            received.push(" AND visible = 1 AND counterpart");
            push_among(&mut received, inbound.authors());
            received.push(" AND direction = 'inbound'");
            push_to_us(&mut received, inbound);
            received.push(" AND id >= ");
            received.push_bind(MessageId::boundary(since).as_uuid());
            received.push(" ORDER BY id DESC LIMIT ");
            received.push_bind(MOST_EXCHANGED);
            exchanges.extend(self::exchanges(connection, received).await?);
        }
    }
    Ok(exchanges)
}

/// Requires that it was received by the address that a text was written to.
fn push_to_us(query: &mut QueryBuilder<Driver>, inbound: &Inbound) {
    query.push(" AND (recipient");
    push_among(query, inbound.senders());
    query.push(" OR sender");
    push_among(query, inbound.senders());
    query.push(")");
}

/// Requires that what stands before is one of some texts.
fn push_among(query: &mut QueryBuilder<Driver>, texts: Vec<String>) {
    query.push(" IN (");
    let mut list = query.separated(", ");
    for text in texts {
        list.push_bind(text);
    }
    query.push(")");
}

/// What the messages of a search say of who exchanged texts.
async fn exchanges(
    connection: &mut SqliteConnection,
    mut search: QueryBuilder<Driver>,
) -> Result<Vec<Exchange>> {
    let found = search.build().fetch_all(connection).await;
    let found = found.map_err(unavailable)?;
    let messages = found.iter().map(row::message);
    messages
        .filter_map(|message| message.map(|message| Exchange::of(&message)).transpose())
        .collect()
}
