use std::collections::HashMap;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::{self, Document, doc};
use mysms_core::domain::{Invite, InviteHash, InviteName, KnownInvite, Timestamp, UserId};
use mysms_core::store::{Invites, LISTED_INVITES, Result};
use serde::{Deserialize, Serialize};

use super::document::{date, read, timestamp};
use super::{Collections, Mongo, answer};

/// The index on `expires_at` forgets it a while later.
#[derive(Serialize, Deserialize)]
pub(super) struct InviteDocument {
    #[serde(rename = "_id")]
    hash: InviteHash,
    note: String,
    created_at: bson::DateTime,
    expires_at: bson::DateTime,
}

/// The part of a user, present or past, that uses an invite up.
#[derive(Deserialize)]
struct InvitedDocument {
    #[serde(rename = "_id")]
    id: bson::Uuid,
    invite: InviteHash,
}

#[async_trait]
impl Invites for Mongo {
    async fn invite(&self, invite: &Invite) -> Result<()> {
        let document = InviteDocument {
            hash: invite.hash.clone(),
            note: invite.note.clone(),
            created_at: date(invite.created_at),
            expires_at: date(invite.expires_at),
        };
        let known = by_hash(&invite.hash);
        self.db.insert_once(&self.db.invites, document, known).await
    }

    async fn is_open(&self, invite: &InviteHash, now: Timestamp) -> Result<bool> {
        Ok(self.db.is_good(invite, now).await? && !self.db.is_used_up(Some(invite)).await?)
    }

    async fn invites(&self) -> Result<Vec<KnownInvite>> {
        let limit = i64::try_from(LISTED_INVITES).unwrap_or(i64::MAX);
        let find = self.db.invites.find(doc! {});
        let find = find.sort(doc! { "created_at": -1, "_id": 1 }).limit(limit);
        let found = self
            .db
            .read(async { find.await?.try_collect::<Vec<_>>().await });
        let found = found.await?;
        let used = self.db.users_of(&found).await?;
        Ok(found
            .into_iter()
            .map(|document| KnownInvite {
                used_by: used.get(&document.hash).copied(),
                invite: document.into(),
            })
            .collect())
    }

    async fn revoke_invite(&self, name: &InviteName) -> Result<bool> {
        let found = self.db.surely_one(&self.db.invites, by_name(name));
        let Some(found) = found.await? else {
            return Ok(false);
        };
        let found = [found];
        if !self.db.users_of(&found).await?.is_empty() {
            return Ok(false);
        }
        let [found] = found;
        let delete = self.db.invites.delete_one(by_hash(&found.hash));
        Ok(answer(delete).await?.deleted_count == 1)
    }
}

impl Collections {
    /// Whether an invite was given and is not over. The index of the users tells whether it is used up.
    pub(super) async fn is_good(&self, invite: &InviteHash, now: Timestamp) -> Result<bool> {
        let mut filter = by_hash(invite);
        filter.insert("expires_at", doc! { "$gt": date(now) });
        Ok(self.surely_one(&self.invites, filter).await?.is_some())
    }

    /// Whether a user has it, whose account is open or not.
    pub(super) async fn is_used_up(&self, invite: Option<&InviteHash>) -> Result<bool> {
        let Some(invite) = invite else {
            return Ok(false);
        };
        let users = self.users.clone_with_type::<InvitedDocument>();
        let used = doc! { "invite": invite.as_str() };
        Ok(self.surely_one(&users, used).await?.is_some())
    }

    pub(super) async fn forget_invite(&self, invite: &InviteHash) -> Result<()> {
        answer(self.invites.delete_one(by_hash(invite))).await?;
        Ok(())
    }

    async fn users_of(&self, invites: &[InviteDocument]) -> Result<HashMap<InviteHash, UserId>> {
        let hashes: Vec<_> = invites.iter().map(|invite| invite.hash.as_str()).collect();
        let users = self.users.clone_with_type::<InvitedDocument>();
        let find = users
            .find(doc! { "invite": { "$in": hashes } })
            .projection(doc! { "invite": 1 });
        let found = self.read(async { find.await?.try_collect::<Vec<_>>().await });
        let user = |found: InvitedDocument| (found.invite, UserId::from_uuid(read(found.id)));
        Ok(found.await?.into_iter().map(user).collect())
    }
}

fn by_hash(invite: &InviteHash) -> Document {
    doc! { "_id": invite.as_str() }
}

/// No hexadecimal digit is beyond `f`.
fn by_name(name: &InviteName) -> Document {
    doc! { "_id": { "$gte": name.as_str(), "$lt": format!("{name}g") } }
}

impl From<InviteDocument> for Invite {
    fn from(document: InviteDocument) -> Self {
        Self {
            hash: document.hash,
            note: document.note,
            created_at: timestamp(document.created_at),
            expires_at: timestamp(document.expires_at),
        }
    }
}
