use async_trait::async_trait;
use futures_util::TryStreamExt;
use futures_util::future::try_join;
use mongodb::bson::{self, doc};
use mysms_core::domain::{IssuedToken, Revocation, SessionId, Timestamp, UserId};
use mysms_core::store::{Result, Revocations};
use serde::{Deserialize, Serialize};

use super::Mongo;
use super::document::{date, read, stored, timestamp};

/// The end of a session, or of a lone token. The index on `until` forgets it.
#[derive(Serialize, Deserialize)]
pub(super) struct RevocationDocument {
    #[serde(rename = "_id")]
    session: bson::Uuid,
    until: bson::DateTime,
    revoked_at: bson::DateTime,
}

/// The part of a user, present or past, that ends tokens.
#[derive(Deserialize)]
struct RevokerDocument {
    #[serde(rename = "_id")]
    id: bson::Uuid,
    #[serde(default)]
    generation: u32,
    revoked_at: bson::DateTime,
}

#[async_trait]
impl Revocations for Mongo {
    async fn revoke(&self, session: SessionId, until: Timestamp, now: Timestamp) -> Result<()> {
        let document = RevocationDocument {
            session: stored(session.as_uuid()),
            until: date(until),
            revoked_at: date(now),
        };
        let known = doc! { "_id": document.session };
        self.db
            .insert_once(&self.db.revocations, document, known)
            .await
    }

    async fn revoked_since(&self, since: Timestamp) -> Result<Vec<Revocation>> {
        self.db.require_majority().await?;
        let since = doc! { "revoked_at": { "$gte": date(since) } };
        let users = self.db.users.clone_with_type::<RevokerDocument>();
        let users = users
            .find(since.clone())
            .projection(doc! { "generation": 1, "revoked_at": 1 });
        let tokens = self.db.revocations.find(since);
        let (tokens, users) = try_join(
            self.db
                .read(async { tokens.await?.try_collect::<Vec<_>>().await }),
            self.db
                .read(async { users.await?.try_collect::<Vec<_>>().await }),
        )
        .await?;
        let tokens = tokens.into_iter().map(Revocation::from);
        Ok(tokens.chain(users.into_iter().map(Into::into)).collect())
    }

    async fn is_revoked(&self, token: &IssuedToken) -> Result<bool> {
        let mut later = doc! { "_id": stored(token.user.as_uuid()) };
        match token.generation {
            Some(own) => later.insert("generation", doc! { "$gt": own }),
            None => later.insert("revoked_at", doc! { "$gte": date(token.issued_at) }),
        };
        let either = [token.session.as_uuid(), token.id.as_uuid()].map(stored);
        let ended = doc! { "_id": { "$in": either.to_vec() } };
        let users = self.db.users.clone_with_type::<RevokerDocument>();
        let (token, user) = try_join(
            self.db.surely_one(&self.db.revocations, ended),
            self.db.surely_one(&users, later),
        )
        .await?;
        Ok(token.is_some() || user.is_some())
    }
}

impl From<RevocationDocument> for Revocation {
    fn from(document: RevocationDocument) -> Self {
        Self::Session {
            id: SessionId::from_uuid(read(document.session)),
            until: timestamp(document.until),
        }
    }
}

impl From<RevokerDocument> for Revocation {
    fn from(document: RevokerDocument) -> Self {
        Self::User {
            user: UserId::from_uuid(read(document.id)),
            generation: document.generation,
            at: timestamp(document.revoked_at),
        }
    }
}
