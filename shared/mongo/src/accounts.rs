use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::{self, Document, doc};
use mongodb::options::ReturnDocument;
use mysms_core::domain::{
    InviteHash, KnownNetworks, NetworkMark, NewUser, Timestamp, User, UserId, Username,
};
use mysms_core::store::{Accounts, PasswordChange, Result, SignUp, StoreError};
use serde::{Deserialize, Serialize};

use super::document::{date, read, stored, timestamp};
use super::{Collections, Mongo, STORE, answer, answer_unless_taken};

/// A user whose account is open. A closed one's document has neither name nor password.
#[derive(Serialize, Deserialize)]
pub(super) struct UserDocument {
    #[serde(rename = "_id")]
    id: bson::Uuid,
    username: String,
    folded_name: String,
    password_hash: String,
    created_at: bson::DateTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    invite: Option<InviteHash>,
    /// Absent until the first change.
    #[serde(default, skip_serializing)]
    generation: u32,
    /// Absent until the first login since the version that notes them.
    #[serde(default, skip_serializing)]
    known_networks: Vec<String>,
}

#[derive(Deserialize)]
struct ClosedDocument {
    #[serde(rename = "_id")]
    id: bson::Uuid,
    invite: Option<InviteHash>,
}

#[async_trait]
impl Accounts for Mongo {
    async fn sign_up(&self, new: NewUser) -> Result<SignUp> {
        if let Some(invite) = &new.invite
            && !self.db.is_good(invite, new.created_at).await?
        {
            // It may have been taken back since it let this one in.
            let before = self.by_id(new.id).await?;
            return Ok(before.map_or(SignUp::InviteNotGood, |_| SignUp::Created));
        }
        let document = UserDocument {
            id: stored(new.id.as_uuid()),
            username: new.username.as_str().to_owned(),
            folded_name: new.username.folded(),
            password_hash: new.password_hash,
            created_at: date(new.created_at),
            invite: new.invite.clone(),
            generation: 0,
            known_networks: Vec::new(),
        };
        let insert = self.db.users.insert_one(document);
        if answer_unless_taken(insert).await?.is_some() {
            return Ok(SignUp::Created);
        }
        let holder = self.by_name(&new.username).await?;
        if holder.as_ref().is_some_and(|holder| holder.id == new.id) {
            return Ok(SignUp::Created);
        }
        if self.db.is_used_up(new.invite.as_ref()).await? {
            return Ok(SignUp::InviteNotGood);
        }
        let unclear = || StoreError::unavailable(STORE, "the id is taken");
        holder.map(|_| SignUp::NameTaken).ok_or_else(unclear)
    }

    async fn by_name(&self, username: &Username) -> Result<Option<User>> {
        self.db
            .user(doc! { "folded_name": username.folded() })
            .await
    }

    async fn by_id(&self, id: UserId) -> Result<Option<User>> {
        self.db.user(open(id)).await
    }

    async fn remember_network(&self, id: UserId, mark: &NetworkMark) -> Result<()> {
        let others = doc! { "$filter": {
            "input": { "$ifNull": ["$known_networks", []] },
            "cond": { "$ne": ["$$this", mark.as_str()] },
        } };
        let most = i32::try_from(KnownNetworks::MOST).unwrap_or(i32::MAX);
        let all = doc! { "$concatArrays": [[mark.as_str()], others] };
        let update = vec![doc! { "$set": { "known_networks": { "$slice": [all, most] } } }];
        answer(self.db.users.update_one(open(id), update)).await?;
        Ok(())
    }

    async fn replace_hash(&self, id: UserId, from: &str, to: &str) -> Result<()> {
        let mut filter = open(id);
        filter.insert("password_hash", from);
        let update = doc! { "$set": { "password_hash": to } };
        answer(self.db.users.update_one(filter, update)).await?;
        Ok(())
    }

    async fn change_password(&self, id: UserId, change: PasswordChange) -> Result<Option<u32>> {
        let mut filter = open(id);
        filter.insert("password_hash", change.from);
        let update = doc! {
            "$set": { "password_hash": &change.to, "revoked_at": date(change.now) },
            "$inc": { "generation": 1 },
        };
        let update = self.db.users.find_one_and_update(filter, update);
        let mut user = answer(update.return_document(ReturnDocument::After)).await?;
        if user.is_none() {
            // What this change did the first time.
            let mut done = open(id);
            done.insert("password_hash", change.to);
            user = self.db.surely_one(&self.db.users, done).await?;
        }
        Ok(user.map(|user| user.generation))
    }

