use std::fmt::{self, Display, Formatter};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use mysms_core::chain::Chain;
use tokio::time::timeout;

/// How long connecting to an address, and any one answer of the broker, may take.
pub(super) const ANSWER: Duration = Duration::from_secs(5);

/// Why a connection ended, or did not come about.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("the broker cannot be reached")]
    Unreachable(#[source] io::Error),
    #[error("the broker does not answer")]
    Silent,
    // No source, because there is one for each address.
    #[error("{0}")]
    Everywhere(Attempts),
    // No source, because the driver's errors already tell theirs.
    #[error("{0}")]
    Driver(lapin::Error),
    #[error("the broker has ended the connection")]
    Ended,
    #[error("the queue is gone")]
    QueueGone,
}

/// What came of each address of the broker.
#[derive(Debug)]
pub(super) struct Attempts(pub(super) Vec<(SocketAddr, Failure)>);

impl Display for Attempts {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for (number, (address, failure)) in self.0.iter().enumerate() {
            let separator = if number == 0 { "" } else { "; " };
            write!(formatter, "{separator}{address}: {}", Chain(failure))?;
        }
        Ok(())
    }
}

impl From<lapin::Error> for Failure {
    fn from(error: lapin::Error) -> Self {
        Self::Driver(error)
    }
}

/// Waits for an answer of the broker, not for ever: the driver leaves some calls pending when the
/// connection ends beneath them.
pub(super) async fn answered<T>(
    call: impl Future<Output = lapin::Result<T>>,
) -> Result<T, Failure> {
    Ok(timeout(ANSWER, call).await.map_err(|_| Failure::Silent)??)
}
