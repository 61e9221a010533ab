use async_trait::async_trait;
use mysms_core::domain::{
    Address, Consent, ConsentEntry, ConsentSource, Evidence, JournalPlace, Note, Timestamp,
};
use mysms_core::store::{Consents, Result, StoreError};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row};

use super::messages::at_most;
use super::{Sqlite, unavailable};

#[async_trait]
impl Consents for Sqlite {
    async fn keep(&self, entries: &[ConsentEntry]) -> Result<()> {
        let mut transaction = self.begin().await?;
        for entry in entries {
            sqlx::query(
                "INSERT INTO consents
                     (id, recipient, sender, consent, source, reference, by, note, said_at, noted_at)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (id) DO NOTHING",
            )
            .bind(entry.id.clone())
            .bind(entry.recipient.as_str().to_owned())
            .bind(entry.sender.clone())
            .bind(entry.consent.as_str())
            .bind(entry.evidence.source.as_str())
            .bind(entry.evidence.reference.clone())
            .bind(entry.evidence.by.clone())
            .bind(
                entry
                    .evidence
                    .note
                    .as_ref()
                    .map(|note| note.as_str().to_owned()),
            )
            .bind(entry.said_at.as_millis())
            .bind(entry.noted_at.as_millis())
            .execute(&mut *transaction)
            .await
            .map_err(unavailable)?;
        }
        transaction.commit().await
    }

    async fn entries(
        &self,
        recipient: Option<&Address>,
        after: Option<&JournalPlace>,
        limit: usize,
    ) -> Result<Vec<ConsentEntry>> {
        let mut query = QueryBuilder::new("SELECT * FROM consents WHERE TRUE");
        if let Some(recipient) = recipient {
            query.push(" AND recipient = ");
            query.push_bind(recipient.as_str().to_owned());
        }
        if let Some(place) = after {
            query.push(" AND (recipient, said_at, id) > (");
            query.push_bind(place.recipient.as_str().to_owned());
            query.push(", ");
            query.push_bind(place.said_at.as_millis());
            query.push(", ");
            query.push_bind(place.id.clone());
            query.push(")");
        }
        query.push(" ORDER BY recipient, said_at, id LIMIT ");
        query.push_bind(at_most(limit));
        let rows = query.build().fetch_all(&self.readers).await;
        rows.map_err(unavailable)?.iter().map(entry).collect()
    }
}

fn entry(row: &SqliteRow) -> Result<ConsentEntry> {
    let consent: String = get(row, "consent")?;
    let source: String = get(row, "source")?;
    let unknown =
        |word: &str| StoreError::corrupt(ENTRY, format!("it has the unknown word {word:?}"));
    Ok(ConsentEntry {
        id: get(row, "id")?,
        recipient: Address::from(get::<String>(row, "recipient")?),
        sender: get(row, "sender")?,
        consent: Consent::parse(&consent).ok_or_else(|| unknown(&consent))?,
        evidence: Evidence {
            source: ConsentSource::parse(&source).ok_or_else(|| unknown(&source))?,
            reference: get(row, "reference")?,
            by: get(row, "by")?,
            note: get::<Option<String>>(row, "note")?.map(Note::from),
        },
        said_at: Timestamp::from_millis(get(row, "said_at")?),
        noted_at: Timestamp::from_millis(get(row, "noted_at")?),
    })
}

const ENTRY: &str = "what somebody said about our texts";

fn get<'r, T>(row: &'r SqliteRow, column: &str) -> Result<T>
where
    T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    row.try_get(column)
        .map_err(|error| StoreError::corrupt(ENTRY, error))
}
