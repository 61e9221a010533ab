//! Group commit: changes that arrive while the file is being written share the next transaction, and
//! with it the wait for the disk.

use batch_aint_one::Processor;
use futures_util::future::BoxFuture;
use sqlx::sqlite::SqlitePool;
use sqlx::{Sqlite as Driver, SqliteConnection, Transaction};
use tokio::sync::oneshot;

use super::{STORE, begin, commit};
use crate::store::batch::Batches;
use crate::store::{Result, StoreError};

/// A change, which hands its result over by itself.
type Change = Box<dyn for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, ()> + Send>;

/// Executes changes one after the other in one transaction. A change that fails has written nothing,
/// since none has more than one statement that writes.
#[derive(Clone)]
struct Transactions(SqlitePool);

impl Processor for Transactions {
    type Key = ();
    type Input = Change;
    type Output = ();
    type Error = StoreError;
    type Resources = Transaction<'static, Driver>;

    async fn acquire_resources(&self, (): ()) -> Result<Self::Resources> {
        begin(&self.0).await
    }

    async fn process(
        &self,
        (): (),
        changes: impl Iterator<Item = Change> + Send,
        mut transaction: Self::Resources,
    ) -> Result<Vec<()>> {
        let mut executed = 0;
        for change in changes {
            change(&mut transaction).await;
            executed += 1;
        }
        commit(transaction).await?;
        Ok(vec![(); executed])
    }
}

/// Whoever changes messages.
pub(super) struct GroupCommit(Batches<Transactions>);

impl GroupCommit {
    pub(super) fn new(writer: SqlitePool) -> Self {
        Self(Batches::new("sqlite", Transactions(writer), 1))
    }

    /// Executes a change, of which one statement may write, and waits until it is durable.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        change: impl for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T>>
        + Send
        + 'static,
    ) -> Result<T> {
        let (tell, told) = oneshot::channel();
        let change: Change = Box::new(move |connection| {
            Box::pin(async move {
                // Nobody listens any more if the caller went away.
                let _ = tell.send(change(connection).await);
            })
        });
        self.0.call(STORE, change).await?;
        told.await
            .map_err(|error| StoreError::unavailable(STORE, error))?
    }
}
