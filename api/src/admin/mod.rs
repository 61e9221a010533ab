//! What operators do by hand: look at a message, stop and start sending, help users who cannot help
//! themselves.
//!
//! The commands work on the ledger, so they reach every process that uses it.

mod acts;
mod checkup;
mod consent;
mod inbox;
mod invites;
mod keys;
mod rights;
mod senders;
mod sending;
mod show;
mod status;
mod users;
mod weights;

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use clap::Subcommand;
use mysms_core::clock::Clock;
use mysms_core::domain::{InviteName, Username, Weight};
use mysms_core::provider::{Checkup, Glossary};
use mysms_core::store::StoreError;
use mysms_core::stores::Stores;
use runtime::exit::Exit;

pub use self::checkup::Account;
pub use self::consent::Consents;
pub use self::inbox::Inbox;
pub use self::keys::Keys;
pub use self::senders::{Home, Senders};
pub use self::show::Named;

/// A command of an operator.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Show a message with its timeline; exits with 1 if there is none with this id
    Show {
        /// The message's own id, or the SID that the provider gave it
        id: Named,
        /// Also the text and the whole number
        #[arg(long)]
        reveal: bool,
    },
    /// What operators did with these commands, the newest first: when, who, what, and to what
    ///
    /// What is only looked at is left out, unless it shows a text or a number.
    Acts {
        /// How many are shown
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
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
    /// From where texts leave: the registry of senders
    #[command(subcommand)]
    Senders(Senders),
    /// The account at Twilio: whether it is set up so that no text is lost
    #[command(subcommand, name = "twilio")]
    Account(Account),
    /// Let a user have a larger or a smaller share of each sender than others; 1 is usual
    SetWeight {
        #[arg(value_parser = Username::parse)]
        name: Username,
        /// 1 to 100
        #[arg(value_parser = weights::parse)]
        weight: Weight,
    },
    /// The inbox of the unassigned: texts that belong to nobody, and who sees them
    #[command(subcommand)]
    Inbox(Inbox),
    /// What people said about our texts: the evidence, lists of those who want none, and who looks after it
    #[command(subcommand)]
    Consent(Consents),
    /// Make a user, whose password is read from the standard input
    CreateUser {
        #[arg(value_parser = Username::parse)]
        name: Username,
        /// Make a password up instead, and print it
        #[arg(long)]
        generate: bool,
    },
    /// Let somebody sign up, once: prints a code, which is shown this one time
    ///
    /// It is good in every mode of SIGNUP, also while sign-up is closed.
    Invite {
        /// For whom it is; only operators see it
        #[arg(long, default_value = "")]
        note: String,
        /// How long it is good
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=365))]
        days: u16,
    },
    /// The invites, the newest first, and who used them; codes are not shown
    Invites,
    /// Take an invite back that nobody has used
    RevokeInvite {
        /// What `invites` shows first
        #[arg(value_parser = InviteName::parse)]
        name: InviteName,
    },
    /// Give a user a new password, which is read from the standard input; all their tokens end
    ResetPassword {
        #[arg(value_parser = Username::parse)]
        name: Username,
        /// Make one up instead, and print it
        #[arg(long)]
        generate: bool,
    },
    /// End all sessions of a user, so that they have to log in again everywhere
    EndSessions {
        #[arg(value_parser = Username::parse)]
        name: Username,
    },
    /// What users let their programs do: API keys, which outlive sessions and passwords
    #[command(subcommand)]
    Keys(Keys),
    /// Delete a user with all their messages, for good; their tokens and keys end and the name is free
    DeleteUser {
        #[arg(value_parser = Username::parse)]
        name: Username,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// What the commands work with.
pub struct AdminPorts {
    pub stores: Stores,
    pub clock: Arc<dyn Clock>,
    /// Of the provider that messages fail at.
    pub glossary: Glossary,
    /// The lease that workers have.
    pub lease: Duration,
    /// Whose senders are meant; only for commands that [need](Admin::needs_provider) it.
    pub home: Option<Home>,
    /// How long it takes until every process has heard of a change of a sender.
    pub heard_after: Duration,
    /// What looks at the provider's settings; `None` where no account is used.
    pub checkup: Option<Arc<dyn Checkup>>,
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    #[error("the ledger did not do what it was asked")]
    Store(#[from] StoreError),
    #[error("it is not known whose senders are meant")]
    NoProvider,
    #[error("the terminal, or a thread, cannot be had")]
    System(#[from] io::Error),
    #[error("the password cannot be hashed")]
    Hashing(#[from] Box<dyn std::error::Error + Send + Sync>),
}

impl Admin {
    /// Whether it has to know the provider account, and the sender that the environment names.
    pub fn needs_provider(&self) -> bool {
        matches!(self, Self::Senders(_) | Self::Account(_))
    }

    /// Carries the command out and prints what came of it. It fails if what it was about is not
    /// there.
    pub async fn run(&self, ports: &AdminPorts) -> Result<Exit, AdminError> {
        let (text, code) = match self {
            Self::Show { id, reveal } => show::run(ports, id, *reveal).await?,
            Self::Acts { limit } => (acts::run(ports, *limit).await?, Exit::Done),
            Self::Status => (status::run(ports).await?, Exit::Done),
            Self::Pause { reason } => (sending::pause(ports, reason).await?, Exit::Done),
            Self::Resume => (sending::resume(ports).await?, Exit::Done),
            Self::Senders(senders) => senders.run(ports).await?,
            Self::Account(account) => account.run(ports).await?,
            Self::SetWeight { name, weight } => weights::set(ports, name, *weight).await?,
            Self::Inbox(inbox) => inbox.run(ports).await?,
            Self::Consent(consent) => consent.run(ports).await?,
            Self::CreateUser { name, generate } => users::create(ports, name, *generate).await?,
            Self::Invite { note, days } => (invites::invite(ports, note, *days).await?, Exit::Done),
            Self::Invites => (invites::list(ports).await?, Exit::Done),
            Self::RevokeInvite { name } => invites::revoke(ports, name).await?,
            Self::ResetPassword { name, generate } => {
                users::reset_password(ports, name, *generate).await?
            }
            Self::EndSessions { name } => users::end_sessions(ports, name).await?,
            Self::Keys(keys) => keys.run(ports).await?,
            Self::DeleteUser { name, yes } => users::delete(ports, name, *yes).await?,
        };
        io::stdout().write_all(text.as_bytes())?;
        Ok(code)
    }
}
