use async_trait::async_trait;
use mysms_core::domain::{ApiKey, KeyId, MOST_KEYS, Timestamp, UserId};
use mysms_core::store::{Created, Keys, Result};

use super::Reference;

/// A key, and whether it was ended.
pub(super) type Known = (ApiKey, bool);

fn is_good_of(owner: UserId) -> impl Fn(&&Known) -> bool {
    move |(key, ended)| key.owner == owner && !ended
}

#[async_trait]
impl Keys for Reference {
    async fn create_key(&self, key: &ApiKey) -> Result<Created> {
        let mut state = self.state();
        if state.keys.iter().any(|(known, _)| known.id == key.id) {
            return Ok(Created::Done);
        }
        if state.keys.iter().filter(is_good_of(key.owner)).count() >= MOST_KEYS {
            return Ok(Created::TooMany);
        }
        state.keys.push((key.clone(), false));
        Ok(Created::Done)
    }

    async fn key(&self, id: &KeyId) -> Result<Option<ApiKey>> {
        let state = self.state();
        let found = state
            .keys
            .iter()
            .find(|(key, ended)| key.id == *id && !ended);
        Ok(found.map(|(key, _)| key.clone()))
    }

    async fn keys_of(&self, owner: UserId) -> Result<Vec<ApiKey>> {
        let state = self.state();
        let own = state.keys.iter().filter(is_good_of(owner));
        let mut own: Vec<_> = own.map(|(key, _)| key.clone()).collect();
        own.sort_by_key(|key| (std::cmp::Reverse(key.created_at), key.id.clone()));
        Ok(own)
    }

    async fn end_key(&self, owner: UserId, id: &KeyId, _: Timestamp) -> Result<bool> {
        let mut state = self.state();
        let mut all = state.keys.iter_mut();
        let found = all.find(|(key, _)| key.owner == owner && key.id == *id);
        Ok(found.map(|(_, ended)| *ended = true).is_some())
    }

    async fn end_keys(&self, owner: UserId, _: Timestamp) -> Result<()> {
        let mut state = self.state();
        for (key, ended) in &mut state.keys {
            *ended |= key.owner == owner;
        }
        Ok(())
    }

    async fn note_use(&self, id: &KeyId, at: Timestamp) -> Result<()> {
        let mut state = self.state();
        for (key, _) in state.keys.iter_mut().filter(|(key, _)| key.id == *id) {
            key.last_used = key.last_used.max(Some(at));
        }
        Ok(())
    }

    async fn forget_keys(&self, owner: UserId) -> Result<()> {
        self.state().keys.retain(|(key, _)| key.owner != owner);
        Ok(())
    }
}
