//! Waiting for a condition.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Long enough for a busy machine to start a server; who waits longer has failed.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Between two questions whether something has come about.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);

/// Asks until the answer is yes; fails with `what` when patience ends.
pub async fn until<F>(what: &str, mut condition: impl FnMut() -> F) -> anyhow::Result<()>
where
    F: Future<Output = bool>,
{
    let deadline = Instant::now() + PATIENCE;
    while !condition().await {
        let in_time = Instant::now() < deadline;
        anyhow::ensure!(in_time, "gave up waiting until {what}");
        sleep(PAUSE).await;
    }
    Ok(())
}

/// The same for a test, which cannot go on without it, and whose questions may change something of
/// its own. The price is that it cannot be spawned.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition().await {
        assert!(Instant::now() < deadline, "gave up waiting until {what}");
        sleep(PAUSE).await;
    }
}
