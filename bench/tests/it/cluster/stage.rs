//! A replica set, and in front of it the APIs of one case after the other.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use bench::messenger::{InboundText, Messenger};
use lab::cluster::{Elections, MEMBERS, Network, ReplicaSet, others};
use lab::{Account, PATIENCE, Programs, Service, free_port, http};
use mongodb::bson::doc;
use mongodb::options::ReadConcern;
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use tokio::time::{Instant, sleep};

/// Variables of an API's environment.
pub(super) type Setting = &'static [(&'static str, &'static str)];

/// Nobody listens there: what is tried here needs neither a queue nor a provider.
const NOWHERE: &str = "127.0.0.1:9";

/// What the provider believes to be the API's address.
const PUBLIC: &str = "http://sms.example.com";

/// Between two questions whether something has come about.
const PAUSE: Duration = Duration::from_millis(100);

/// The servers of all cases. No member is elected but when a case asks for it.
pub(super) struct Stage {
    network: Network,
    set: ReplicaSet,
    programs: Programs,
    directory: PathBuf,
}

/// One case: APIs over a database of their own, and a user.
pub(super) struct Scene {
    pub(super) name: &'static str,
    pub(super) account: Account,
    http: Client,
    apis: Vec<Service>,
    bases: Vec<String>,
    uri: String,
}

/// What somebody was told to have been done.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// The statuses, in their order.
    pub(super) statuses: Vec<StatusCode>,
    /// Ids of texts that were accepted or shown.
    pub(super) texts: Vec<String>,
    /// SIDs of texts to us that the provider need not tell again.
    pub(super) received: Vec<String>,
    /// The user's token has ended.
    pub(super) ended: bool,
}

impl Stage {
    pub(super) async fn start() -> anyhow::Result<Self> {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cluster");
        if directory.exists() {
            std::fs::remove_dir_all(&directory)?;
        }
        std::fs::create_dir_all(&directory)?;
        let network = Network::open();
        Ok(Self {
            set: ReplicaSet::start(&network, &directory, Elections::only_when_asked()).await?,
            network,
            programs: Programs::beside(env!("CARGO_BIN_EXE_torture"))?,
            directory,
        })
    }

    /// Starts the APIs of a case, and signs a user up.
    pub(super) async fn scene(
        &self,
        name: &'static str,
        settings: &[Setting],
    ) -> anyhow::Result<Scene> {
        let uri = self.set.uri(name);
        self.messenger(&uri, &[]).migrate().await?;
        let (mut apis, mut bases) = (Vec::new(), Vec::new());
        for (setting, number) in settings.iter().zip(1..) {
            let port = free_port()?;
            let mut api = self
                .messenger(&uri, setting)
                .api(format!("{name}-{number}"), port)?;
            api.wait_until_ready().await?;
            apis.push(api);
            bases.push(format!("http://127.0.0.1:{port}"));
        }
        let http = http(Duration::from_secs(10))?;
        Ok(Scene {
            name,
            account: Account::sign_up(http.clone(), &bases[0], "john_doe").await?,
            http,
            apis,
            bases,
            uri,
        })
    }

    fn messenger(&self, uri: &str, setting: Setting) -> Messenger {
        let own = [
            ("RUST_LOG", "info".to_owned()),
            ("SMS_PROVIDER", "simulator".to_owned()),
            (
                "JWT_SECRET_KEY",
                "a secret that only this test knows, of enough bytes".to_owned(),
            ),
            ("MONGO_URI", uri.to_owned()),
            ("AMQP_URL", format!("amqp://{NOWHERE}/%2f")),
            ("TWILIO_API_BASE_URL", format!("http://{NOWHERE}")),
            ("PUBLIC_BASE_URL", PUBLIC.to_owned()),
        ];
        let setting = setting
            .iter()
            .map(|&(name, value)| (name, value.to_owned()));
        Messenger::new(
            &self.programs,
            &self.directory,
            own.into_iter().chain(setting),
        )
    }

