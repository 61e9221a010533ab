use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::{self, doc};
use mysms_core::domain::{Cookie, Origin, Renewal, Session, SessionId, Timestamp, TokenId, UserId};
use mysms_core::store::{Renewed, Result, Sessions};
use serde::{Deserialize, Serialize};

use super::document::{date, read, stored, timestamp};
use super::{Mongo, answer};

/// The index on `until` forgets it.
#[derive(Serialize, Deserialize)]
pub(super) struct SessionDocument {
    #[serde(rename = "_id")]
    id: bson::Uuid,
    user: bson::Uuid,
    generation: u32,
    token: bson::Uuid,
    begun_at: bson::DateTime,
    renewed_at: bson::DateTime,
    until: bson::DateTime,
    network: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cookie: Option<CookieDocument>,
}

#[derive(Serialize, Deserialize)]
struct CookieDocument {
    turn: u32,
    since: bson::DateTime,
    kept: bool,
}

#[async_trait]
impl Sessions for Mongo {
    async fn begin(&self, session: &Session) -> Result<()> {
        let document = SessionDocument::from(session);
        let known = doc! { "_id": stored(session.id.as_uuid()) };
        self.db
            .insert_once(&self.db.sessions, document, known)
            .await
    }

    async fn renew(&self, renewal: &Renewal) -> Result<Renewed> {
        let id = stored(renewal.session.as_uuid());
        let latest = doc! { "_id": id, "token": stored(renewal.from.as_uuid()) };
        let update = doc! {
            "$set": { "token": stored(renewal.to.as_uuid()), "renewed_at": date(renewal.now) },
            "$max": { "until": date(renewal.until) },
        };
        let done = answer(self.db.sessions.update_one(latest, update)).await?;
        if done.matched_count == 1 {
            return Ok(Renewed::Done);
        }
        let known = self.db.surely_one(&self.db.sessions, doc! { "_id": id });
        Ok(match known.await? {
            Some(known) if known.token == stored(renewal.to.as_uuid()) => Renewed::Done,
            Some(_) => Renewed::Before,
            None => Renewed::Unknown,
        })
    }

    async fn go_on(&self, from: &Session, to: &Session) -> Result<Renewed> {
        let id = stored(from.id.as_uuid());
        let turn = |session: &Session| session.cookie.map(|cookie| cookie.turn);
        // A turn that is null is found where there is no cookie.
        let latest = doc! {
            "_id": id, "token": stored(from.token.as_uuid()), "cookie.turn": turn(from),
        };
        let mut set = doc! {
            "token": stored(to.token.as_uuid()),
            "renewed_at": date(to.renewed_at),
            "until": date(to.until),
        };
        if let Some(cookie) = to.cookie {
            let cookie = doc! {
                "turn": cookie.turn, "since": date(cookie.since), "kept": cookie.is_kept,
            };
            set.insert("cookie", cookie);
        }
        let update = self.db.sessions.update_one(latest, doc! { "$set": set });
        if answer(update).await?.matched_count == 1 {
            return Ok(Renewed::Done);
        }
        let known = self.db.surely_one(&self.db.sessions, doc! { "_id": id });
        let known = known.await?.map(Session::from);
        Ok(match known {
            Some(known) if (known.token, turn(&known)) == (to.token, turn(to)) => Renewed::Done,
            Some(_) => Renewed::Before,
            None => Renewed::Unknown,
        })
    }

    async fn sessions_of(
        &self,
        user: UserId,
        generation: u32,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Session>> {
        let find = self
            .db
            .sessions
            .find(doc! {
                "user": stored(user.as_uuid()),
                "generation": { "$gte": generation },
                "until": { "$gte": date(now) },
            })
            .sort(doc! { "renewed_at": -1, "_id": -1 })
            .limit(i64::try_from(limit).unwrap_or(i64::MAX));
        let found = self.db.read(async { find.await?.try_collect().await });
        let found: Vec<_> = found.await?;
        Ok(found.into_iter().map(Session::from).collect())
    }

    async fn session(&self, user: UserId, id: SessionId) -> Result<Option<Session>> {
        let own = doc! { "_id": stored(id.as_uuid()), "user": stored(user.as_uuid()) };
        let found = self.db.surely_one(&self.db.sessions, own).await?;
        Ok(found.map(Session::from))
    }

    async fn forget(&self, id: SessionId) -> Result<()> {
        let own = doc! { "_id": stored(id.as_uuid()) };
        answer(self.db.sessions.delete_one(own)).await?;
        Ok(())
    }

    async fn forget_all(&self, user: UserId) -> Result<()> {
        let all = doc! { "user": stored(user.as_uuid()) };
        answer(self.db.sessions.delete_many(all)).await?;
        Ok(())
    }
}

impl From<&Session> for SessionDocument {
    fn from(session: &Session) -> Self {
        Self {
            id: stored(session.id.as_uuid()),
            user: stored(session.user.as_uuid()),
            generation: session.generation,
            token: stored(session.token.as_uuid()),
            begun_at: date(session.begun_at),
            renewed_at: date(session.renewed_at),
            until: date(session.until),
            network: session.origin.network.clone(),
            agent: session.origin.agent.clone(),
            cookie: session.cookie.map(|cookie| CookieDocument {
                turn: cookie.turn,
                since: date(cookie.since),
                kept: cookie.is_kept,
            }),
        }
    }
}

impl From<SessionDocument> for Session {
    fn from(document: SessionDocument) -> Self {
        Self {
            id: SessionId::from_uuid(read(document.id)),
            user: UserId::from_uuid(read(document.user)),
            generation: document.generation,
            token: TokenId::from_uuid(read(document.token)),
            begun_at: timestamp(document.begun_at),
            renewed_at: timestamp(document.renewed_at),
            until: timestamp(document.until),
            origin: Origin {
                network: document.network,
                agent: document.agent,
            },
            cookie: document.cookie.map(|cookie| Cookie {
                turn: cookie.turn,
                since: timestamp(cookie.since),
                is_kept: cookie.kept,
            }),
        }
    }
}
