//! Which message a fact goes to, and what it does there.

use sqlx::SqliteConnection;

use super::{row, unavailable};
use crate::domain::{Fact, Message, MessageSid};
use crate::store::{FactOutcome, Result};

/// Merges a fact into the owner of its SID, or else into the message that it is addressed to.
pub(super) async fn apply_fact(
    connection: &mut SqliteConnection,
    fact: Fact,
) -> Result<FactOutcome> {
    let owner = by_sid(connection, &fact.sid).await?;
    let addressed = match (&owner, fact.message) {
        (None, Some(id)) => row::load(connection, id).await?,
        _ => None,
    };
    let Some(mut message) = owner.or(addressed) else {
        return Ok(FactOutcome::NoMessage);
    };
    let (id, owner) = (message.id, message.owner);
    if message.account != fact.account {
        return Ok(FactOutcome::ForeignAccount { id });
    }
    let has_other_sid = message
        .provider
        .as_ref()
        .is_some_and(|known| known.sid != fact.sid);
    let outcome = if has_other_sid {
        let twin_in_doubt =
            message.has_adopted_sid() && has_twin_in_doubt(connection, &message).await?;
        let taken_twice = message.apply_surplus(&fact, twin_in_doubt);
        FactOutcome::Surplus {
            id,
            owner,
            taken_twice,
        }
    } else {
        let effect = message.apply_fact(&fact);
        FactOutcome::Applied { id, owner, effect }
    };
    row::save(connection, &message).await?;
    Ok(outcome)
}

pub(super) async fn by_sid(
    connection: &mut SqliteConnection,
    sid: &MessageSid,
) -> Result<Option<Message>> {
    let found = sqlx::query("SELECT * FROM messages WHERE provider_sid = ?")
        .bind(sid.as_str().to_owned())
        .fetch_optional(connection)
        .await
        .map_err(unavailable)?;
    found.as_ref().map(row::message).transpose()
}

/// Whether an identical text to the same number has an unknown outcome.
async fn has_twin_in_doubt(connection: &mut SqliteConnection, message: &Message) -> Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM messages
             WHERE account = ? AND status = 'sending' AND wake_at IS NOT NULL
               AND recipient = ? AND body = ? AND id <> ?)",
    )
    .bind(message.account.clone())
    .bind(message.recipient.clone().map(String::from))
    .bind(message.body.clone().map(String::from))
    .bind(message.id.as_uuid())
    .fetch_one(connection)
    .await
    .map_err(unavailable)
}
