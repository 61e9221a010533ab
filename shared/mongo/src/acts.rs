use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::{self, doc};
use mysms_core::domain::{Act, ActId};
use mysms_core::store::{Acts, Result};
use serde::{Deserialize, Serialize};

use super::Mongo;
use super::document::{date, read, stored, timestamp};

/// Ids are in the order of time, so no other index is needed.
#[derive(Serialize, Deserialize)]
pub(super) struct ActDocument {
    #[serde(rename = "_id")]
    id: bson::Uuid,
    at: bson::DateTime,
    by: String,
    command: String,
    about: Option<String>,
}

#[async_trait]
impl Acts for Mongo {
    async fn record(&self, act: &Act) -> Result<()> {
        let document = ActDocument {
            id: stored(act.id.as_uuid()),
            at: date(act.at),
            by: act.by.clone(),
            command: act.command.clone(),
            about: act.about.clone(),
        };
        let known = doc! { "_id": document.id };
        self.db.insert_once(&self.db.acts, document, known).await
    }

    async fn acts(&self, limit: u32) -> Result<Vec<Act>> {
        let find = self.db.acts.find(doc! {}).sort(doc! { "_id": -1 });
        let find = find.limit(limit.max(1).into());
        let found = async { find.await?.try_collect::<Vec<_>>().await };
        let found = self.db.read(found).await?;
        Ok(found.into_iter().map(Act::from).collect())
    }
}

impl From<ActDocument> for Act {
    fn from(document: ActDocument) -> Self {
        Self {
            id: ActId::from_uuid(read(document.id)),
            at: timestamp(document.at),
            by: document.by,
            command: document.command,
            about: document.about,
        }
    }
}
