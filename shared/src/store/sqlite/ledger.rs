use async_trait::async_trait;
use sqlx::sqlite::{SqliteExecutor, SqliteRow};
use sqlx::{QueryBuilder, Row, SqliteConnection};
use uuid::Uuid;

use super::fact::{apply_fact, by_sid};
use super::{Sqlite, row, unavailable};
use crate::domain::{
    Body, Claim, Claimant, Fact, IdempotencyKey, Lane, LeaseToken, Message, MessageId, MessageSid,
    NewMessage, NextPoll, PhoneNumber, Timestamp, UserId,
};
use crate::store::{
    Adoption, FactOutcome, Inserted, Ledger, NotSent, Result, Settlement, SidOwner, StoreError,
};

impl Sqlite {
    /// Lets `change` alter a message, and stores it if it says that it did.
    pub(super) async fn change(
        &self,
        id: MessageId,
        change: impl FnOnce(&mut Message) -> bool + Send + 'static,
    ) -> Result<Option<Message>> {
        self.group
            .change(move |connection| {
                Box::pin(async move {
                    let Some(mut message) = row::load(connection, id).await? else {
                        return Ok(None);
                    };
                    if !change(&mut message) {
                        return Ok(None);
                    }
                    row::save(connection, &message).await?;
                    Ok(Some(message))
                })
            })
            .await
    }
}

#[async_trait]
impl Ledger for Sqlite {
    async fn insert(&self, new: NewMessage) -> Result<Inserted> {
        let message = Message::from(new);
        self.group
            .change(move |connection| Box::pin(insert(connection, message)))
            .await
    }

    async fn keyed(&self, owner: UserId, key: &IdempotencyKey) -> Result<Option<Message>> {
        keyed(&self.readers, owner, key).await
    }

    async fn read(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        let mut query = QueryBuilder::new("SELECT * FROM messages WHERE id IN (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id.as_uuid());
        }
        query.push(")");
        let rows = query
            .build()
            .fetch_all(&self.readers)
            .await
            .map_err(unavailable)?;
        rows.iter().map(row::message).collect()
    }

    async fn due(
        &self,
        account: &str,
        lane: Lane,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<MessageId>> {
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
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.readers)
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

    async fn claim(
        &self,
        ids: &[MessageId],
        by: Claimant<'_>,
        claim: Claim,
    ) -> Result<Vec<Message>> {
        let mut transaction = self.begin().await?;
        let mut claimed: Vec<Message> = Vec::new();
        for id in ids {
            // Who is told twice to send a message may send it twice.
            if claimed.iter().any(|known| known.id == *id) {
                continue;
            }
            let Some(mut message) = row::load(&mut transaction, *id).await? else {
                continue;
            };
            if let Some(free) = message.claimable(by, claim.now) {
                free.claim(claim);
                row::save(&mut transaction, &message).await?;
                claimed.push(message);
            } else if message.held_by(claim.token).is_some() {
                claimed.push(message);
            }
        }
        transaction.commit().await?;
        Ok(claimed)
    }

    async fn expire(&self, id: MessageId, now: Timestamp) -> Result<bool> {
        let expired = self.change(id, move |message| message.expire(now)).await?;
        Ok(expired.is_some())
    }

    async fn settle(
        &self,
        id: MessageId,
        token: LeaseToken,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<bool> {
        let settled = self
            .change(id, move |message| settle(message, token, settlement, now))
            .await?;
        Ok(settled.is_some())
    }

    async fn apply_fact(&self, fact: &Fact) -> Result<FactOutcome> {
        let fact = fact.clone();
        self.group
            .change(move |connection| Box::pin(apply_fact(connection, fact)))
            .await
    }

    async fn take_resolve(&self, id: MessageId, claim: Claim) -> Result<Option<Message>> {
        self.change(id, move |message| {
            message.take_resolve(claim) || message.held_by(claim.token).is_some()
        })
        .await
    }

    async fn adopt(&self, id: MessageId, token: LeaseToken, fact: &Fact) -> Result<Adoption> {
        let mut transaction = self.begin().await?;
        let Some(mut message) = row::load(&mut transaction, id).await? else {
            transaction.commit().await?;
            return Ok(Adoption::NotHeld);
        };
        let Some(held) = message.held_by(token) else {
            transaction.commit().await?;
            return Ok(Adoption::NotHeld);
        };
        if by_sid(&mut transaction, &fact.sid).await?.is_some() {
            transaction.commit().await?;
            return Ok(Adoption::SidTaken);
        }
        held.adopt(fact);
        row::save(&mut transaction, &message).await?;
        transaction.commit().await?;
        Ok(Adoption::Adopted)
    }

    async fn take_poll(
        &self,
        id: MessageId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Message>> {
        self.change(id, move |message| message.take_poll(now, until))
            .await
    }

    async fn next_poll(&self, id: MessageId, next: NextPoll) -> Result<bool> {
        let open = self
            .change(id, move |message| message.next_poll(next))
            .await?;
        Ok(open.is_some())
    }

    async fn owners(&self, sids: &[MessageSid]) -> Result<Vec<SidOwner>> {
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
            .fetch_all(&self.readers)
            .await
            .map_err(unavailable)?;
        rows.iter().map(sid_owner).collect()
    }

    async fn being_sent(&self, account: &str, to: &PhoneNumber) -> Result<Vec<Body>> {
        let texts: Vec<Option<String>> = sqlx::query_scalar(
            "SELECT body FROM messages
             WHERE account = ? AND status = 'sending' AND wake_at IS NOT NULL AND recipient = ?",
        )
        .bind(account.to_owned())
        .bind(to.as_str().to_owned())
        .fetch_all(&self.readers)
        .await
        .map_err(unavailable)?;
        let bodies = texts.into_iter().flatten().map(Body::parse);
        bodies
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| StoreError::corrupt("a text", error))
    }
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

fn sid_owner(row: &SqliteRow) -> Result<SidOwner> {
    let sid: String = row.get(0);
    Ok(SidOwner {
        sid: MessageSid::try_from(sid).map_err(|error| StoreError::corrupt("a SID", error))?,
        id: MessageId::from_uuid(row.get(1)),
        at: Timestamp::from_millis(row.get(2)),
    })
}

fn settle(message: &mut Message, token: LeaseToken, with: Settlement, now: Timestamp) -> bool {
    let Some(held) = message.held_by(token) else {
        return false;
    };
    match with {
        Settlement::Rejected { code, detail } => {
            held.reject(&code, detail.as_deref(), now);
            true
        }
        Settlement::OptedOut => {
            held.refuse_opted_out(now);
            true
        }
        Settlement::NotSent(NotSent { not_before, entry }) => {
            held.requeue(not_before, entry);
            true
        }
        Settlement::Unknown { detail } => {
            held.note_unknown(detail.as_deref(), now);
            true
        }
        Settlement::LookAgain {
            absence,
            detail,
            until,
        } => {
            held.look_again(absence, detail.as_deref(), until, now);
            true
        }
        Settlement::RequeueAbsent => held.requeue_absent(now),
        Settlement::GiveUp { expired_before } => held.give_up(expired_before, now),
    }
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
