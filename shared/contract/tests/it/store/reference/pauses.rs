use async_trait::async_trait;
use mysms_core::domain::{LeaseToken, Timestamp};
use mysms_core::store::{Pause, Pauses, Result, SenderKey};

use super::Reference;

#[async_trait]
impl Pauses for Reference {
    async fn pause(&self, pause: Pause) -> Result<()> {
        let mut state = self.state();
        let known = state.pauses.get(pause.sender.as_str());
        let since = known.map_or(pause.since, |(known, _)| known.since);
        let pause = Pause {
            since,
            probing_until: None,
            ..pause
        };
        let key = pause.sender.to_string();
        state.pauses.insert(key, (pause, None));
        Ok(())
    }

    async fn find(&self, sender: &SenderKey) -> Result<Option<Pause>> {
        let state = self.state();
        let found = state.pauses.get(sender.as_str());
        Ok(found.map(|(pause, _)| pause.clone()))
    }

    async fn paused(&self) -> Result<Vec<Pause>> {
        let state = self.state();
        Ok(state
            .pauses
            .values()
            .map(|(pause, _)| pause.clone())
            .collect())
    }

    async fn take_probe(
        &self,
        sender: &SenderKey,
        token: LeaseToken,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool> {
        let mut state = self.state();
        let Some((pause, holder)) = state.pauses.get_mut(sender.as_str()) else {
            return Ok(false);
        };
        let free = pause.probing_until.is_none_or(|end| end <= now);
        let wins = *holder == Some(token) || (pause.probe_at <= now && free);
        if wins {
            *holder = Some(token);
            pause.probing_until = Some(until);
        }
        Ok(wins)
    }

    async fn resume(&self, sender: &SenderKey) -> Result<()> {
        self.state().pauses.remove(sender.as_str());
        Ok(())
    }
}