    /// Lets no other member hear the primary, which all clients go on to hear.
    pub(super) async fn cut_the_primary_off(&self) -> anyhow::Result<()> {
        let primary = self.set.primary().await?;
        let rest = others(primary).map(|other| MEMBERS[other]);
        self.network.part(&[&[MEMBERS[primary]], &rest]);
        Ok(())
    }

    /// Kills both secondaries, which no election follows.
    pub(super) async fn kill_the_secondaries(&self) -> anyhow::Result<()> {
        for other in others(self.set.primary().await?) {
            self.set.kill(other).await?;
        }
        Ok(())
    }

    /// Kills the primary, lets another member take its place, and brings all of them back.
    pub(super) async fn lose_the_primary(&self) -> anyhow::Result<()> {
        let primary = self.set.primary().await?;
        self.set.kill(primary).await?;
        self.network.mend_all();
        for other in others(primary) {
            self.set.bring_back(other).await?;
        }
        self.set.step_up(others(primary)[0]).await?;
        self.set.bring_back(primary).await?;
        self.set.wait_until_whole().await
    }
}

impl Scene {
    pub(super) fn first(&self) -> &str {
        &self.bases[0]
    }

    pub(super) fn second(&self) -> &str {
        &self.bases[1]
    }

    /// Tells the first API of a text to us, once.
    pub(super) async fn tell(&self, text: &InboundText) -> anyhow::Result<StatusCode> {
        Ok(text.tell(&self.http, self.first(), PUBLIC).await?)
    }

    /// Which answers are not true, now that the primary which they came from is lost.
    pub(super) async fn untrue(mut self, answers: &Answers) -> anyhow::Result<Vec<String>> {
        // What the processes have in memory is not what was promised.
        for api in &mut self.apis {
            api.kill_for(Duration::ZERO).await?;
        }
        let mut untrue = Vec::new();
        for id in &answers.texts {
            if !self
                .has(doc! {"_id": id.parse::<mongodb::bson::Uuid>()?})
                .await?
            {
                untrue.push(format!("the text {id} is gone"));
            }
        }
        for sid in &answers.received {
            if !self.has(doc! {"provider.sid": sid}).await? {
                untrue.push(format!("the received text {sid} is gone"));
            }
        }
        if answers.ended {
            for base in &self.bases {
                if !self.is_refused(base).await? {
                    untrue.push(format!("the token that ended is good at {base}"));
                }
            }
        }
        Ok(untrue)
    }

    async fn has(&self, message: mongodb::bson::Document) -> anyhow::Result<bool> {
        let client = mongodb::Client::with_uri_str(&self.uri).await?;
        let database = client.default_database().context("a URI with a database")?;
        let messages = database.collection::<mongodb::bson::Document>("messages");
        let found = messages
            .find_one(message)
            .read_concern(ReadConcern::majority());
        Ok(found.await?.is_some())
    }

    /// Whether the user's token comes to be refused, for which an API has some seconds.
    async fn is_refused(&self, base: &str) -> anyhow::Result<bool> {
        let deadline = Instant::now() + PATIENCE;
        let mut good = 0;
        while Instant::now() < deadline && good < 60 {
            let request = self.account.request(Method::GET, base, "/me");
            match request.send().await?.status() {
                StatusCode::UNAUTHORIZED => return Ok(true),
                StatusCode::OK => good += 1,
                _ => {}
            }
            sleep(PAUSE).await;
        }
        Ok(false)
    }
}

impl Answers {
    pub(super) fn note_text(&mut self, status: StatusCode, body: &Value) {
        self.statuses.push(status);
        if status.is_success() {
            self.texts.extend(body["id"].as_str().map(str::to_owned));
        }
    }
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let statuses: Vec<_> = self.statuses.iter().map(StatusCode::as_str).collect();
        f.write_str(&statuses.join(", "))
    }
}
