use async_trait::async_trait;
use mongodb::bson::{self, Document, doc};
use serde::{Deserialize, Serialize};

use super::document::{date, read, stored, timestamp};
use super::{Collections, Mongo, STORE, answer, answer_unless_taken};
use crate::domain::{NewUser, User, UserId, Username};
use crate::store::{Accounts, Result, SignUp, StoreError};

#[derive(Serialize, Deserialize)]
pub(super) struct UserDocument {
    #[serde(rename = "_id")]
    id: bson::Uuid,
    username: String,
    folded_name: String,
    password_hash: String,
    created_at: bson::DateTime,
}

#[async_trait]
impl Accounts for Mongo {
    async fn sign_up(&self, new: NewUser) -> Result<SignUp> {
        let document = UserDocument {
            id: stored(new.id.as_uuid()),
            username: new.username.as_str().to_owned(),
            folded_name: new.username.folded(),
            password_hash: new.password_hash,
            created_at: date(new.created_at),
        };
        let insert = self.db.users.insert_one(document);
        if answer_unless_taken(insert).await?.is_some() {
            return Ok(SignUp::Created);
        }
        match self.by_name(&new.username).await? {
            Some(holder) if holder.id == new.id => Ok(SignUp::Created),
            Some(_) => Ok(SignUp::NameTaken),
            None => Err(StoreError::unavailable(STORE, "the id is taken")),
        }
    }

    async fn by_name(&self, username: &Username) -> Result<Option<User>> {
        self.db
            .user(doc! { "folded_name": username.folded() })
            .await
    }

    async fn by_id(&self, id: UserId) -> Result<Option<User>> {
        self.db.user(doc! { "_id": stored(id.as_uuid()) }).await
    }
}

impl Collections {
    async fn user(&self, filter: Document) -> Result<Option<User>> {
        answer(self.users.find_one(filter))
            .await?
            .map(User::try_from)
            .transpose()
    }
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
        })
    }
}
