use migrations::migrate;
use mongodb::Database;
use shared::config::MongoConfig;
use shared::domain::Timestamp;
use shared::store::mongo::Mongo;
use uuid::Uuid;

use super::uri::mongo_uri;

/// Connections of one adapter: more than the tasks of any race.
const POOL: u32 = 32;

/// A database of a test's own, with the schema that the migrations make.
pub(crate) struct Scratch {
    config: MongoConfig,
}

impl Scratch {
    /// On the server that `MONGO_URI` names, or the one that `make services` starts.
    pub(crate) async fn new() -> Self {
        Self::on(&mongo_uri()).await
    }

    /// On the server at `uri`.
    pub(crate) async fn on(uri: &str) -> Self {
        let config = MongoConfig {
            uri: uri.into(),
            database: format!("mysms_test_{}", Uuid::new_v4().simple()),
        };
        let scratch = Self { config };
        let mongo = scratch.connect().await;
        migrate(mongo.database(), Timestamp::EPOCH).await.unwrap();
        scratch
    }

    /// Another one on the same server.
    pub(crate) async fn another(&self) -> Self {
        use secrecy::ExposeSecret;
        Self::on(self.config.uri.expose_secret()).await
    }

    pub(crate) async fn connect(&self) -> Mongo {
        match Mongo::connect(&self.config, POOL).await {
            Ok(mongo) => mongo,
            Err(error) => panic!("run `make services`, which starts a MongoDB: {error:?}"),
        }
    }

    /// The database as any client sees it.
    pub(crate) async fn database(&self) -> Database {
        self.connect().await.database().clone()
    }

    pub(crate) async fn remove(&self) {
        self.database().await.drop().await.unwrap();
    }
}
