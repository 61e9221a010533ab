//! Messages as rows.

use std::sync::LazyLock;

use mysms_core::domain::{
    Address, Body, Class, Content, Direction, Idempotency, IdempotencyKey, Lease, LeaseToken,
    Media, Message, MessageId, PhoneNumber, Provider, ProviderId, Reference, Tag, Tags, Timestamp,
    Turn, UserId, Zone,
};
use sqlx::sqlite::{SqliteArguments, SqliteExecutor, SqliteRow};
use sqlx::{AssertSqlSafe, Row, Sqlite as Driver, SqliteConnection};
use uuid::Uuid;

use super::{Result, StoreError, unavailable};

type Query = sqlx::query::Query<'static, Driver, SqliteArguments>;

/// Reads a message with its timeline.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    id: MessageId,
) -> Result<Option<Message>> {
    let row = sqlx::query("SELECT * FROM messages WHERE id = ?")
        .bind(id.as_uuid())
        .fetch_optional(connection)
        .await
        .map_err(unavailable)?;
    row.as_ref().map(message).transpose()
}

/// The columns that never change, in the order in which they are bound.
const FIXED: [&str; 9] = [
    "account",
    "class",
    "direction",
    "sent_at",
    "send_at",
    "time_zone",
    "idempotency_key",
    "body_hash",
    "retry_of",
];

/// The columns that may change, in the order in which they are bound. The timeline comes last, for lists
/// to leave it out.
const CHANGEABLE: [&str; 34] = [
    "position",
    "owner",
    "assigned_at",
    "unread",
    "sender",
    "turn",
    "recipient",
    "body",
    "counterpart",
    "updated_at",
    "expires_at",
    "status",
    "not_before",
    "wake_at",
    "erase_at",
    "lease_token",
    "lease_until",
    "attempts",
    "first_attempt_at",
    "last_claim_at",
    "unseen",
    "provider_sid",
    "provider_at",
    "provider_adopted",
    "polls",
    "error_code",
    "delivered_at",
    "visible",
    "deleted_at",
    "version",
    "reference",
    "tags",
    "media",
    "timeline",
];

static INSERT: LazyLock<String> = LazyLock::new(|| {
    let columns: Vec<_> = FIXED.into_iter().chain(CHANGEABLE).chain(["id"]).collect();
    let places = vec!["?"; columns.len()].join(", ");
    format!(
        "INSERT INTO messages ({}) VALUES ({places})",
        columns.join(", ")
    )
});

static REPLACE: LazyLock<String> = LazyLock::new(|| {
    let columns = CHANGEABLE.map(|column| format!("{column} = ?"));
    format!(
        "UPDATE messages SET {} WHERE id = ? AND version = ?",
        columns.join(", ")
    )
});

/// What to select of messages without their timelines.
pub(super) static LISTED: LazyLock<String> = LazyLock::new(|| {
    let timeline = CHANGEABLE.len() - 1;
    let columns = FIXED.iter().chain(&CHANGEABLE[..timeline]).chain(&["id"]);
    let columns: Vec<_> = columns.copied().collect();
    format!("SELECT {}", columns.join(", "))
});

/// Begins a query for the messages of an owner, which is bound next, without their timelines.
pub(super) static LIST: LazyLock<String> =
    LazyLock::new(|| format!("{} FROM messages WHERE owner = ", *LISTED));

/// Writes a new message.
pub(super) async fn insert(connection: &mut SqliteConnection, message: &Message) -> Result<()> {
    let idempotency = message.idempotency.as_ref();
    let statement = sqlx::query(AssertSqlSafe(INSERT.as_str()))
        .bind(message.account.clone())
        .bind(message.class.as_str())
        .bind(message.direction.as_str())
        .bind(message.sent_at.as_millis())
        .bind(message.send_at.map(Timestamp::as_millis))
        .bind(message.time_zone.as_ref().map(Zone::to_string))
        .bind(idempotency.map(|known| known.key.to_string()))
        .bind(idempotency.map(|known| known.body_hash.clone()))
        .bind(message.retry_of.map(MessageId::as_uuid));
    execute(connection, bind_changeable(statement, message)?).await?;
    Ok(())
}

/// Puts a message in the place of a version of it; returns false if that is not what is there.
pub(super) async fn replace(
    connection: &mut SqliteConnection,
    version: u32,
    message: &Message,
) -> Result<bool> {
    let statement = sqlx::query(AssertSqlSafe(REPLACE.as_str()));
    let statement = bind_changeable(statement, message)?.bind(version);
    Ok(execute(connection, statement).await? == 1)
}

