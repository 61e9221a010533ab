//! A MongoDB replica set of three.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::future::try_join_all;
use mongodb::Client;
use mongodb::bson::{Bson, Document, doc, oid::ObjectId};
use mongodb::options::ClientOptions;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use super::wire::{Server, Wire};
use super::{MEMBERS, Network, SERVERS, others};
use crate::mongod::{direct, start_mongod};
use crate::waiting::PAUSE;
use crate::{PATIENCE, Service, free_port, until};

const NAME: &str = "lab";

/// How long a member may take to say what it is.
const ANSWER: Duration = Duration::from_secs(2);

/// For how long a primary that stepped down does not stand again.
const STEPPED_DOWN: Duration = Duration::from_secs(20);

/// When a member stands for election, and how long it then waits for what the others have.
#[derive(Debug, Clone, Copy)]
pub struct Elections {
    /// How long no primary must have been heard of.
    pub after: Duration,
    /// How long a new primary looks for what it lacks; as MongoDB has it if `None`.
    pub catch_up: Option<Duration>,
}

impl Elections {
    /// As MongoDB has them unless it is told otherwise.
    pub fn usual() -> Self {
        Self {
            after: Duration::from_secs(10),
            catch_up: None,
        }
    }

    /// As they suit members that are near each other.
    pub fn quick() -> Self {
        Self {
            after: Duration::from_secs(3),
            catch_up: Some(Duration::from_secs(2)),
        }
    }

    /// None by themselves, so that whoever is primary remains so, whatever is cut off or killed.
    pub fn only_when_asked() -> Self {
        Self {
            after: Duration::from_hours(24),
            ..Self::quick()
        }
    }
}

/// A replica set; dropped, it is ended.
pub struct ReplicaSet {
    members: Vec<Member>,
    network: Network,
}

struct Member {
    service: Mutex<Service>,
    wire: Wire,
    /// Asks this member, whatever it is, past its wire.
    admin: Client,
}

impl ReplicaSet {
    /// Starts one whose data and logs are under `directory`; returns when its first member is the
    /// primary and the others have all that it has.
    pub async fn start(
        network: &Network,
        directory: &Path,
        elections: Elections,
    ) -> anyhow::Result<Self> {
        let members = MEMBERS.map(|name| Member::start(network, directory, name));
        let set = Self {
            members: try_join_all(members).await?,
            network: network.clone(),
        };
        for member in &set.members {
            member.service.lock().await.wait_until_ready().await?;
        }
        set.initiate(elections).await?;
        set.step_up(0).await?;
        set.wait_until_whole().await?;
        Ok(set)
    }

    /// Where clients find one of its databases.
    pub fn uri(&self, database: &str) -> String {
        let wires = self.members.iter().map(|member| member.wire.port());
        let wires: Vec<_> = wires.map(|port| format!("127.0.0.1:{port}")).collect();
        format!("mongodb://{}/{database}?replicaSet={NAME}", wires.join(","))
    }

    /// The primary; of several that believe to be it, the one that was elected last.
    pub async fn primary(&self) -> anyhow::Result<usize> {
        let mut newest: Option<(ObjectId, usize)> = None;
        for (n, member) in self.members.iter().enumerate() {
            // One that does not answer is none at the moment.
            let Ok(hello) = member.ask(doc! {"hello": 1}).await else {
                continue;
            };
            let elected = hello.get_object_id("electionId");
            if is(&hello, "isWritablePrimary")
                && let Ok(elected) = elected
                && newest.is_none_or(|(other, _)| other < elected)
            {
                newest = Some((elected, n));
            }
        }
        let (_, primary) = newest.context("the replica set has no primary")?;
        Ok(primary)
    }

