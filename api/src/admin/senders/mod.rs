//! From where texts leave.

mod attributes;
mod drain;
mod edit;
mod list;
mod remove;
mod resume;

use std::sync::Arc;

use clap::Subcommand;
use mysms_core::domain::{Country, Registry, SenderAddress};
use mysms_core::pace::SenderWatch;
use runtime::config::{Env, ProviderConfig, Recipients, RecipientsConfig, Simulator};
use runtime::exit::Exit;

use self::attributes::Attributes;
use super::{AdminError, AdminPorts};

/// What is done with the senders of the provider's account.
#[derive(Debug, Subcommand)]
pub enum Senders {
    /// The senders, how fast each is, what waits for it, and what keeps it waiting
    List,
    /// Add a sender; what is not said is as usual for its kind
    ///
    /// Beside others each sender has a rate, also the one of the environment, and texts wait for their
    /// turn: an operator should know the rates that carriers allow them.
    Add {
        /// A phone number, a short code, a name of at most 11 letters and digits, or the SID of a
        /// Messaging Service
        #[arg(value_parser = SenderAddress::parse)]
        address: SenderAddress,
        #[command(flatten)]
        attributes: Attributes,
    },
    /// Change a sender, also the one of the environment; what is not said stays as it is
    Set {
        #[arg(value_parser = SenderAddress::parse)]
        address: SenderAddress,
        #[command(flatten)]
        attributes: Attributes,
    },
    /// Let a sender take no new texts, and move what waits for it to others
    ///
    /// What a worker has taken already still leaves from it, and so does what has nowhere else to go. It may
    /// be repeated: API processes learn of it within two seconds, and what they accept meanwhile waits too.
    Drain {
        #[arg(value_parser = SenderAddress::parse)]
        address: SenderAddress,
        /// Where all of it is moved; otherwise each text's sender is chosen as for a new one
        #[arg(long, value_name = "ADDRESS", value_parser = SenderAddress::parse)]
        to: Option<SenderAddress>,
    },
    /// Try a sender again that the provider or a carrier is the reason of a pause of
    Resume {
        #[arg(value_parser = SenderAddress::parse)]
        address: SenderAddress,
    },
    /// Remove a sender that was drained
    Remove {
        #[arg(value_parser = SenderAddress::parse)]
        address: SenderAddress,
    },
}

/// The provider account whose senders are meant, and the sender that the environment names.
#[derive(Debug, Clone)]
pub struct Home {
    pub account: String,
    pub environment: SenderAddress,
    /// The countries whose numbers may get texts; `None` if all may.
    pub countries: Option<Vec<Country>>,
}

impl Home {
    pub fn new(provider: &ProviderConfig, recipients: &Recipients) -> Self {
        Self {
            account: provider.account.clone(),
            environment: SenderAddress::known(provider.sender.as_str()),
            countries: recipients.countries().map(<[Country]>::to_vec),
        }
    }

    /// Reads it from the environment, with the provider that it is of.
    pub fn read(env: &mut Env, simulator: Simulator) -> Option<(ProviderConfig, Self)> {
        let provider = ProviderConfig::read(env, simulator);
        let recipients = RecipientsConfig::read(env, provider.as_ref());
        let (provider, recipients) = (provider?, recipients?);
        let home = Self::new(&provider, &recipients.allowed);
        Some((provider, home))
    }

    pub(super) async fn registry(&self, ports: &AdminPorts) -> Result<Arc<Registry>, AdminError> {
        let records = Arc::clone(&ports.stores.records);
        let senders = SenderWatch::new(records, &self.account, self.environment.clone());
        Ok(senders.look().await?)
    }
}

type Outcome = Result<(String, Exit), AdminError>;

impl Senders {
    pub(super) async fn run(&self, ports: &AdminPorts) -> Outcome {
        let home = ports.home.as_ref().ok_or(AdminError::NoProvider)?;
        let desk = Desk { ports, home };
        match self {
            Self::List => Ok((list::run(desk).await?, Exit::Done)),
            Self::Add {
                address,
                attributes,
            } => edit::add(desk, address, attributes).await,
            Self::Set {
                address,
                attributes,
            } => edit::set(desk, address, attributes).await,
            Self::Drain { address, to } => drain::run(desk, address, to.as_ref()).await,
            Self::Resume { address } => resume::run(desk, address).await,
            Self::Remove { address } => remove::run(desk, address).await,
        }
    }
}

/// Where an operator looks after senders.
#[derive(Clone, Copy)]
struct Desk<'a> {
    ports: &'a AdminPorts,
    home: &'a Home,
}

impl Desk<'_> {
    async fn registry(self) -> Result<Arc<Registry>, AdminError> {
        self.home.registry(self.ports).await
    }
}

fn failed(text: String) -> (String, Exit) {
    (text + "\n", Exit::Failed)
}

fn unknown(address: &SenderAddress) -> (String, Exit) {
    failed(format!("There is no sender {address}."))
}

#[cfg(test)]
mod tests;
