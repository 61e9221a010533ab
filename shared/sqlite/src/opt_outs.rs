use async_trait::async_trait;
use mysms_core::domain::{Address, Consent, Standing, Timestamp, Wish};
use mysms_core::store::OptOuts;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row};

use super::messages::at_most;
use super::writer::Transaction;
use super::{Result, Sqlite, unavailable};

#[async_trait]
impl OptOuts for Sqlite {
    async fn note_all(&self, wishes: &[Wish], now: Timestamp) -> Result<()> {
        let mut transaction = self.begin().await?;
        for wish in wishes {
            for sender in &wish.senders {
                if wish.consent == Consent::Maybe {
                    flag(&mut transaction, sender, wish, now).await?;
                } else {
                    note(&mut transaction, sender, wish, now).await?;
                }
            }
        }
        transaction.commit().await
    }

    async fn withdrawn(&self, senders: &[&str], recipients: &[Address]) -> Result<Vec<Address>> {
        let mut query = QueryBuilder::new(
            "SELECT DISTINCT recipient FROM opt_outs WHERE opted_out = 1 AND sender IN (",
        );
        let mut list = query.separated(", ");
        for sender in senders {
            list.push_bind((*sender).to_owned());
        }
        query.push(") AND recipient IN (");
        let mut list = query.separated(", ");
        for recipient in recipients {
            list.push_bind(recipient.as_str().to_owned());
        }
        query.push(")");
        let rows = query.build().fetch_all(&self.readers).await;
        Ok(rows.map_err(unavailable)?.iter().map(recipient).collect())
    }

    async fn opted_out_since(&self, sender: &str, since: Timestamp) -> Result<Vec<Address>> {
        let rows = sqlx::query(
            "SELECT recipient FROM opt_outs WHERE sender = ? AND noted_at >= ? AND opted_out = 1",
        )
        .bind(sender.to_owned())
        .bind(since.as_millis())
        .fetch_all(&self.readers)
        .await;
        Ok(rows.map_err(unavailable)?.iter().map(recipient).collect())
    }

    async fn noted_since(
        &self,
        sender: &str,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<Standing>> {
        let rows = sqlx::query("SELECT * FROM opt_outs WHERE sender = ? AND noted_at >= ? LIMIT ?")
            .bind(sender.to_owned())
            .bind(since.as_millis())
            .bind(at_most(limit))
            .fetch_all(&self.readers)
            .await;
        Ok(rows.map_err(unavailable)?.iter().map(standing).collect())
    }

    async fn refused_senders(&self, wish: &Wish) -> Result<Vec<String>> {
        let mut query =
            QueryBuilder::new("SELECT sender FROM opt_outs WHERE opted_out = 1 AND recipient = ");
        query.push_bind(wish.recipient.as_str().to_owned());
        query.push(" AND sender IN (");
        let mut list = query.separated(", ");
        for sender in &wish.senders {
            list.push_bind(sender.clone());
        }
        query.push(")");
        let rows = query.build().fetch_all(&self.readers).await;
        let rows = rows.map_err(unavailable)?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    async fn standings(&self, recipient: &Address) -> Result<Vec<Standing>> {
        let rows = sqlx::query("SELECT * FROM opt_outs WHERE recipient = ? ORDER BY sender")
            .bind(recipient.as_str().to_owned())
            .fetch_all(&self.readers)
            .await;
        Ok(rows.map_err(unavailable)?.iter().map(standing).collect())
    }

    async fn standing_with(
        &self,
        sender: &str,
        consent: Consent,
        after: Option<&Address>,
        limit: usize,
    ) -> Result<Vec<Standing>> {
        let mut query = QueryBuilder::new("SELECT * FROM opt_outs WHERE ");
        query.push(match consent {
            Consent::Withdrawn => "opted_out = 1",
            Consent::Given => "opted_out = 0 AND (maybe_at IS NULL OR maybe_at <= at)",
            Consent::Maybe => "opted_out = 0 AND maybe_at IS NOT NULL AND maybe_at > at",
        });
        query.push(" AND sender = ");
        query.push_bind(sender.to_owned());
        if let Some(after) = after {
            query.push(" AND recipient > ");
            query.push_bind(after.as_str().to_owned());
        }
        query.push(" ORDER BY recipient LIMIT ");
        query.push_bind(at_most(limit));
        let rows = query.build().fetch_all(&self.readers).await;
        Ok(rows.map_err(unavailable)?.iter().map(standing).collect())
    }
}

/// What was said later than the wish stays open.
async fn note(
    transaction: &mut Transaction,
    sender: &str,
    wish: &Wish,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO opt_outs (sender, recipient, opted_out, at, noted_at)
         VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (sender, recipient) DO UPDATE SET
             opted_out = excluded.opted_out, at = excluded.at, noted_at = excluded.noted_at,
             maybe_at = CASE WHEN maybe_at > excluded.at THEN maybe_at END
         WHERE at < excluded.at OR (at = excluded.at AND opted_out < excluded.opted_out)",
    )
    .bind(sender.to_owned())
    .bind(wish.recipient.as_str().to_owned())
    .bind(wish.consent == Consent::Withdrawn)
    .bind(wish.at.as_millis())
    .bind(now.as_millis())
    .execute(&mut **transaction)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// Whoever has said nothing else wants texts, as of the beginning of time.
async fn flag(
    transaction: &mut Transaction,
    sender: &str,
    wish: &Wish,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO opt_outs (sender, recipient, opted_out, at, noted_at, maybe_at)
         VALUES (?, ?, 0, ?, ?, ?)
         ON CONFLICT (sender, recipient) DO UPDATE SET
             maybe_at = excluded.maybe_at, noted_at = excluded.noted_at
         WHERE at < excluded.maybe_at AND (maybe_at IS NULL OR maybe_at < excluded.maybe_at)",
    )
    .bind(sender.to_owned())
    .bind(wish.recipient.as_str().to_owned())
    .bind(Timestamp::EPOCH.as_millis())
    .bind(now.as_millis())
    .bind(wish.at.as_millis())
    .execute(&mut **transaction)
    .await
    .map_err(unavailable)?;
    Ok(())
}

fn recipient(row: &SqliteRow) -> Address {
    Address::from(row.get::<String, _>("recipient"))
}

fn standing(row: &SqliteRow) -> Standing {
    let at = Timestamp::from_millis(row.get("at"));
    let maybe_at: Option<i64> = row.get("maybe_at");
    Standing::of(
        recipient(row),
        row.get("sender"),
        (row.get("opted_out"), at),
        maybe_at.map(Timestamp::from_millis),
    )
}
