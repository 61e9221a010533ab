use async_trait::async_trait;
use futures_util::TryStreamExt;
use mongodb::bson::{self, Bson, Document, doc};
use mongodb::options::Hint;
use mysms_core::domain::{
    Address, Consent, ConsentEntry, ConsentSource, Evidence, JournalPlace, Note,
};
use mysms_core::store::{Consents, Result, StoreError};
use serde::{Deserialize, Serialize};

use super::command::corrupt;
use super::document::{date, timestamp};
use super::{Collections, Mongo, stored_for_good};

const ENTRY: &str = "what somebody said about our texts";

/// One thing that somebody said.
#[derive(Serialize, Deserialize)]
pub(super) struct ConsentDocument {
    #[serde(rename = "_id")]
    id: String,
    recipient: Address,
    sender: String,
    consent: String,
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    said_at: bson::DateTime,
    noted_at: bson::DateTime,
}

#[async_trait]
impl Consents for Mongo {
    async fn keep(&self, entries: &[ConsentEntry]) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let statements = entries.iter().map(insert_unless_known);
        let statements = statements.collect::<Result<Vec<_>>>()?;
        let reply = self.db.update("consents", statements, false).await?;
        let refused = reply.refused_as_duplicates()?;
        for place in refused {
            self.db.is_kept(&entries[place].id).await?;
        }
        Ok(())
    }

    async fn entries(
        &self,
        recipient: Option<&Address>,
        after: Option<&JournalPlace>,
        limit: usize,
    ) -> Result<Vec<ConsentEntry>> {
        let end = |bound: Bson| {
            let whose = recipient.map_or(bound.clone(), |of| of.as_str().into());
            doc! { "recipient": whose, "said_at": bound.clone(), "_id": bound }
        };
        let from = match after {
            Some(place) => doc! {
                "recipient": place.recipient.as_str(),
                "said_at": date(place.said_at),
                "_id": &place.id,
            },
            None => end(Bson::MinKey),
        };
        let find = self
            .db
            .consents
            .find(doc! {})
            .hint(Hint::Name("said".to_owned()))
            .sort(doc! { "recipient": 1, "said_at": 1, "_id": 1 })
            .min(from)
            .max(end(Bson::MaxKey))
            // The place itself is in the range too.
            .limit(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1));
        let found = async { find.await?.try_collect::<Vec<_>>().await };
        let found = self.db.read(found).await?;
        found
            .into_iter()
            .filter(|document| after.is_none_or(|place| place.id != document.id))
            .take(limit)
            .map(ConsentEntry::try_from)
            .collect()
    }
}

/// One statement of an `update` command.
fn insert_unless_known(entry: &ConsentEntry) -> Result<Document> {
    let mut document =
        bson::serialize_to_document(&ConsentDocument::from(entry)).map_err(corrupt)?;
    document.remove("_id");
    Ok(doc! {
        "q": { "_id": &entry.id },
        "u": { "$setOnInsert": document },
        "upsert": true,
    })
}

impl Collections {
    /// Fails if a majority does not have this entry.
    async fn is_kept(&self, id: &str) -> Result<()> {
        let known = doc! { "_id": id };
        stored_for_good(self.read(self.consents.find_one(known)).await?)?;
        Ok(())
    }
}

impl From<&ConsentEntry> for ConsentDocument {
    fn from(entry: &ConsentEntry) -> Self {
        let Evidence {
            source,
            reference,
            by,
            note,
        } = &entry.evidence;
        Self {
            id: entry.id.clone(),
            recipient: entry.recipient.clone(),
            sender: entry.sender.clone(),
            consent: entry.consent.as_str().to_owned(),
            source: source.as_str().to_owned(),
            reference: reference.clone(),
            by: by.clone(),
            note: note.as_ref().map(|note| note.as_str().to_owned()),
            said_at: date(entry.said_at),
            noted_at: date(entry.noted_at),
        }
    }
}

impl TryFrom<ConsentDocument> for ConsentEntry {
    type Error = StoreError;

    fn try_from(document: ConsentDocument) -> Result<Self> {
        let unknown =
            |word: &str| StoreError::corrupt(ENTRY, format!("it has the unknown word {word:?}"));
        let consent = Consent::parse(&document.consent);
        let source = ConsentSource::parse(&document.source);
        Ok(Self {
            id: document.id,
            recipient: document.recipient,
            sender: document.sender,
            consent: consent.ok_or_else(|| unknown(&document.consent))?,
            evidence: Evidence {
                source: source.ok_or_else(|| unknown(&document.source))?,
                reference: document.reference,
                by: document.by,
                note: document.note.map(Note::from),
            },
            said_at: timestamp(document.said_at),
            noted_at: timestamp(document.noted_at),
        })
    }
}
