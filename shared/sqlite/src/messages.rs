use async_trait::async_trait;
use mysms_core::chain::Chain;
use mysms_core::domain::{
    Address, Class, Content, IdempotencyKey, Lane, Message, MessageId, OwnError, PhoneNumber,
    Position, ProviderId, Restored, Status, Timestamp, UserId,
};
use mysms_core::store::{Inserted, MessageStore, Result, SidOwner, StoreError, Swap, Swapped};
use sqlx::sqlite::{SqliteExecutor, SqliteRow};
use sqlx::{QueryBuilder, Row, Sqlite as Driver, SqliteConnection};
use uuid::Uuid;

use super::{Sqlite, row, unavailable};

#[async_trait]
impl MessageStore for Sqlite {
    async fn insert(&self, message: Message) -> Result<Inserted> {
        self.group
            .change(move |connection| Box::pin(insert(connection, message)))
            .await
    }

    async fn swap(&self, swaps: &[Swap]) -> Result<Vec<Swapped>> {
        let erases = |wanted: &Swap| wanted.after.body.is_none() && !wanted.after.visible;
        if swaps.iter().any(erases) {
            self.note_erasure();
        }
        if let [Swap { seen, after }] = swaps {
            let (seen, after) = (*seen, after.clone());
            let change = self.group.change(move |connection| {
                Box::pin(async move { swap(connection, seen, &after).await })
            });
            return Ok(vec![change.await?]);
        }
        let mut transaction = self.begin().await?;
        let mut outcomes = Vec::new();
        for Swap { seen, after } in swaps {
            outcomes.push(swap(&mut transaction, *seen, after).await?);
        }
        transaction.commit().await?;
        Ok(outcomes)
    }

    async fn read(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        let mut query = QueryBuilder::new("SELECT * FROM messages WHERE id IN (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id.as_uuid());
        }
        query.push(")");
        let rows = self.rows(query).await?;
        match ids {
            [_] => rows.iter().map(row::message).collect(),
            _ => Ok(readable(&rows)),
        }
    }

    async fn keyed(&self, owner: UserId, key: &IdempotencyKey) -> Result<Option<Message>> {
        keyed(&self.deciders, owner, key).await
    }

    async fn with_sid(&self, sid: &ProviderId) -> Result<Option<Message>> {
        row::with_sid(&self.deciders, sid).await
    }

    async fn owners(&self, sids: &[ProviderId]) -> Result<Vec<SidOwner>> {
        let mut query = QueryBuilder::new(
            "SELECT provider_sid, id, provider_at FROM messages WHERE provider_sid IN (",
        );
        let mut list = query.separated(", ");
        for sid in sids {
            list.push_bind(sid.as_str().to_owned());
        }
        query.push(")");
        let rows = query
            .build()
            .fetch_all(&self.deciders)
            .await
            .map_err(unavailable)?;
        rows.iter().map(sid_owner).collect()
    }

    /// A file has no other servers.
    async fn confirm_absence(&self) -> Result<()> {
        Ok(())
    }

    async fn due(
        &self,
        account: &str,
        lane: Lane,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        if lane == Lane::Erase {
            return self.to_erase(account, now, limit).await;
        }
        let mut due = Vec::new();
        // A query for each status reads its part of the index in order and stops at the limit.
        for status in lane.statuses() {
            let rows = sqlx::query(
                "SELECT wake_at, id FROM messages
                 WHERE account = ? AND status = ? AND wake_at <= ? ORDER BY wake_at LIMIT ?",
            )
            .bind(account.to_owned())
            .bind(status.as_str())
            .bind(now.as_millis())
            .bind(at_most(limit))
            .fetch_all(&self.deciders)
            .await
            .map_err(unavailable)?;
            for row in rows {
                due.push((row.get::<i64, _>(0), row.get::<Uuid, _>(1)));
            }
        }
        due.sort_unstable();
        due.truncate(limit);
        Ok(due
            .into_iter()
            .map(|(_, id)| MessageId::from_uuid(id))
            .collect())
    }

