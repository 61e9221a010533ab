//! What operators do by hand: look at a message, stop and start sending.
//!
//! The commands work on the ledger, so they reach every process that uses it.

mod sending;
mod show;
mod status;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Subcommand;
use shared::clock::Clock;
use shared::domain::MessageId;
use shared::store::{Ledger, Operations, Senders, StoreError};

/// A command of an operator.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Show a message with its timeline; exits with 1 if there is none with this id
    Show {
        id: MessageId,
        /// Also the text and the whole number
        #[arg(long)]
        reveal: bool,
    },
    /// Numbers at a glance: what waits in each lane, since when, doubts, paused senders
    Status,
    /// Stop all sending until `resume`
    ///
    /// The API still accepts messages, and what is in flight is finished. Within two seconds no worker
    /// begins to send. Messages that are not sent within their validity expire meanwhile.
    Pause {
        /// Why, for those who look at `/readyz`
        #[arg(long, default_value = "an operator paused sending")]
        reason: String,
    },
    /// Let sending go on that `pause` has stopped
    ///
    /// A pause that the provider is the reason of ends by itself, and by nothing else.
    Resume,
}

/// What the commands work with.
pub struct Office {
    pub ledger: Arc<dyn Ledger>,
    pub operations: Arc<dyn Operations>,
    pub senders: Arc<dyn Senders>,
    pub clock: Arc<dyn Clock>,
    /// The lease that workers have.
    pub lease: Duration,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    #[error("the ledger did not do what it was asked")]
    Store(#[from] StoreError),
    #[error("the terminal cannot be used")]
    Terminal(#[from] io::Error),
}

impl Admin {
    /// Carries the command out and prints what came of it. The exit code is 1 if what it was about is
    /// not there.
    pub async fn run(&self, office: &Office) -> Result<ExitCode, AdminError> {
        let (text, code) = match self {
            Self::Show { id, reveal } => show::run(office, *id, *reveal).await?,
            Self::Status => (status::run(office).await?, ExitCode::SUCCESS),
            Self::Pause { reason } => (sending::pause(office, reason).await?, ExitCode::SUCCESS),
            Self::Resume => (sending::resume(office).await?, ExitCode::SUCCESS),
        };
        io::stdout().write_all(text.as_bytes())?;
        Ok(code)
    }
}
