//! A MongoDB and a RabbitMQ.

use std::path::Path;

use lab::{Broker, Mongod};
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::sleep;

use crate::torture::field::harm;
use crate::torture::strike::{Harm, Strike, Victim};

pub(in crate::torture) struct Single {
    database: Mutex<Mongod>,
    broker: Mutex<Broker>,
    server: String,
}

impl Single {
    pub(super) async fn start(directory: &Path) -> anyhow::Result<Self> {
        let (broker, database) = tokio::try_join!(Broker::start(), Mongod::start_in(directory))?;
        Ok(Self {
            server: database.uri(),
            database: Mutex::new(database),
            broker: Mutex::new(broker),
        })
    }

    pub(super) fn mongo_uri(&self) -> String {
        format!("{}/torture", self.server)
    }

    pub(super) async fn amqp_url(&self) -> String {
        self.broker.lock().await.url()
    }

    pub(super) async fn strike(&self, strike: &Strike) -> anyhow::Result<()> {
        match strike.victim {
            Victim::Broker => self.strike_broker(strike).await,
            _ => harm(&mut **self.database().await?, strike).await,
        }
    }

    pub(super) async fn database(&self) -> anyhow::Result<MutexGuard<'_, Mongod>> {
        let mut database = self.database.lock().await;
        database.revive().await?;
        Ok(database)
    }

    pub(super) async fn crashes(&self) -> anyhow::Result<u32> {
        Ok(self.database().await?.ended_by_itself())
    }

    async fn strike_broker(&self, strike: &Strike) -> anyhow::Result<()> {
        let broker = self.broker.lock().await;
        match strike.harm {
            Harm::Freeze => {
                broker.freeze().await?;
                sleep(strike.lasts).await;
                broker.thaw().await
            }
            Harm::Kill => {
                broker.kill().await?;
                sleep(strike.lasts).await;
                broker.revive().await
            }
            _ => broker.replace().await,
        }
    }
}