    async fn end_sessions(&self, id: UserId, now: Timestamp) -> Result<Option<u32>> {
        let mut before = open(id);
        before.insert("revoked_at", doc! { "$ne": date(now) });
        let update = doc! {
            "$set": { "revoked_at": date(now) },
            "$inc": { "generation": 1 },
        };
        let update = self.db.users.find_one_and_update(before, update);
        let mut user = answer(update.return_document(ReturnDocument::After)).await?;
        if user.is_none() {
            // What this call, or whatever else ended them then, did the first time.
            let mut done = open(id);
            done.insert("revoked_at", date(now));
            user = self.db.surely_one(&self.db.users, done).await?;
        }
        Ok(user.map(|user| user.generation))
    }

    async fn close_account(&self, id: UserId, password_hash: &str, now: Timestamp) -> Result<bool> {
        let mut filter = open(id);
        filter.insert("password_hash", password_hash);
        let update = doc! {
            "$set": {
                // No name begins like this, and every user must have one of their own.
                "folded_name": format!("#{id}"),
                "closed_at": date(now),
                "revoked_at": date(now),
                "to_be_erased": true,
            },
            "$unset": { "username": "", "password_hash": "", "known_networks": "" },
            "$inc": { "generation": 1 },
        };
        let done = answer(self.db.users.update_one(filter, update)).await?;
        if done.matched_count == 1 {
            return Ok(true);
        }
        let before = doc! { "_id": stored(id.as_uuid()), "closed_at": date(now) };
        let done = self.db.read(self.db.users.count_documents(before));
        Ok(done.await? == 1)
    }

    async fn to_be_erased(&self, closed_before: Timestamp, limit: usize) -> Result<Vec<UserId>> {
        let users = self.db.users.clone_with_type::<ClosedDocument>();
        let find = users
            .find(doc! { "to_be_erased": true, "closed_at": { "$lt": date(closed_before) } })
            .sort(doc! { "closed_at": 1 })
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .projection(doc! { "_id": 1 });
        let found = self.db.read(async { find.await?.try_collect().await });
        let found: Vec<_> = found.await?;
        Ok(found
            .into_iter()
            .map(|closed| UserId::from_uuid(read(closed.id)))
            .collect())
    }

    /// The index on `erased_at` forgets.
    async fn erased(&self, id: UserId, now: Timestamp) -> Result<()> {
        let filter = doc! { "_id": stored(id.as_uuid()), "to_be_erased": true };
        let users = self.db.users.clone_with_type::<ClosedDocument>();
        let closed = self.db.read(users.find_one(filter.clone())).await?;
        // With the user goes what says that the invite is used up, so that goes first.
        if let Some(invite) = closed.and_then(|closed| closed.invite) {
            self.db.forget_invite(&invite).await?;
        }
        let update = doc! {
            "$set": { "erased_at": date(now) },
            "$unset": { "to_be_erased": "" },
        };
        answer(self.db.users.update_one(filter, update)).await?;
        Ok(())
    }
}

impl Collections {
    async fn user(&self, filter: Document) -> Result<Option<User>> {
        // Always in the same way, so that the time tells nobody whether there is such a user.
        self.surely_one(&self.users, filter)
            .await?
            .map(User::try_from)
            .transpose()
    }
}

fn open(id: UserId) -> Document {
    doc! { "_id": stored(id.as_uuid()), "closed_at": { "$exists": false } }
}

impl TryFrom<UserDocument> for User {
    type Error = StoreError;

    fn try_from(document: UserDocument) -> Result<Self> {
        Ok(Self {
            id: UserId::from_uuid(read(document.id)),
            username: Username::parse(&document.username)
                .map_err(|error| StoreError::corrupt("a user", error))?,
            password_hash: document.password_hash,
            created_at: timestamp(document.created_at),
            generation: document.generation,
            known_networks: KnownNetworks::restored(document.known_networks),
        })
    }
}
