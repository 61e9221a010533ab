use async_trait::async_trait;
use mysms_core::domain::{
    ANSWERED_WITHIN, Address, Exchange, Inbound, MOST_EXCHANGED, Message, MessageId, Position,
    Receiver, UserId,
};
use mysms_core::store::{
    Among, Conversation, Conversations, Excerpt, Order, Overview, Received, Result, StoreError,
    With,
};
use sqlx::{QueryBuilder, Row, Sqlite as Driver, SqliteConnection};

use super::messages::at_most;
use super::{Sqlite, row, unavailable};

/// The numbers of an owner's counterparts: one step through the index for each.
macro_rules! counterparts {
    () => {
        "WITH RECURSIVE counterparts (number) AS (
             SELECT MIN(counterpart) FROM messages WHERE owner = ?1 AND visible = 1
             UNION ALL
             SELECT (SELECT MIN(counterpart) FROM messages
                     WHERE owner = ?1 AND visible = 1 AND counterpart > number)
             FROM counterparts WHERE number IS NOT NULL
         )"
    };
}

/// What was deleted unseen has no counterpart any more.
const UNREAD: &str = "SELECT DISTINCT counterpart FROM messages INDEXED BY messages_unread
     WHERE owner = ?1 AND unread = 1 AND visible = 1";

const FAILED: &str = concat!(
    counterparts!(),
    "SELECT number FROM counterparts
     WHERE number IS NOT NULL AND
         (SELECT status FROM messages INDEXED BY messages_position
          WHERE owner = ?1 AND visible = 1 AND counterpart = number AND direction = 'outbound'
          ORDER BY position DESC LIMIT 1) IN ('failed', 'undelivered')",
);

const QUEUED: &str = "SELECT DISTINCT counterpart FROM messages INDEXED BY messages_waiting
     WHERE owner = ?1 AND status = 'queued' AND visible = 1";

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

    async fn conversations(&self, owner: UserId, wanted: &Overview) -> Result<Vec<Conversation>> {
        let (only, except) = match &wanted.among {
            Among::All => (None, None),
            Among::Only(listed) => (Some(json(listed)?), None),
            Among::Except(listed) => (None, Some(json(listed)?)),
        };
        let rows = sqlx::query(concat!(
            counterparts!(),
            ", newest (number, last) AS (
                 SELECT number, (SELECT MAX(position) FROM messages INDEXED BY messages_position
                                 WHERE owner = ?1 AND visible = 1 AND counterpart = number)
                 FROM counterparts
                 WHERE number IS NOT NULL AND (?4 IS NULL OR instr(number, ?4) > 0)
                     AND (?5 IS NULL OR number IN (SELECT value FROM json_each(?5)))
                     AND (?6 IS NULL OR number NOT IN (SELECT value FROM json_each(?6)))
             )
             SELECT number, last, (SELECT COUNT(*) FROM messages
                                   WHERE owner = ?1 AND unread = 1 AND counterpart = number)
             FROM newest WHERE ?2 IS NULL OR last < ?2 ORDER BY last DESC LIMIT ?3",
        ))
        .bind(owner.as_uuid())
        .bind(wanted.before.map(Position::as_uuid))
        .bind(at_most(wanted.limit))
        .bind(wanted.number.as_ref().map(|part| part.digits().to_owned()))
        .bind(only)
        .bind(except)
        .fetch_all(&self.readers)
        .await
        .map_err(unavailable)?;
        let mut conversations = Vec::new();
        for found in rows {
            let (number, position): (String, _) = (found.get(0), Position::from_uuid(found.get(1)));
            let unread: i64 = found.get(2);
            // It may have been deleted since.
            if let Some(last) = self.standing_at(owner, &number, position).await?
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

    async fn last_positions(
        &self,
        owner: UserId,
        counterparts: &[Address],
    ) -> Result<Vec<(Address, Position)>> {
        let rows = sqlx::query(
            "SELECT value, (SELECT MAX(position) FROM messages INDEXED BY messages_position
                            WHERE owner = ?1 AND visible = 1 AND counterpart = value) AS last
             FROM json_each(?2) WHERE last IS NOT NULL",
        )
        .bind(owner.as_uuid())
        .bind(json(counterparts)?)
        .fetch_all(&self.readers)
        .await
        .map_err(unavailable)?;
        let positions = rows.iter().map(|found| {
            let counterpart: String = found.get(0);
            (counterpart.into(), Position::from_uuid(found.get(1)))
        });
        Ok(positions.collect())
    }

    async fn counterparts(&self, owner: UserId, with: &With) -> Result<Vec<Address>> {
        let query = match with {
            With::Unread => UNREAD,
            With::Failed => FAILED,
            With::Queued => QUEUED,
        };
        let query = sqlx::query_scalar(query).bind(owner.as_uuid());
        let found: Vec<String> = query.fetch_all(&self.readers).await.map_err(unavailable)?;
        Ok(found.into_iter().map(Address::from).collect())
    }

    async fn exchanged(&self, owner: UserId, wanted: &Excerpt) -> Result<Vec<Message>> {
        let mut query = exchanged(owner, wanted);
        let rows = query.build().fetch_all(&self.readers).await;
        let rows = rows.map_err(unavailable)?;
        rows.iter().map(row::message).collect()
    }
}

