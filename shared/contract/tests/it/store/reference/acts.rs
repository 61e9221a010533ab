use async_trait::async_trait;
use mysms_core::domain::Act;
use mysms_core::store::{Acts, Result};

use super::Reference;

#[async_trait]
impl Acts for Reference {
    async fn record(&self, act: &Act) -> Result<()> {
        self.state().acts.insert(act.id, act.clone());
        Ok(())
    }

    async fn acts(&self, limit: u32) -> Result<Vec<Act>> {
        let state = self.state();
        let latest = state.acts.values().rev().take(limit as usize);
        Ok(latest.cloned().collect())
    }
}
