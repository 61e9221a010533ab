use async_trait::async_trait;
use mysms_core::domain::{Message, UserId};
use mysms_core::store::{Changes, Place, Result};
use sqlx::QueryBuilder;

use super::{Sqlite, row, unavailable};

#[async_trait]
impl Changes for Sqlite {
    async fn changed_after(
        &self,
        owner: UserId,
        place: Place,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let mut query = QueryBuilder::new(row::LIST.as_str());
        query.push_bind(owner.as_uuid());
        query.push(" AND (updated_at, id) > (");
        query.push_bind(place.at.as_millis());
        query.push(", ");
        query.push_bind(place.id.as_uuid());
        query.push(") ORDER BY updated_at, id LIMIT ");
        query.push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let rows = query
            .build()
            .fetch_all(&self.readers)
            .await
            .map_err(unavailable)?;
        rows.iter().map(row::message).collect()
    }
}
