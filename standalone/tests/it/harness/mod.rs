//! Starts messengers and simulators, and waits for conditions.

mod client;
mod command;
mod disk;
mod messenger;
mod receiver;
mod simulator;
mod stream;

pub(crate) use client::{Client, begun, get, http};
pub(crate) use command::{Ended, run};
pub(crate) use disk::{FailingDisk, SmallDisk};
pub(crate) use lab::eventually;
pub(crate) use messenger::{Messenger, Mode, binary};
pub(crate) use receiver::Receiver;
pub(crate) use simulator::Judge;
pub(crate) use stream::{Stream, Told};

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
