//! The adapters under test, each opened on data of its own.

use std::ops::Deref;
use std::sync::Arc;

use async_trait::async_trait;
use mysms_core::domain::{Timestamp, UserId, Wish};
use mysms_core::stores::Stores;
use sqlite::Sqlite;
use tempfile::TempDir;

use super::reference::Reference;
use crate::mongo::Scratch;

/// A store with its ports.
pub(crate) struct Store {
    ports: Stores,
    data: Arc<dyn Data>,
}

impl Deref for Store {
    type Target = Stores;

    fn deref(&self) -> &Stores {
        &self.ports
    }
}

/// What is left of a store when the process that uses it ends.
#[async_trait]
trait Data: Send + Sync {
    async fn open(self: Arc<Self>) -> Store;

    /// Other data of the same kind, empty.
    async fn another(&self) -> Store;

    /// Whether old tombstones vanish without being told.
    fn purges_by_itself(&self) -> bool {
        false
    }

    /// Removes it. The data of a case that failed stay to be looked at.
    async fn dispose(&self) {}
}

impl Store {
    fn new(ports: Stores, data: Arc<dyn Data>) -> Self {
        Self { ports, data }
    }

    /// Ends what waits to be sent against a wish.
    pub(crate) async fn refuse_queued(
        &self,
        wish: &Wish,
        now: Timestamp,
        limit: usize,
    ) -> Vec<UserId> {
        let senders = self.opt_outs.refused_senders(wish).await.unwrap();
        let refused = self
            .ledger
            .refuse_queued(&wish.recipient, &senders, now, limit);
        refused.await.unwrap().owners
    }

    /// What another process sees that opens the data while this one has not closed them.
    pub(crate) async fn reopened(&self) -> Self {
        Arc::clone(&self.data).open().await
    }

    /// An empty store of the same adapter.
    pub(crate) async fn another(&self) -> Self {
        self.data.another().await
    }

    pub(crate) fn purges_by_itself(&self) -> bool {
        self.data.purges_by_itself()
    }

    pub(crate) async fn dispose(self) {
        self.data.dispose().await;
    }
}

pub(crate) async fn reference() -> Store {
    Arc::new(InMemory(Arc::default())).open().await
}

struct InMemory(Arc<Reference>);

#[async_trait]
impl Data for InMemory {
    async fn open(self: Arc<Self>) -> Store {
        Store::new(Stores::new(Arc::clone(&self.0)), self)
    }

    async fn another(&self) -> Store {
        reference().await
    }
}

pub(crate) async fn sqlite() -> Store {
    let directory = tempfile::tempdir().unwrap();
    Arc::new(SqliteFile(directory)).open().await
}

struct SqliteFile(TempDir);

#[async_trait]
impl Data for SqliteFile {
    async fn open(self: Arc<Self>) -> Store {
        let opened = Sqlite::open(&self.0.path().join("mysms.db")).await;
        Store::new(Stores::new(Arc::new(opened.unwrap())), self)
    }

    async fn another(&self) -> Store {
        sqlite().await
    }
}

pub(crate) async fn mongo() -> Store {
    mongo_in(Scratch::new().await).await
}

/// A store in a migrated database, which is removed with it.
pub(crate) async fn mongo_in(database: Scratch) -> Store {
    Arc::new(database).open().await
}

#[async_trait]
impl Data for Scratch {
    async fn open(self: Arc<Self>) -> Store {
        Store::new(Stores::new(Arc::new(self.connect().await)), self)
    }

    async fn another(&self) -> Store {
        mongo_in(self.another().await).await
    }

    fn purges_by_itself(&self) -> bool {
        true
    }

    async fn dispose(&self) {
        self.remove().await;
    }
}