/// Returns how many rows it wrote.
async fn execute(connection: &mut SqliteConnection, statement: Query) -> Result<u64> {
    let done = statement.execute(connection).await.map_err(unavailable)?;
    Ok(done.rows_affected())
}

/// Binds the columns that may change, and the id.
fn bind_changeable(statement: Query, message: &Message) -> Result<Query> {
    let timeline = serde_json::to_string(&message.timeline)
        .map_err(|error| StoreError::corrupt("a timeline", error))?;
    let provider = message.provider.as_ref();
    let lease = message.lease;
    Ok(statement
        .bind(message.position().as_uuid())
        .bind(message.owner.as_uuid())
        .bind(message.assigned_at.map(Timestamp::as_millis))
        .bind(message.unread)
        .bind(message.sender.clone())
        .bind(message.turn.map(Turn::as_micros))
        .bind(message.recipient.clone().map(String::from))
        .bind(stored_text(message.body.as_ref()))
        .bind(message.counterpart.clone().map(String::from))
        .bind(message.updated_at.as_millis())
        .bind(message.expires_at.as_millis())
        .bind(message.status.as_str())
        .bind(message.not_before.as_millis())
        .bind(message.wake_at.map(Timestamp::as_millis))
        .bind(message.erase_at.map(Timestamp::as_millis))
        .bind(lease.and_then(|lease| lease.token).map(LeaseToken::as_uuid))
        .bind(lease.map(|lease| lease.until.as_millis()))
        .bind(message.attempts)
        .bind(message.first_attempt_at.map(Timestamp::as_millis))
        .bind(message.last_claim_at.map(Timestamp::as_millis))
        .bind(message.unseen)
        .bind(provider.map(|known| known.sid.to_string()))
        .bind(provider.map(|known| known.at.as_millis()))
        .bind(provider.map(|known| known.adopted))
        .bind(message.polls)
        .bind(message.error_code.clone())
        .bind(message.delivered_at.map(Timestamp::as_millis))
        .bind(message.visible)
        .bind(message.deleted_at.map(Timestamp::as_millis))
        .bind(message.version)
        .bind(message.reference.clone().map(String::from))
        .bind(stored_tags(&message.tags)?)
        .bind(stored_media(&message.media)?)
        .bind(timeline)
        .bind(message.id.as_uuid()))
}

/// Each as `key:value`, in the form in which the schema's triggers read them.
fn stored_tags(tags: &Tags) -> Result<Option<String>> {
    if tags.is_empty() {
        return Ok(None);
    }
    let tags: Vec<_> = tags.iter().map(Tag::as_str).collect();
    let json = serde_json::to_string(&tags);
    json.map(Some)
        .map_err(|error| StoreError::corrupt("tags", error))
}

/// A text as it is stored; an empty one is absent.
pub(super) fn stored_text(body: Option<&Body>) -> Option<String> {
    let body = body.filter(|body| !body.is_empty());
    body.cloned().map(String::from)
}

fn stored_media(media: &Media) -> Result<Option<String>> {
    if media.is_empty() {
        return Ok(None);
    }
    let json = serde_json::to_string(media);
    json.map(Some)
        .map_err(|error| StoreError::corrupt("media", error))
}

/// The message that owns a SID.
pub(super) async fn with_sid(
    executor: impl SqliteExecutor<'_>,
    sid: &ProviderId,
) -> Result<Option<Message>> {
    let found = sqlx::query("SELECT * FROM messages WHERE provider_sid = ?")
        .bind(sid.to_string())
        .fetch_optional(executor)
        .await
        .map_err(unavailable)?;
    found.as_ref().map(message).transpose()
}

/// Reads a row. A query that leaves the timeline out gives a message without one.
pub(super) fn message(row: &SqliteRow) -> Result<Message> {
    read(row).map_err(corrupt)
}

/// What the message of a row says and brings.
pub(super) fn content(row: &SqliteRow) -> Result<Content> {
    let (body, media) = body_and_media(row).map_err(corrupt)?;
    let body = body.unwrap_or_else(Body::empty);
    Ok(Content { body, media })
}

fn corrupt(source: Unreadable) -> StoreError {
    match source {
        Unreadable::Driver(error) => StoreError::corrupt("a message", error),
        Unreadable::Value(error) => StoreError::Corrupt {
            what: "a message",
            source: error.into(),
        },
    }
}

enum Unreadable {
    Driver(sqlx::Error),
    Value(Box<dyn std::error::Error + Send + Sync>),
}

impl From<sqlx::Error> for Unreadable {
    fn from(error: sqlx::Error) -> Self {
        Self::Driver(error)
    }
}

