use async_trait::async_trait;
use mysms_core::domain::{Address, ConsentEntry, JournalPlace};
use mysms_core::store::{Consents, Result};

use super::Reference;

#[async_trait]
impl Consents for Reference {
    async fn keep(&self, entries: &[ConsentEntry]) -> Result<()> {
        let mut state = self.state();
        for entry in entries {
            let known = state.consents.entry(entry.id.clone());
            known.or_insert_with(|| entry.clone());
        }
        Ok(())
    }

    async fn entries(
        &self,
        recipient: Option<&Address>,
        after: Option<&JournalPlace>,
        limit: usize,
    ) -> Result<Vec<ConsentEntry>> {
        let state = self.state();
        let asked = |entry: &&ConsentEntry| {
            recipient.is_none_or(|recipient| entry.recipient == *recipient)
                && after.is_none_or(|place| entry.place() > *place)
        };
        let mut entries: Vec<_> = state.consents.values().filter(asked).cloned().collect();
        entries.sort_by_key(ConsentEntry::place);
        entries.truncate(limit);
        Ok(entries)
    }
}
