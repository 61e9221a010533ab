//! Starts messengers and simulators, and waits for conditions.

mod client;
mod command;
mod disk;
mod messenger;
mod process;
mod servers;
mod simulator;
mod stream;

use std::time::{Duration, Instant};

pub(crate) use client::{Client, get, http};
pub(crate) use command::{Ended, run};
pub(crate) use disk::{FailingDisk, SmallDisk};
pub(crate) use messenger::{Messenger, Mode, binary, free_port};
pub(crate) use process::Process;
pub(crate) use servers::{Broker, Database, Line, copy, services};
pub(crate) use simulator::Judge;
pub(crate) use stream::{Stream, Told};

/// Long enough for a slow machine; a test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// Stamps each case as a test of its own for every way in which the messenger runs.
#[macro_export]
macro_rules! in_every_mode {
    ($($case:ident),+ $(,)?) => {
        mod embedded {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$case($crate::harness::Mode::Embedded).await;
                }
            )+
        }

        mod servers {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$case($crate::harness::Mode::Servers).await;
                }
            )+
        }
    };
}

/// Asks until the answer is yes; panics with `what` when patience ends.
pub(crate) async fn eventually<F>(what: &str, condition: impl FnMut() -> F)
where
    F: Future<Output = bool>,
{
    eventually_within(PATIENCE, what, condition).await;
}

pub(crate) async fn eventually_within<F>(
    patience: Duration,
    what: &str,
    mut condition: impl FnMut() -> F,
) where
    F: Future<Output = bool>,
{
    let deadline = Instant::now() + patience;
    while !condition().await {
        assert!(Instant::now() < deadline, "gave up waiting until {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
