//! Group commit: changes that arrive while the file is being written share the next transaction, and
//! with it the wait for the disk.

use batch_aint_one::Processor;
use futures_util::future::BoxFuture;
use mysms_core::store::{Batches, Result, StoreError};
use sqlx::SqliteConnection;
use tokio::sync::oneshot;

use super::STORE;
use super::writer::{Transaction, Writer};

/// A change, which hands its result over by itself, and tells how it failed if it did.
type Change =
    Box<dyn for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Option<StoreError>> + Send>;

/// Executes changes one after the other in one transaction. A change that fails has written nothing,
/// since none has more than one statement that writes.
#[derive(Clone)]
struct Transactions(Writer);

impl Processor for Transactions {
    type Key = ();
    type Input = Change;
    type Output = ();
    type Error = StoreError;
    type Resources = Transaction;

    async fn acquire_resources(&self, (): ()) -> Result<Self::Resources> {
        self.0.begin().await
    }

    async fn process(
        &self,
        (): (),
        changes: impl Iterator<Item = Change> + Send,
        mut transaction: Self::Resources,
    ) -> Result<Vec<()>> {
        let mut executed = 0;
        for change in changes {
            if let Some(failure) = change(&mut transaction).await {
                // What comes after would not be undone with what came before.
                if transaction.is_over().await {
                    return Err(failure);
                }
                transaction.note_failure();
            }
            executed += 1;
        }
        transaction.commit().await?;
        Ok(vec![(); executed])
    }
}

/// Whoever changes messages.
pub(super) struct GroupCommit(Batches<Transactions>);

impl GroupCommit {
    pub(super) fn new(writer: Writer) -> Self {
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
                let changed = change(connection).await;
                let failure = changed.as_ref().err().cloned();
                // Nobody listens any more if the caller went away.
                let _ = tell.send(changed);
                failure
            })
        });
        self.0.call(STORE, (), change).await?;
        told.await
            .map_err(|error| StoreError::unavailable(STORE, error))?
    }
}