/// A list of texts as SQLite reads one.
fn json<T: Clone + Into<String>>(texts: &[T]) -> Result<String> {
    let texts: Vec<String> = texts.iter().cloned().map(Into::into).collect();
    serde_json::to_string(&texts).map_err(|error| StoreError::corrupt("a list", error))
}

fn exchanged(owner: UserId, wanted: &Excerpt) -> QueryBuilder<Driver> {
    let (beyond, direction) = match wanted.order {
        Order::OldestFirst => (" AND position > ", "ASC"),
        Order::NewestFirst => (" AND position < ", "DESC"),
    };
    let mut query = shown_of(owner, wanted.counterpart.as_str());
    if let Some(after) = wanted.after {
        query.push(beyond);
        query.push_bind(after.as_uuid());
    }
    query.push(format!(" ORDER BY position {direction} LIMIT "));
    query.push_bind(at_most(wanted.limit));
    query
}

/// Begins a query for what an owner exchanged with a counterpart, without the timelines.
fn shown_of(owner: UserId, counterpart: &str) -> QueryBuilder<Driver> {
    let mut query = QueryBuilder::new(row::LISTED.as_str());
    query.push(" FROM messages INDEXED BY messages_position WHERE owner = ");
    query.push_bind(owner.as_uuid());
    query.push(" AND visible = 1 AND counterpart = ");
    query.push_bind(counterpart.to_owned());
    query
}

impl Sqlite {
    /// A message that its owner sees, without its timeline.
    async fn standing_at(
        &self,
        owner: UserId,
        counterpart: &str,
        position: Position,
    ) -> Result<Option<Message>> {
        let mut query = shown_of(owner, counterpart);
        query.push(" AND position = ");
        query.push_bind(position.as_uuid());
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

#[cfg(test)]
mod tests {
    use mysms_core::domain::{Address, MessageId, Timestamp};
    use sqlx::AssertSqlSafe;

    use super::*;

    /// However much others have queued, and whatever else a user has.
    #[tokio::test]
    async fn what_waits_is_found_by_the_index_of_its_user_alone() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&directory.path().join("ledger.db")).await;
        let store = store.unwrap();
        let explain = format!("EXPLAIN QUERY PLAN {QUEUED}");
        let steps = sqlx::query(AssertSqlSafe(explain)).bind(UserId::NOBODY.as_uuid());
        let steps = steps.fetch_all(&store.readers).await.unwrap();
        let steps: Vec<String> = steps.iter().map(|step| step.get("detail")).collect();
        let index = "USING COVERING INDEX messages_waiting (owner=?)";
        assert!(steps.len() == 1 && steps[0].contains(index), "{steps:#?}");
    }

    /// However long a conversation is, a part of it costs as much as it gives.
    #[tokio::test]
    async fn a_part_of_a_conversation_is_read_along_its_index() {
        let directory = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&directory.path().join("ledger.db")).await;
        let store = store.unwrap();
        let owner = UserId::generate(Timestamp::EPOCH);
        for order in [Order::OldestFirst, Order::NewestFirst] {
            let wanted = Excerpt {
                counterpart: Address::of_author("+14155550123"),
                order,
                after: Some(MessageId::generate(Timestamp::EPOCH).into()),
                limit: 50,
            };
            let query = exchanged(owner, &wanted);
            let explain = format!("EXPLAIN QUERY PLAN {}", query.sql().as_str());
            let steps = sqlx::query(AssertSqlSafe(explain));
            let steps = steps.fetch_all(&store.readers).await.unwrap();
            let steps: Vec<String> = steps.iter().map(|step| step.get("detail")).collect();
            let index = "INDEX messages_position (owner=? AND counterpart=? AND position";
            assert!(steps.len() == 1 && steps[0].contains(index), "{steps:#?}");
        }
    }
}