    async fn being_sent(&self, account: &str, to: &PhoneNumber) -> Result<Vec<Content>> {
        let rows = sqlx::query(
            "SELECT body, media FROM messages
             WHERE account = ? AND status = 'sending' AND wake_at IS NOT NULL AND recipient = ?",
        )
        .bind(account.to_owned())
        .bind(to.as_str().to_owned())
        .fetch_all(&self.deciders)
        .await
        .map_err(unavailable)?;
        rows.iter().map(row::content).collect()
    }

    async fn given_up(
        &self,
        account: &str,
        to: &PhoneNumber,
        since: Timestamp,
    ) -> Result<Vec<Content>> {
        let rows = sqlx::query(
            "SELECT body, media FROM messages
             WHERE direction = 'outbound' AND counterpart = ?
               AND account = ? AND error_code = ? AND last_claim_at >= ?",
        )
        .bind(to.as_str().to_owned())
        .bind(account.to_owned())
        .bind(OwnError::OutcomeUnknown.as_str())
        .bind(since.as_millis())
        .fetch_all(&self.deciders)
        .await
        .map_err(unavailable)?;
        rows.iter().map(row::content).collect()
    }

    async fn tried(&self, account: &str, to: &PhoneNumber, limit: usize) -> Result<Vec<Message>> {
        self.tried_to(account, to, limit).await
    }

    async fn has_twin_in_doubt(&self, message: &Message) -> Result<bool> {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM messages
                 WHERE account = ? AND status = 'sending' AND wake_at IS NOT NULL
                   AND recipient = ? AND body IS ? AND id <> ?)",
        )
        .bind(message.account.clone())
        .bind(message.recipient.clone().map(String::from))
        .bind(row::stored_text(message.body.as_ref()))
        .bind(message.id.as_uuid())
        .fetch_one(&self.deciders)
        .await
        .map_err(unavailable)
    }

    async fn undeleted(&self, owner: UserId, limit: usize) -> Result<Vec<Message>> {
        let mut query = QueryBuilder::new("SELECT * FROM messages WHERE owner = ");
        query.push_bind(owner.as_uuid());
        query.push(" AND visible = 1 ORDER BY id LIMIT ");
        query.push_bind(at_most(limit));
        self.messages(query).await
    }

    async fn undeleted_with(
        &self,
        owner: UserId,
        counterpart: &Address,
        up_to: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let mut query =
            QueryBuilder::new("SELECT * FROM messages INDEXED BY messages_position WHERE owner = ");
        query.push_bind(owner.as_uuid());
        query.push(" AND visible = 1 AND counterpart = ");
        query.push_bind(counterpart.as_str().to_owned());
        if let Some(last) = up_to {
            query.push(" AND position <= ");
            query.push_bind(last.as_uuid());
        }
        query.push(" LIMIT ");
        query.push_bind(at_most(limit));
        self.messages(query).await
    }

    async fn unread(
        &self,
        owner: UserId,
        counterpart: &Address,
        up_to: Option<Position>,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let mut query = QueryBuilder::new("SELECT * FROM messages WHERE owner = ");
        query.push_bind(owner.as_uuid());
        query.push(" AND unread = 1 AND counterpart = ");
        query.push_bind(counterpart.as_str().to_owned());
        // What was received stands at its id.
        if let Some(last) = up_to {
            query.push(" AND id <= ");
            query.push_bind(last.as_uuid());
        }
        query.push(" LIMIT ");
        query.push_bind(at_most(limit));
        self.messages(query).await
    }

    async fn queued_to(
        &self,
        recipient: &Address,
        senders: &[String],
        limit: usize,
    ) -> Result<Vec<Message>> {
        let mut query = QueryBuilder::new("SELECT * FROM messages WHERE counterpart = ");
        query.push_bind(recipient.as_str().to_owned());
        // A message of an earlier version does not tell from where it is to be sent.
        query.push(
            " AND direction = 'outbound' AND status = 'queued' AND (sender IS NULL OR sender IN (",
        );
        let mut list = query.separated(", ");
        for sender in senders {
            list.push_bind(sender.clone());
        }
        query.push(")) LIMIT ");
        query.push_bind(at_most(limit));
        self.messages(query).await
    }

    async fn waiting(
        &self,
        account: &str,
        senders: &[&str],
        class: Class,
        limit: usize,
    ) -> Result<Vec<Message>> {
        self.heads(account, senders, class, limit).await
    }

    async fn waited_for(&self, account: &str) -> Result<Vec<String>> {
        self.senders_with_turns(account).await
    }

    async fn open_from(
        &self,
        account: &str,
        sender: &str,
        status: Status,
        limit: usize,
    ) -> Result<Vec<Message>> {
        self.all_open(account, sender, status, limit).await
    }

    async fn made_within(
        &self,
        after: MessageId,
        before: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "SELECT id FROM messages WHERE id > ? AND id < ? ORDER BY id LIMIT ?",
        )
        .bind(after.as_uuid())
        .bind(MessageId::boundary(before).as_uuid())
        .bind(at_most(limit))
        .fetch_all(&self.deciders)
        .await
        .map_err(unavailable)?;
        Ok(ids.into_iter().map(MessageId::from_uuid).collect())
    }

    async fn doubtful(&self, restored: Restored, limit: usize) -> Result<Vec<Message>> {
        let mut query = QueryBuilder::new(
            "SELECT * FROM messages WHERE wake_at IS NOT NULL AND (status = 'queued' AND not_before <= ",
        );
        query.push_bind(restored.until.as_millis());
        query.push(" OR status = 'sending' AND last_claim_at < ");
        query.push_bind(restored.now.as_millis());
        query.push(") LIMIT ");
        query.push_bind(at_most(limit));
        self.messages(query).await
    }

    async fn forget_erased(&self) {
        self.empty_log_if_erased().await;
    }
}

