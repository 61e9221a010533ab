use async_trait::async_trait;
use mysms_core::domain::{EndpointId, MessageId, Telling, Timestamp};
use mysms_core::store::{Result, Told};

use super::Reference;

#[async_trait]
impl Told for Reference {
    async fn told(&self, endpoint: EndpointId, messages: &[MessageId]) -> Result<Vec<Telling>> {
        let state = self.state();
        let known = |id: &MessageId| state.told.get(&(endpoint, *id));
        Ok(messages
            .iter()
            .filter_map(known)
            .map(|(told, _)| *told)
            .collect())
    }

    async fn note_told(
        &self,
        endpoint: EndpointId,
        tellings: &[Telling],
        now: Timestamp,
    ) -> Result<()> {
        let mut state = self.state();
        for telling in tellings {
            let place = (endpoint, telling.message);
            let (known, at) = state.told.entry(place).or_insert((*telling, now));
            (*known, *at) = (known.merged(*telling), now.max(*at));
        }
        Ok(())
    }

    async fn forget_told(&self, endpoint: EndpointId, limit: usize) -> Result<u64> {
        let mut state = self.state();
        let of_it = state.told.keys().filter(|(owner, _)| *owner == endpoint);
        let places: Vec<_> = of_it.take(limit).copied().collect();
        for place in &places {
            state.told.remove(place);
        }
        Ok(places.len() as u64)
    }

    async fn forget_told_before(&self, before: Timestamp, limit: usize) -> Result<u64> {
        let mut state = self.state();
        let old = state.told.iter().filter(|(_, (_, at))| *at < before);
        let places: Vec<_> = old.take(limit).map(|(place, _)| *place).collect();
        for place in &places {
            state.told.remove(place);
        }
        Ok(places.len() as u64)
    }
}
