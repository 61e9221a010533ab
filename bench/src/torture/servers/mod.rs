//! The database and the broker under torture: one of each, or a cluster of each.

mod cluster;
mod single;

use std::path::Path;

use lab::cluster::{Elections, MEMBERS, Network};
use lab::{Mongod, Whereabouts};
use tokio::sync::MutexGuard;

use self::cluster::Clusters;
use self::single::Single;
use super::outages::Struck;
use super::strike::Strike;

pub(super) enum Servers {
    Single(Box<Single>),
    Clusters(Box<Clusters>),
}

/// Leave to harm the servers, which clusters give to one strike after the other.
pub(super) struct Turn<'a> {
    _order: Option<MutexGuard<'a, ()>>,
}

/// The database is silent for a worker.
pub(super) enum Hush<'a> {
    Single(MutexGuard<'a, Mongod>),
    Clusters {
        network: &'a Network,
        worker: String,
        /// No strike opens the links meanwhile.
        _order: MutexGuard<'a, ()>,
    },
}

impl Servers {
    /// Starts them; clusters if there is something to say of their elections.
    pub(super) async fn start(
        directory: &Path,
        elections: Option<Elections>,
    ) -> anyhow::Result<Self> {
        Ok(match elections {
            None => Self::Single(Single::start(directory).await?.into()),
            Some(elections) => Self::Clusters(Clusters::start(directory, elections).await?.into()),
        })
    }

    /// Where the ledger is.
    pub(super) fn mongo_uri(&self) -> String {
        match self {
            Self::Single(single) => single.mongo_uri(),
            Self::Clusters(clusters) => clusters.mongo_uri(),
        }
    }

    pub(super) async fn amqp_url(&self) -> String {
        match self {
            Self::Single(single) => single.amqp_url().await,
            Self::Clusters(clusters) => clusters.amqp_url(),
        }
    }

    /// Makes a process known whose links can be cut.
    pub(super) fn register(&self, name: &str, whereabouts: Whereabouts) {
        if let Self::Clusters(clusters) = self {
            clusters.network.register(name, whereabouts);
        }
    }

    /// Waits until the servers may be harmed.
    pub(super) async fn turn(&self) -> Turn<'_> {
        let order = match self {
            Self::Single(_) => None,
            Self::Clusters(clusters) => Some(clusters.order.lock().await),
        };
        Turn { _order: order }
    }

    pub(super) async fn strike(&self, strike: &Strike, _turn: Turn<'_>) -> anyhow::Result<()> {
        match self {
            Self::Single(single) => single.strike(strike).await,
            Self::Clusters(clusters) => clusters.strike(strike).await,
        }
    }

    /// What clusters went through, and when.
    pub(super) fn struck(&self) -> Vec<Struck> {
        match self {
            Self::Single(_) => Vec::new(),
            Self::Clusters(clusters) => clusters.struck(),
        }
    }

    /// How many processes ended although nobody ended them.
    pub(super) async fn crashes(&self) -> anyhow::Result<u32> {
        match self {
            Self::Single(single) => single.crashes().await,
            Self::Clusters(clusters) => clusters.crashes().await,
        }
    }

    /// Keeps anything else from being done to the database, so that it can be silenced.
    pub(super) async fn approach(&self, worker: String) -> anyhow::Result<Hush<'_>> {
        match self {
            Self::Single(single) => Ok(Hush::Single(single.database().await?)),
            Self::Clusters(clusters) => Ok(Hush::Clusters {
                network: &clusters.network,
                worker,
                _order: clusters.order.lock().await,
            }),
        }
    }
}

impl Hush<'_> {
    pub(super) fn begin(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Single(database) => database.freeze()?,
            Self::Clusters {
                network, worker, ..
            } => network.silence(worker, MEMBERS),
        }
        Ok(())
    }

    pub(super) fn end(mut self) -> anyhow::Result<()> {
        match &mut self {
            Self::Single(database) => database.thaw()?,
            Self::Clusters {
                network, worker, ..
            } => network.mend(worker, MEMBERS),
        }
        Ok(())
    }
}
