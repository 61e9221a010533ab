use async_trait::async_trait;
use mysms_core::domain::{Timestamp, Turn, UserId, Weight};
use mysms_core::store::{
    ENDS_KEPT, LISTED_USERS, Mover, QueueId, QueueStanding, Reach, Result, StoreError, Turns,
};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite as Driver};

use super::messages::at_most;
use super::{Sqlite, unavailable};

#[async_trait]
impl Turns for Sqlite {
    async fn enter(&self, queue: &QueueId, segments: u64) -> Result<QueueStanding> {
        let statement = sqlx::query(
            "INSERT INTO queues (line, class, entered) VALUES (?, ?, ?)
             ON CONFLICT (line, class) DO UPDATE SET entered = entered + excluded.entered
             RETURNING virtual_time, entered, departed",
        )
        .bind(queue.line.as_str().to_owned())
        .bind(queue.class.as_str())
        .bind(count(segments));
        let after = standing(&self.changed(statement).await?)?;
        Ok(QueueStanding {
            entered: after.entered.saturating_sub(segments),
            ..after
        })
    }

    async fn move_end(&self, queue: &QueueId, mover: &Mover, now: Timestamp) -> Result<Turn> {
        let length = Turn::length(mover.segments, mover.weight);
        let statement = sqlx::query(
            "INSERT INTO turns (line, class, user, ends, weight, moved_at)
             VALUES (?1, ?2, ?3, ?4 + ?5, ?6, ?7)
             ON CONFLICT (line, class, user) DO UPDATE SET
                 ends = MAX(ends, ?4) + ?5, weight = excluded.weight, moved_at = excluded.moved_at
             RETURNING ends",
        )
        .bind(queue.line.as_str().to_owned())
        .bind(queue.class.as_str())
        .bind(mover.user.as_uuid())
        .bind(mover.from.as_micros())
        .bind(length)
        .bind(mover.weight.get())
        .bind(now.as_millis());
        let forgotten =
            sqlx::query("DELETE FROM turns WHERE moved_at < ?").bind((now - ENDS_KEPT).as_millis());
        // They come together, so they share a transaction.
        let (row, ()) = tokio::try_join!(self.changed(statement), self.counted(forgotten))?;
        let end: i64 = row.try_get(0).map_err(corrupt)?;
        Ok(Turn::from_micros(end.saturating_sub(length)))
    }

    async fn leave(&self, queue: &QueueId, segments: u64, turn: Option<Turn>) -> Result<()> {
        let statement = sqlx::query(
            "INSERT INTO queues (line, class, departed, virtual_time) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (line, class) DO UPDATE SET
                 departed = departed + excluded.departed,
                 virtual_time = MAX(virtual_time, excluded.virtual_time)",
        )
        .bind(queue.line.as_str().to_owned())
        .bind(queue.class.as_str())
        .bind(count(segments))
        .bind(turn.unwrap_or(Turn::FIRST).as_micros());
        self.counted(statement).await
    }

    async fn give_back(&self, queue: &QueueId, user: UserId, segments: u64) -> Result<()> {
        let statement = sqlx::query(
            "UPDATE turns SET ends = ends - ? / weight WHERE line = ? AND class = ? AND user = ?",
        )
        .bind(Turn::length(segments, Weight::ONE))
        .bind(queue.line.as_str().to_owned())
        .bind(queue.class.as_str())
        .bind(user.as_uuid());
        self.counted(statement).await
    }

    async fn emptied(&self, queue: &QueueId, entered: u64) -> Result<()> {
        let statement = sqlx::query(
            "UPDATE queues SET departed = entered WHERE line = ? AND class = ? AND entered <= ?",
        )
        .bind(queue.line.as_str().to_owned())
        .bind(queue.class.as_str())
        .bind(count(entered));
        self.counted(statement).await
    }

    async fn queue(&self, queue: &QueueId) -> Result<(QueueStanding, Vec<Reach>)> {
        let found = sqlx::query(
            "SELECT virtual_time, entered, departed FROM queues WHERE line = ? AND class = ?",
        )
        .bind(queue.line.as_str().to_owned())
        .bind(queue.class.as_str())
        .fetch_optional(&self.readers)
        .await
        .map_err(unavailable)?;
        let standing = found
            .as_ref()
            .map(standing)
            .transpose()?
            .unwrap_or_default();
        let rows = sqlx::query(
            "SELECT user, ends, weight FROM turns WHERE line = ? AND class = ? AND ends > ?
             ORDER BY ends DESC LIMIT ?",
        )
        .bind(queue.line.as_str().to_owned())
        .bind(queue.class.as_str())
        .bind(standing.virtual_time.as_micros())
        .bind(at_most(LISTED_USERS))
        .fetch_all(&self.readers)
        .await
        .map_err(unavailable)?;
        let reaches: Result<_> = rows.iter().map(reach).collect();
        Ok((standing, reaches?))
    }
}

type Statement = Query<'static, Driver, SqliteArguments>;

impl Sqlite {
    /// Returns the row that a statement tells after it changed it.
    async fn changed(&self, statement: Statement) -> Result<SqliteRow> {
        let change = self.group.change(move |connection| {
            Box::pin(async move { statement.fetch_one(connection).await.map_err(unavailable) })
        });
        change.await
    }

    async fn counted(&self, statement: Statement) -> Result<()> {
        let change = self.group.change(move |connection| {
            Box::pin(async move {
                statement.execute(connection).await.map_err(unavailable)?;
                Ok(())
            })
        });
        change.await
    }
}

fn count(segments: u64) -> i64 {
    i64::try_from(segments).unwrap_or(i64::MAX)
}

fn standing(row: &SqliteRow) -> Result<QueueStanding> {
    let number = |column| row.try_get::<i64, _>(column).map_err(corrupt);
    Ok(QueueStanding {
        virtual_time: Turn::from_micros(number("virtual_time")?),
        entered: number("entered")?.unsigned_abs(),
        left: number("departed")?.unsigned_abs(),
    })
}

fn reach(row: &SqliteRow) -> Result<Reach> {
    let weight: u8 = row.try_get("weight").map_err(corrupt)?;
    Ok(Reach {
        user: UserId::from_uuid(row.try_get("user").map_err(corrupt)?),
        end: Turn::from_micros(row.try_get("ends").map_err(corrupt)?),
        weight: Weight::try_from(weight).map_err(|error| StoreError::corrupt("a turn", error))?,
    })
}

fn corrupt(error: sqlx::Error) -> StoreError {
    StoreError::corrupt("a turn", error)
}
