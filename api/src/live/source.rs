//! Where it is read what changed for a user.

use std::sync::Arc;

use mysms_core::domain::{
    DisabledBy, Endpoint, EndpointId, EndpointState, MOST_ENDPOINTS, Message, Timestamp, UserId,
};
use mysms_core::store::{Changes, Kind, Place, Records, Result, Stored};

use crate::store_timeout::StoreTimeout;

/// The stores that tell what changed for a user, each asked for so long and no longer.
pub(crate) struct Source {
    pub(crate) changes: Arc<dyn Changes>,
    pub(crate) records: Arc<dyn Records>,
    pub(crate) store_timeout: StoreTimeout,
}

/// An endpoint that is called no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DisabledEndpoint {
    pub(crate) id: EndpointId,
    pub(crate) at: Timestamp,
    pub(crate) by: DisabledBy,
}

impl Source {
    pub(crate) async fn changed_after(
        &self,
        owner: UserId,
        place: Place,
        limit: usize,
    ) -> Result<Vec<Message>> {
        let changed = self.changes.changed_after(owner, place, limit);
        self.store_timeout.once(changed).await
    }

    /// The user's endpoints that were disabled at a time or later, and still are.
    pub(crate) async fn disabled_since(
        &self,
        owner: UserId,
        since: Timestamp,
    ) -> Result<Vec<DisabledEndpoint>> {
        let prefix = Endpoint::keys_of(owner);
        let records = &self.records;
        let found = records.records_under(Kind::Endpoint, &prefix, None, MOST_ENDPOINTS);
        let found = self.store_timeout.once(found).await?;
        let disabled = found.iter().filter_map(disabled);
        Ok(disabled.filter(|disabled| disabled.at >= since).collect())
    }

    /// When the user noted something on a conversation last, if that was at a time or later.
    pub(crate) async fn marked_since(
        &self,
        owner: UserId,
        since: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let (records, key) = (&self.records, owner.to_string());
        let found = records.records_under(Kind::Marked, &key, None, 1);
        let found = self.store_timeout.once(found).await?;
        let marked: Option<Timestamp> = found.first().map(Stored::read).transpose()?;
        Ok(marked.filter(|at| *at >= since))
    }
}

/// One that cannot be read keeps nobody from being told of the others, and of messages.
fn disabled(stored: &Stored) -> Option<DisabledEndpoint> {
    let endpoint: Endpoint = stored.read().ok()?;
    match endpoint.state {
        EndpointState::Active => None,
        EndpointState::Disabled { at, by } => Some(DisabledEndpoint {
            id: endpoint.id,
            at,
            by,
        }),
    }
}