fn value<T, E: std::error::Error + Send + Sync + 'static>(
    parsed: std::result::Result<T, E>,
) -> std::result::Result<T, Unreadable> {
    parsed.map_err(|error| Unreadable::Value(Box::new(error)))
}

fn body_and_media(row: &SqliteRow) -> std::result::Result<(Option<Body>, Media), Unreadable> {
    let text_if_any = |column: &str| row.try_get::<Option<String>, _>(column);
    let media = text_if_any("media")?;
    let media = media.as_deref().map(serde_json::from_str::<Media>);
    let media = value(media.transpose())?.unwrap_or_default();
    let body = value(text_if_any("body")?.map(Body::try_from).transpose())?;
    Ok((Body::beside(&media, body), media))
}

fn read(row: &SqliteRow) -> std::result::Result<Message, Unreadable> {
    let id = |column: &str| row.try_get::<Uuid, _>(column);
    let time = |column: &str| row.try_get::<i64, _>(column).map(Timestamp::from_millis);
    let time_if_any = |column: &str| {
        row.try_get::<Option<i64>, _>(column)
            .map(|millis| millis.map(Timestamp::from_millis))
    };
    let text_if_any = |column: &str| row.try_get::<Option<String>, _>(column);
    let number = |column: &str| text_if_any(column).map(|text| text.map(PhoneNumber::try_from));
    let timeline = match row.try_get::<String, _>("timeline") {
        Ok(json) => value(serde_json::from_str(&json))?,
        Err(sqlx::Error::ColumnNotFound(_)) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let (body, media) = body_and_media(row)?;
    Ok(Message {
        id: MessageId::from_uuid(id("id")?),
        owner: UserId::from_uuid(id("owner")?),
        account: row.try_get("account")?,
        direction: match row.try_get("direction")? {
            "inbound" => Direction::Inbound,
            _ => Direction::Outbound,
        },
        sender: text_if_any("sender")?,
        class: value(Class::parse(row.try_get("class")?))?,
        turn: row
            .try_get::<Option<i64>, _>("turn")?
            .map(Turn::from_micros),
        time_zone: value(
            text_if_any("time_zone")?
                .as_deref()
                .map(Zone::parse)
                .transpose(),
        )?,
        assigned_at: time_if_any("assigned_at")?,
        unread: row.try_get("unread")?,
        recipient: value(number("recipient")?.transpose())?,
        body,
        media,
        counterpart: text_if_any("counterpart")?.map(Address::from),
        sent_at: time("sent_at")?,
        send_at: time_if_any("send_at")?,
        version: row.try_get("version")?,
        updated_at: time("updated_at")?,
        expires_at: time("expires_at")?,
        status: value(row.try_get::<&str, _>("status")?.parse())?,
        not_before: time("not_before")?,
        wake_at: time_if_any("wake_at")?,
        erase_at: time_if_any("erase_at")?,
        lease: match time_if_any("lease_until")? {
            Some(until) => Some(Lease {
                token: row
                    .try_get::<Option<Uuid>, _>("lease_token")?
                    .map(LeaseToken::from_uuid),
                until,
            }),
            None => None,
        },
        attempts: row.try_get("attempts")?,
        first_attempt_at: time_if_any("first_attempt_at")?,
        last_claim_at: time_if_any("last_claim_at")?,
        unseen: row.try_get("unseen")?,
        provider: match text_if_any("provider_sid")? {
            Some(sid) => Some(Provider {
                sid: value(ProviderId::try_from(sid))?,
                at: time("provider_at")?,
                adopted: row.try_get("provider_adopted")?,
            }),
            None => None,
        },
        polls: row.try_get("polls")?,
        error_code: text_if_any("error_code")?,
        delivered_at: time_if_any("delivered_at")?,
        idempotency: match text_if_any("idempotency_key")? {
            Some(key) => Some(Idempotency {
                key: value(IdempotencyKey::parse(&key))?,
                body_hash: row.try_get("body_hash")?,
            }),
            None => None,
        },
        retry_of: row
            .try_get::<Option<Uuid>, _>("retry_of")?
            .map(MessageId::from_uuid),
        reference: value(text_if_any("reference")?.map(Reference::parse).transpose())?,
        tags: match text_if_any("tags")? {
            Some(json) => value(Tags::try_from(value(serde_json::from_str::<Vec<String>>(
                &json,
            ))?))?,
            None => Tags::default(),
        },
        visible: row.try_get("visible")?,
        deleted_at: time_if_any("deleted_at")?,
        timeline,
    })
}