impl Sqlite {
    async fn messages(&self, query: QueryBuilder<Driver>) -> Result<Vec<Message>> {
        Ok(readable(&self.rows(query).await?))
    }

    /// Each number of ids makes a statement of its own, which is not worth keeping.
    async fn rows(&self, mut query: QueryBuilder<Driver>) -> Result<Vec<SqliteRow>> {
        let rows = query.build().persistent(false).fetch_all(&self.deciders);
        rows.await.map_err(unavailable)
    }
}

/// Leaves out those that this program cannot read: they would keep it from all the others.
pub(super) fn readable(rows: &[SqliteRow]) -> Vec<Message> {
    let read = |row: &SqliteRow| match row::message(row) {
        Ok(message) => Some(message),
        Err(error) => {
            let id = row.try_get::<Uuid, _>("id").ok();
            let error = Chain(&error);
            tracing::error!(?id, %error, "a message cannot be read and is left alone");
            None
        }
    };
    rows.iter().filter_map(read).collect()
}

async fn insert(connection: &mut SqliteConnection, message: Message) -> Result<Inserted> {
    if let Some(known) = row::load(connection, message.id).await?
        && known.is_same_request(&message)
    {
        return Ok(Inserted::Stored);
    }
    if let Some(idempotency) = &message.idempotency
        && let Some(first) = keyed(&mut *connection, message.owner, &idempotency.key).await?
    {
        return Ok(Inserted::KeyUsed(Box::new(first)));
    }
    row::insert(connection, &message).await?;
    Ok(Inserted::Stored)
}

async fn swap(connection: &mut SqliteConnection, seen: u32, after: &Message) -> Result<Swapped> {
    if let Some(own) = &after.provider {
        let owner = row::with_sid(&mut *connection, &own.sid).await?;
        if owner.is_some_and(|owner| owner.id != after.id) {
            return Ok(Swapped::SidTaken);
        }
    }
    let written = row::replace(connection, seen, after).await?;
    Ok(if written {
        Swapped::Written
    } else {
        Swapped::Conflict
    })
}

fn sid_owner(row: &SqliteRow) -> Result<SidOwner> {
    let sid: String = row.get(0);
    Ok(SidOwner {
        sid: ProviderId::try_from(sid).map_err(|error| StoreError::corrupt("a SID", error))?,
        id: MessageId::from_uuid(row.get(1)),
        at: Timestamp::from_millis(row.get(2)),
    })
}

async fn keyed(
    executor: impl SqliteExecutor<'_>,
    owner: UserId,
    key: &IdempotencyKey,
) -> Result<Option<Message>> {
    let found = sqlx::query("SELECT * FROM messages WHERE owner = ? AND idempotency_key = ?")
        .bind(owner.as_uuid())
        .bind(key.to_string())
        .fetch_optional(executor)
        .await
        .map_err(unavailable)?;
    found.as_ref().map(row::message).transpose()
}

pub(super) fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
