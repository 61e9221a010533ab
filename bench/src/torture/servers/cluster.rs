//! A replica set and a RabbitMQ cluster.

use std::path::Path;
use std::sync::PoisonError;

use futures_util::future::try_join_all;
use lab::cluster::{BrokerCluster, Elections, MEMBERS, NODES, Network, ReplicaSet, others};
use tokio::sync::Mutex;
use tokio::time::sleep;

use crate::torture::outages::{Span, Struck, now};
use crate::torture::strike::{APIS, Harm, Strike, Victim, WORKERS};

/// The queue of the jobs, with its version.
const QUEUE: &str = "mysms.send.v1";

pub(in crate::torture) struct Clusters {
    pub(super) network: Network,
    set: ReplicaSet,
    brokers: BrokerCluster,
    /// Held by whoever does something to them: one at a time, because two would leave no majority.
    pub(super) order: Mutex<()>,
    struck: std::sync::Mutex<Vec<Struck>>,
}

impl Clusters {
    pub(super) async fn start(directory: &Path, elections: Elections) -> anyhow::Result<Self> {
        let network = Network::open();
        let set = ReplicaSet::start(&network, directory, elections);
        let (set, brokers) = tokio::try_join!(set, BrokerCluster::start(&network))?;
        Ok(Self {
            network,
            set,
            brokers,
            order: Mutex::default(),
            struck: std::sync::Mutex::default(),
        })
    }

    pub(super) fn mongo_uri(&self) -> String {
        self.set.uri("torture")
    }

    pub(super) fn amqp_url(&self) -> String {
        self.brokers.url()
    }

    /// Returns when all of them are as they were before; whoever calls has the turn.
    pub(super) async fn strike(&self, strike: &Strike) -> anyhow::Result<()> {
        let from = now();
        match strike.victim {
            Victim::Brokers => self.strike_brokers(strike).await?,
            Victim::Servers => self.kill_all(strike).await?,
            _ => self.strike_set(strike).await?,
        }
        self.network.mend_all();
        self.brokers.wait_until_whole().await?;
        self.set.wait_until_whole().await?;
        let struck = Struck {
            what: format!("{}: {}", strike.victim.kind(), strike.harm.word()),
            during: Span { from, until: now() },
        };
        let log = self.struck.lock();
        log.unwrap_or_else(PoisonError::into_inner).push(struck);
        Ok(())
    }

    pub(super) fn struck(&self) -> Vec<Struck> {
        let log = self.struck.lock();
        log.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) async fn crashes(&self) -> anyhow::Result<u32> {
        self.set.crashes().await
    }

    async fn strike_set(&self, strike: &Strike) -> anyhow::Result<()> {
        let primary = self.set.wait_for_primary().await?;
        let rest = others(primary);
        let name = MEMBERS[primary];
        match strike.harm {
            Harm::StepDown => return self.set.step_down().await,
            Harm::Kill => self.set.kill(primary).await?,
            Harm::Freeze => self.set.freeze(primary).await?,
            Harm::KillSecondaries => {
                for other in rest {
                    self.set.kill(other).await?;
                }
            }
            Harm::Cut => self.network.part(&[&[name], &rest.map(|n| MEMBERS[n])]),
            Harm::Isolate => self.part_from_all_others(&[name]),
            Harm::Minority => self.part_from_all_others(&[name, "api-1", "worker-1"]),
            other => anyhow::bail!("a replica set knows no {}", other.word()),
        }
        sleep(strike.lasts).await;
        match strike.harm {
            Harm::Kill => self.set.bring_back(primary).await,
            Harm::Freeze => self.set.thaw(primary).await,
            Harm::KillSecondaries => {
                try_join_all(rest.map(|other| self.set.bring_back(other))).await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn strike_brokers(&self, strike: &Strike) -> anyhow::Result<()> {
        let leader = self.brokers.leader(QUEUE).await?;
        if strike.harm == Harm::Kill {
            self.brokers.kill(leader).await?;
            sleep(strike.lasts).await;
            return self.brokers.bring_back(&[leader]).await;
        }
        self.part_from_all_others(&[NODES[leader]]);
        sleep(strike.lasts).await;
        Ok(())
    }

    async fn kill_all(&self, strike: &Strike) -> anyhow::Result<()> {
        let all = [0, 1, 2];
        try_join_all(all.map(|n| self.set.kill(n))).await?;
        try_join_all(all.map(|n| self.brokers.kill(n))).await?;
        sleep(strike.lasts).await;
        let set = try_join_all(all.map(|n| self.set.bring_back(n)));
        tokio::try_join!(set, self.brokers.bring_back(&all))?;
        Ok(())
    }

    /// Lets these processes hear each other, and nobody else hear them.
    fn part_from_all_others(&self, these: &[&str]) {
        let apis = (1..=APIS).map(|n| format!("api-{n}"));
        let workers = (1..=WORKERS).map(|n| format!("worker-{n}"));
        let processes: Vec<String> = apis.chain(workers).collect();
        let everybody = processes.iter().map(String::as_str);
        let everybody = everybody.chain(MEMBERS).chain(NODES);
        let rest: Vec<&str> = everybody.filter(|name| !these.contains(name)).collect();
        self.network.part(&[these, &rest]);
    }
}
