use async_trait::async_trait;
use mysms_core::domain::{Message, UserId};
use mysms_core::store::{Changes, Place, Result};

use super::Reference;

#[async_trait]
impl Changes for Reference {
    async fn changed_after(
        &self,
        owner: UserId,
        place: Place,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let mut changed = self
            .state()
            .select(|message| message.owner == owner && Place::of(message) > place);
        changed.sort_by_key(Place::of);
        let without_timeline = |message| Message {
            timeline: Vec::new(),
            ..message
        };
        Ok(changed
            .into_iter()
            .take(limit)
            .map(without_timeline)
            .collect())
    }
}
