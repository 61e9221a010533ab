//! What is done to whom, and when.

use std::fmt;
use std::time::Duration;

use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use serde::Serialize;

mod cluster;

use super::senders::SENDERS;
use super::setting::{
    AWAY_MS, SERVER_FROZEN_MS, SIMULATOR_FROZEN_MS, STRANDED_MS, WORKER_FROZEN_MS,
};

/// How many APIs and workers there are.
pub(super) const APIS: usize = 2;
pub(super) const WORKERS: usize = 3;

/// A process that is harmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Victim {
    Api(usize),
    Worker(usize),
    Simulator,
    Database,
    Broker,
    /// In a cluster: a member of the replica set, or several.
    ReplicaSet,
    /// A node of the RabbitMQ cluster.
    Brokers,
    /// All of both.
    Servers,
    /// No process, but what texts leave from.
    Sender(usize),
}

/// How it is harmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Harm {
    /// `kill -9`, away for the time, then started again.
    Kill,
    /// Stands still for the time.
    Freeze,
    /// SIGTERM, then started again. The broker comes back empty.
    Restart,
    /// A worker stands still while its claims are on the way, until others have taken its messages
    /// over.
    Strand,
    /// The primary hands over.
    StepDown,
    /// Both secondaries are ended, away for the time, then started again.
    KillSecondaries,
    /// No other member hears the primary, which all clients go on to hear.
    Cut,
    /// Nobody hears the primary.
    Isolate,
    /// Only an API and a worker hear the primary, and nobody else do they hear.
    Minority,
    /// Nobody hears a node.
    Silence,
    /// An operator moves what waits for a sender to others, which get what is new for the time.
    Drain,
    /// An operator gives a sender a rate that is too low for the time.
    Slow,
}

/// One harm in the script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Strike {
    /// It happens once so many texts were accepted.
    pub at: usize,
    pub victim: Victim,
    pub harm: Harm,
    pub lasts: Duration,
}

/// Every victim at least once, workers most often, spread over the whole run.
pub(super) fn strikes(rng: &mut StdRng, texts: usize) -> Vec<Strike> {
    let servers = [Victim::Database, Victim::Broker];
    strike(rng, texts, count(texts), &servers, any_harm)
}

/// The same where there are clusters, which are harmed one after the other.
pub(super) fn cluster_strikes(rng: &mut StdRng, texts: usize) -> Vec<Strike> {
    let count = count(texts) * 2 / 3;
    let mut strikes = strike(rng, texts, count, &[], any_harm_to_a_process);
    strikes.extend(cluster::strikes(rng, texts));
    strikes.sort_by_key(|strike| strike.at);
    strikes
}

fn strike(
    rng: &mut StdRng,
    texts: usize,
    count: usize,
    servers: &[Victim],
    any_harm: fn(&mut StdRng) -> (Victim, Harm),
) -> Vec<Strike> {
    let everyone: Vec<Victim> = (0..APIS)
        .map(Victim::Api)
        .chain((0..WORKERS).map(Victim::Worker))
        .chain([Victim::Simulator])
        .chain(servers.iter().copied())
        .collect();
    let mut harms: Vec<(Victim, Harm)> = Vec::new();
    for victim in &everyone {
        harms.push((
            *victim,
            *[Harm::Kill, Harm::Freeze]
                .choose(rng)
                .unwrap_or(&Harm::Kill),
        ));
    }
    harms.push((worker(rng), Harm::Strand));
    let more = count.saturating_sub(harms.len());
    harms.extend((0..more).map(|_| any_harm(rng)));
    harms.shuffle(rng);
    let mut strikes = spread(rng, texts, harms, lasts);
    strikes.sort_by_key(|strike| strike.at);
    strikes
}

/// Each in its own part of the run, so that none of them is without a strike.
pub(super) fn spread(
    rng: &mut StdRng,
    texts: usize,
    harms: Vec<(Victim, Harm)>,
    lasts: fn(&mut StdRng, Victim, Harm) -> Duration,
) -> Vec<Strike> {
    let all = harms.len();
    let harms = harms.into_iter().enumerate();
    let strikes = harms.map(|(n, (victim, harm))| Strike {
        at: (texts * n + rng.random_range(0..texts.max(1))) / all,
        victim,
        harm,
        lasts: lasts(rng, victim, harm),
    });
    strikes.collect()
}

/// How many strikes a run of so many texts has.
pub(super) fn count(texts: usize) -> usize {
    10 + texts / 80
}

fn any_harm(rng: &mut StdRng) -> (Victim, Harm) {
    let victim = match rng.random_range(0..100) {
        0..48 => worker(rng),
        48..70 => Victim::Api(rng.random_range(0..APIS)),
        70..82 => Victim::Simulator,
        82..94 => Victim::Database,
        _ => Victim::Broker,
    };
    let harm = match (victim, rng.random_range(0..100)) {
        (Victim::Worker(_), 0..45) => Harm::Strand,
        (_, 0..65) => Harm::Kill,
        (_, 65..85) => Harm::Freeze,
        _ => Harm::Restart,
    };
    (victim, harm)
}

fn any_harm_to_a_process(rng: &mut StdRng) -> (Victim, Harm) {
    loop {
        let (victim, harm) = any_harm(rng);
        if !matches!(victim, Victim::Database | Victim::Broker) {
            return (victim, harm);
        }
    }
}

fn worker(rng: &mut StdRng) -> Victim {
    Victim::Worker(rng.random_range(0..WORKERS))
}

fn lasts(rng: &mut StdRng, victim: Victim, harm: Harm) -> Duration {
    let ms = match (harm, victim) {
        (Harm::Kill, _) => AWAY_MS,
        (Harm::Restart, _) => 0..=0,
        (Harm::Strand, _) => STRANDED_MS,
        (Harm::Freeze, Victim::Worker(_)) => WORKER_FROZEN_MS,
        (Harm::Freeze, Victim::Simulator) => SIMULATOR_FROZEN_MS,
        _ => SERVER_FROZEN_MS,
    };
    Duration::from_millis(rng.random_range(ms))
}

impl Strike {
    /// Whether it falls on a cluster.
    pub(super) fn is_on_a_cluster(&self) -> bool {
        let victim = self.victim;
        matches!(
            victim,
            Victim::ReplicaSet | Victim::Brokers | Victim::Servers
        )
    }
}

impl Victim {
    /// Its kind, under which harms are counted.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Api(_) => "api",
            Self::Worker(_) => "worker",
            Self::Simulator => "simulator",
            Self::Database => "database",
            Self::Broker => "broker",
            Self::ReplicaSet => "replica set",
            Self::Brokers => "rabbitmq",
            Self::Servers => "servers",
            Self::Sender(_) => "senders",
        }
    }
}

impl Harm {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Freeze => "freeze",
            Self::Restart => "restart",
            Self::Strand => "strand",
            Self::StepDown => "step down",
            Self::KillSecondaries => "kill secondaries",
            Self::Cut => "cut",
            Self::Isolate => "isolate",
            Self::Minority => "minority",
            Self::Silence => "silence",
            Self::Drain => "drain",
            Self::Slow => "slow",
        }
    }
}

impl fmt::Display for Victim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(n) => write!(f, "api-{}", n + 1),
            Self::Worker(n) => write!(f, "worker-{}", n + 1),
            Self::Sender(n) => f.write_str(SENDERS[*n].address),
            _ => f.write_str(self.kind()),
        }
    }
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.harm.word(), self.victim)?;
        match self.harm {
            Harm::Restart | Harm::StepDown => Ok(()),
            _ => write!(f, " for {:.1} s", self.lasts.as_secs_f64()),
        }
    }
}
