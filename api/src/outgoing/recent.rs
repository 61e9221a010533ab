//! What is read in the store at most once a second, however many ask.

use std::sync::Arc;
use std::time::Duration;

use mysms_core::store::Result;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// For how long a reading is good.
const FRESH: Duration = Duration::from_secs(1);

/// The latest reading of something. Whoever comes while it is read waits for that.
pub(super) struct Recent<T>(Mutex<Option<(Instant, Arc<T>)>>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Recent<T> {
    pub(super) async fn get(&self, read: impl Future<Output = Result<T>>) -> Result<Arc<T>> {
        let mut slot = self.0.lock().await;
        if let Some((at, known)) = &*slot
            && at.elapsed() < FRESH
        {
            return Ok(Arc::clone(known));
        }
        let known = Arc::new(read.await?);
        *slot = Some((Instant::now(), Arc::clone(&known)));
        Ok(known)
    }
}
