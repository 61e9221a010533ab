use async_trait::async_trait;
use mysms_core::domain::{
    ANSWERED_WITHIN, Exchange, Inbound, MOST_EXCHANGED, Message, MessageId, UserId, holder,
};
use mysms_core::store::{Conversation, Conversations, Received, Result};
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
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
        let owner = match inbound.owner {
            Some(owner) => Some(owner),
            None => holder_of(&mut transaction, inbound).await?,
        };
        let message = inbound.clone().message_for(owner.unwrap_or(UserId::NOBODY));
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

/// Who holds the conversation that a received text belongs to. A message of an earlier version does not
/// tell from where it was sent.
async fn holder_of(connection: &mut SqliteConnection, inbound: &Inbound) -> Result<Option<UserId>> {
    let written = sqlx::query(
        "SELECT * FROM messages
         WHERE counterpart = ?1 AND direction = 'outbound' AND provider_sid IS NOT NULL
             AND provider_at >= ?4 AND status IN (?6, ?7, ?8)
             AND (sender IS NULL OR sender = ?2 OR sender = ?3)
         ORDER BY provider_at DESC LIMIT ?5",
    )
    .bind(inbound.from.as_str().to_owned())
    .bind(inbound.to.as_str().to_owned())
    .bind(inbound.service.clone())
    .bind((inbound.at - ANSWERED_WITHIN).as_millis())
    .bind(MOST_EXCHANGED);
    let taken = Exchange::TAKEN.into_iter();
    let written = taken.fold(written, |query, status| query.bind(status.as_str()));
    let mut exchanges = exchanges(connection, written).await?;
    let mut users: Vec<_> = exchanges.iter().map(Exchange::user).collect();
    users.sort_unstable();
    users.dedup();
    // Whom only one user ever wrote to, only that user can have the answers of.
    if users.len() > 1 {
        for user in users {
            let received = sqlx::query(
                "SELECT * FROM messages
                 WHERE owner = ?1 AND visible = 1 AND counterpart = ?2 AND direction = 'inbound'
                     AND recipient = ?3 AND id >= ?4
                 ORDER BY id DESC LIMIT ?5",
            )
            .bind(user.as_uuid())
            .bind(inbound.from.as_str().to_owned())
            .bind(inbound.to.as_str().to_owned())
            .bind(MessageId::boundary(inbound.at - ANSWERED_WITHIN).as_uuid())
            .bind(MOST_EXCHANGED);
            exchanges.extend(self::exchanges(connection, received).await?);
        }
    }
    Ok(holder(exchanges, inbound.at))
}

/// What the messages of a search say of who exchanged texts.
async fn exchanges(
    connection: &mut SqliteConnection,
    search: Query<'_, Driver, SqliteArguments>,
) -> Result<Vec<Exchange>> {
    let found = search.fetch_all(connection).await.map_err(unavailable)?;
    let messages = found.iter().map(row::message);
    messages
        .filter_map(|message| message.map(|message| Exchange::of(&message)).transpose())
        .collect()
}
