//! Many concurrent calls become one round trip, without timers: a lone call goes at once, and
//! whatever comes while batches are under way forms the next one.

use batch_aint_one::{BatchError, Batcher, BatchingPolicy, Limits, Processor};

use super::{Result, StoreError};

/// The most calls in one round trip.
const LARGEST: usize = 64;

/// The most calls that wait; more are refused at once, because they would wait too long.
const WAITING: usize = 8192;

/// Callers of one kind of operation, whose calls are executed by `P` in batches.
///
/// If a caller goes away before its batch has begun, its call is not executed; afterwards it is. The
/// other calls of the batch are not affected.
pub struct Batches<P: Processor>(Batcher<P>);

impl<P> Batches<P>
where
    P: Processor<Error = StoreError>,
{
    /// At most `under_way` batches of one key are executed at the same time.
    pub fn new(name: &'static str, processor: P, under_way: usize) -> Self {
        let limits = Limits::builder()
            .max_batch_size(LARGEST)
            .max_key_concurrency(under_way)
            .max_key_queued_items(WAITING)
            .build();
        let batcher = Batcher::builder()
            .name(name)
            .processor(processor)
            .limits(limits)
            .batching_policy(BatchingPolicy::Immediate);
        Self(batcher.build())
    }

    /// Waits until the batch of this call has been executed, with others of its key.
    pub async fn call(
        &self,
        store: &'static str,
        key: P::Key,
        input: P::Input,
    ) -> Result<P::Output> {
        self.0.add(key, input).await.map_err(|error| match error {
            BatchError::BatchFailed(error) | BatchError::ResourceAcquisitionFailed(error) => error,
            other => StoreError::unavailable(store, other),
        })
    }
}

impl<P: Processor> Clone for Batches<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}