    /// Waits until one is elected.
    pub async fn wait_for_primary(&self) -> anyhow::Result<usize> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.primary().await {
                Err(_) if Instant::now() < deadline => sleep(PAUSE).await,
                primary => return primary,
            }
        }
    }

    /// Waits until there is one primary, and two secondaries that have what it has.
    pub async fn wait_until_whole(&self) -> anyhow::Result<()> {
        until("the replica set is whole", || self.is_whole()).await
    }

    /// Lets a member be elected, whoever is primary now.
    pub async fn step_up(&self, member: usize) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let candidate = &self.members[member];
        while !candidate.is_primary().await {
            // It is refused while it has not enough votes or not enough of what the others have.
            let refused = candidate.ask(doc! {"replSetStepUp": 1}).await.err();
            let name = MEMBERS[member];
            anyhow::ensure!(
                Instant::now() < deadline,
                "{name} is not elected: {refused:?}"
            );
            sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Lets the primary hand over to a member that has all that it has.
    pub async fn step_down(&self) -> anyhow::Result<()> {
        let primary = self.wait_for_primary().await?;
        let seconds = i64::try_from(STEPPED_DOWN.as_secs())?;
        let command = doc! {"replSetStepDown": seconds, "secondaryCatchUpPeriodSecs": 10};
        let admin = self.members[primary].admin.database("admin");
        admin.run_command(command).await?;
        Ok(())
    }

    /// Ends a member at once; it stays away until it is brought back.
    pub async fn kill(&self, member: usize) -> anyhow::Result<()> {
        let mut service = self.members[member].service.lock().await;
        service.kill()?;
        self.network.note_death(MEMBERS[member]);
        Ok(())
    }

    /// Starts a member that was killed; returns when it answers.
    pub async fn bring_back(&self, member: usize) -> anyhow::Result<()> {
        let mut service = self.members[member].service.lock().await;
        service.bring_back().await
    }

    /// Makes a member stand still.
    pub async fn freeze(&self, member: usize) -> anyhow::Result<()> {
        self.members[member].service.lock().await.freeze()
    }

    pub async fn thaw(&self, member: usize) -> anyhow::Result<()> {
        self.members[member].service.lock().await.thaw()
    }

    /// How many of its processes ended although nobody ended them.
    pub async fn crashes(&self) -> anyhow::Result<u32> {
        let mut crashes = 0;
        for member in &self.members {
            let mut service = member.service.lock().await;
            service.revive().await?;
            crashes += service.ended_by_itself();
        }
        Ok(crashes)
    }

    async fn initiate(&self, elections: Elections) -> anyhow::Result<()> {
        let members = self.members.iter().zip(0..);
        let members: Vec<_> = members
            .map(|(member, id)| {
                let host = format!("127.0.0.1:{}", member.wire.port());
                Bson::from(doc! {"_id": id, "host": host})
            })
            .collect();
        let mut settings = doc! {"electionTimeoutMillis": ms(elections.after)?};
        if let Some(catch_up) = elections.catch_up {
            settings.insert("catchUpTimeoutMillis", ms(catch_up)?);
        }
        let config = doc! {"_id": NAME, "members": members, "settings": settings};
        let admin = self.members[0].admin.database("admin");
        admin.run_command(doc! {"replSetInitiate": config}).await?;
        Ok(())
    }

    async fn is_whole(&self) -> bool {
        let Ok(primary) = self.primary().await else {
            return false;
        };
        for other in others(primary) {
            let hello = self.members[other].ask(doc! {"hello": 1}).await;
            if !hello.is_ok_and(|hello| is(&hello, "secondary")) {
                return false;
            }
        }
        // It is acknowledged once all of them have all that came before.
        let note = doc! {
            "appendOplogNote": 1,
            "data": {"lab": "whole"},
            "writeConcern": {"w": i32::try_from(SERVERS).unwrap_or(i32::MAX), "wtimeout": 1_000},
        };
        let noted = self.members[primary].ask(note).await;
        noted.is_ok_and(|noted| !noted.contains_key("writeConcernError"))
    }
}

impl Member {
    async fn start(network: &Network, directory: &Path, name: &str) -> anyhow::Result<Self> {
        let port = free_port()?;
        let service = start_mongod(directory, name, port, &["--replSet", NAME]).await?;
        network.register(name, service.whereabouts());
        let server = Server {
            name: name.to_owned(),
            port,
        };
        let mut options = ClientOptions::parse(direct(port)).await?;
        options.server_selection_timeout = Some(ANSWER);
        Ok(Self {
            service: Mutex::new(service),
            wire: Wire::lay(network, vec![server]).await?,
            admin: Client::with_options(options)?,
        })
    }

    async fn ask(&self, command: Document) -> anyhow::Result<Document> {
        let admin = self.admin.database("admin");
        Ok(timeout(ANSWER, admin.run_command(command)).await??)
    }

    async fn is_primary(&self) -> bool {
        let hello = self.ask(doc! {"hello": 1}).await;
        hello.is_ok_and(|hello| is(&hello, "isWritablePrimary"))
    }
}

fn is(hello: &Document, what: &str) -> bool {
    hello.get_bool(what).unwrap_or(false)
}

fn ms(duration: Duration) -> anyhow::Result<i64> {
    Ok(i64::try_from(duration.as_millis())?)
}
