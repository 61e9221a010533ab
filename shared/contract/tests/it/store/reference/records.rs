use async_trait::async_trait;
use mysms_core::domain::Timestamp;
use mysms_core::store::{Kind, Reading, Records, Result, Stored, first_version};

use super::Reference;

#[async_trait]
impl Records for Reference {
    async fn record(&self, kind: Kind, key: &str, now: Timestamp) -> Result<Reading> {
        let place = (kind.as_str(), key.to_owned());
        let record = self.state().records.get(&place).cloned();
        Ok(Reading { record, at: now })
    }

    async fn records(&self, kind: Kind) -> Result<Vec<Stored>> {
        let state = self.state();
        let of_kind = state
            .records
            .iter()
            .filter(|((known, _), _)| *known == kind.as_str());
        Ok(of_kind.map(|(_, stored)| stored.clone()).collect())
    }

    async fn records_under(
        &self,
        kind: Kind,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Stored>> {
        let mut of_kind = self.records(kind).await?;
        of_kind.retain(|stored| {
            let key = stored.key.as_str();
            key.starts_with(prefix) && after.is_none_or(|after| key > after)
        });
        of_kind.truncate(limit);
        Ok(of_kind)
    }

    async fn replace(&self, kind: Kind, key: &str, seen: u64, after: Option<&str>) -> Result<bool> {
        let mut state = self.state();
        let place = (kind.as_str(), key.to_owned());
        let version = state.records.get(&place).map_or(0, |stored| stored.version);
        if version != seen {
            return Ok(false);
        }
        match after {
            None => state.records.remove(&place),
            Some(value) => {
                let next = if version == 0 {
                    first_version()
                } else {
                    version + 1
                };
                let stored = Stored {
                    key: key.to_owned(),
                    version: next,
                    value: value.to_owned(),
                };
                state.records.insert(place, stored)
            }
        };
        Ok(true)
    }
}
